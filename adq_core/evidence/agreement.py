"""How well one probe ranks the strategies like another one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.records import Floats
from adq_core.strategies import BASELINE

from .protocol import Evidence
from .statistics import CONFIDENCE

RESAMPLES = 2000
MIN_STRATEGIES = 4


class RankAgreement(NamedTuple):
    """Spearman's rank correlation of two probes over the strategies that both have measured."""

    spearman: float  # of the mean differences to balanced random, which is one of the strategies
    low: float  # 95 % interval over other draws: the seeds of both probes are drawn anew, with replacement
    high: float
    strategies: tuple[str, ...]


def rank_agreement(first: Evidence, second: Evidence, keep_ratio: float) -> RankAgreement | None:
    """Return how well two probes agree about the order of the strategies at a keep ratio that both have measured.

    None with fewer than four common strategies or two seeds. How it misleads: both probes see the same subsets, and
    strategies that are equal in truth are ordered by chance, so the correlation is low where all are alike. The
    interval does not contain the chance of the test images. Reference: Efron 1979, bootstrap percentile interval.
    """
    names = tuple(name for name in first.strategies if name in second.strategies)
    samples = [_differences(one, names, keep_ratio) for one in (first, second)]
    if len(names) < MIN_STRATEGIES or min(d.shape[1] for d in samples) < 2:
        return None
    rng = np.random.default_rng(0)
    drawn = [
        _spearman(*(d[:, rng.integers(0, d.shape[1], d.shape[1])].mean(axis=1) for d in samples))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return RankAgreement(_spearman(*(d.mean(axis=1) for d in samples)), float(low), float(high), names)


def _differences(evidence: Evidence, names: tuple[str, ...], keep_ratio: float) -> Floats:
    """Return the paired differences of these strategies to balanced random, (S, N)."""
    accuracy = evidence.accuracy[:, evidence.keep_ratios.index(keep_ratio)]
    accuracy = accuracy[:, np.isfinite(accuracy).all(axis=0)]
    return np.asarray(
        accuracy[[evidence.strategies.index(name) for name in names]] - accuracy[evidence.strategies.index(BASELINE)]
    )


def _spearman(first: Floats, second: Floats) -> float:
    """Return Spearman's rank correlation; equal values have the mean of their ranks. 0 if all values are equal."""
    from scipy.stats import rankdata

    a, b = (rankdata(np.round(values, 12)) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0
