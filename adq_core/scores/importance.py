"""Rep and Div of every bin, put on one scale and added up: the Importance score (IS)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adq_core.errors import InputError, unknown_name
from adq_core.records import Bins, BinScores, Floats, Ints

RESAMPLES = 400  # of the bootstrap


def score_bins(
    bins: Bins,
    values: Floats,
    labels: Ints,
    measured: tuple[Floats, Floats, Floats, tuple[str, ...]],
    *,
    representativeness_name: str = "texture",
    diversity_name: str = "random-backbone",
    normalisation: str = "minmax",
    notes: tuple[str, ...] = (),
    seed: int = 0,
    key: str = "",
) -> BinScores:
    """Return raw and normalised scores of every bin; importance is I_n = Rep^_n + Div^_n.

    values: (M,) the representativeness of every image, of which Rep_n is the mean over the bin; measured: diversity
    (m,), mean cosine (m,), interval of diversity (m, 2) and what to know about it; notes: what else to tell. The paper
    says "normalised" and not how; min-max fits the importances it prints (both ends exactly 1). Normalised scores hide
    how much bins really differ: read them beside the intervals and the amplification.
    """
    if normalisation not in NORMALISATIONS:
        raise unknown_name("normalisation", normalisation, NORMALISATIONS)
    diversity, mean_cosine, diversity_interval, warnings = measured
    for number in np.flatnonzero(~np.isfinite(diversity)):
        raise InputError(
            f"The diversity of every bin must be finite, but the vectors of bin {number} cancel out. "
            "Choose another diversity, such as vendi."
        )
    rep = bin_means(values, bins.bin_of, bins.n_bins)
    normalise = NORMALISATIONS[normalisation]
    rep_norm, div_norm = normalise(rep), normalise(diversity)
    rep_interval = bootstrap_means(values, bins.bin_of, bins.n_bins, seed=seed)
    return BinScores(
        representativeness=rep,
        diversity=diversity,
        mean_cosine=mean_cosine,
        representativeness_norm=rep_norm,
        diversity_norm=div_norm,
        importance=rep_norm + div_norm,
        representativeness_interval=rep_interval,
        diversity_interval=diversity_interval,
        representativeness_amplification=amplification(rep, rep_norm),
        diversity_amplification=amplification(diversity, div_norm),
        representativeness_by_bin=eta_squared(values, bins.bin_of),
        representativeness_by_class=eta_squared(values, labels),
        representativeness_name=representativeness_name,
        diversity_name=diversity_name,
        normalisation=normalisation,
        warnings=(
            *notes,
            *warnings,
            *_disagreements(diversity, mean_cosine),
            *_indistinct("Rep", rep_interval),
            *_indistinct("Div", diversity_interval),
        ),
        key=key,
    )


def bin_means(values: Floats, bin_of: Ints, n_bins: int) -> Floats:
    """Return (m,) the mean of the values in every bin; 0 for an empty one."""
    count = np.bincount(bin_of, minlength=n_bins)
    return np.asarray(np.bincount(bin_of, weights=values, minlength=n_bins) / np.maximum(count, 1))


def bootstrap_means(values: Floats, bin_of: Ints, n_bins: int, *, seed: int = 0) -> Floats:
    """Return (m, 2) the 95 % bootstrap interval of the mean of every bin (Efron 1979, percentile).

    It says how far the mean would move with other images of the same kind; nan for a bin of fewer than two.
    """
    interval = np.full((n_bins, 2), np.nan)
    for number in range(n_bins):
        inside = np.asarray(values[bin_of == number], np.float64)
        if len(inside) > 1:
            rng = np.random.default_rng([seed, number])
            means = [inside[rng.integers(0, len(inside), len(inside))].mean() for _ in range(RESAMPLES)]
            interval[number] = np.quantile(means, [0.025, 0.975])
    return interval


def amplification(raw: Floats, normalised: Floats) -> float:
    """Return (max - min of the normalised score) / ((max - min) / mean of the raw one); nan where bins do not differ.

    20 says that min-max made a full range of 0 to 1 out of bins that differ by 5 %.
    """
    spread = float(raw.max() - raw.min())
    return (
        float(normalised.max() - normalised.min()) / (spread / abs(float(raw.mean()))) if spread > 0 else float("nan")
    )


def eta_squared(values: Floats, groups: Ints) -> float:
    """Return the share of the values' variance that their group explains (eta squared), 0 to 1; 0 if they are equal."""
    values = np.asarray(values, np.float64)
    count = np.bincount(groups)
    means = np.bincount(groups, weights=values) / np.maximum(count, 1)
    total = float(((values - values.mean()) ** 2).sum())
    return float((count * (means - values.mean()) ** 2).sum() / total) if total > 0 else 0.0


def _disagreements(diversity: Floats, mean_cosine: Floats) -> list[str]:
    """Return a sentence where diversity and the mean cosine put bins in different orders."""
    by_diversity, by_cosine = np.argsort(-diversity, kind="stable"), np.argsort(mean_cosine, kind="stable")
    differ = np.flatnonzero(by_diversity != by_cosine)
    if not len(differ):
        return []
    first = int(differ[0])
    return [
        f"Diversity and the mean cosine put the bins in different orders: place {first + 1} goes to bin "
        f"{by_diversity[first]} by diversity and to bin {by_cosine[first]} by the mean cosine, which has no bin size "
        "in it. Do not read the order of these bins as diversity alone."
    ]


def _indistinct(name: str, interval: Floats) -> list[str]:
    """Return a sentence where one value lies in the intervals of all bins, so that the score tells none apart."""
    if len(interval) < 2 or not interval[:, 0].max() <= interval[:, 1].min():
        return []
    return [
        f"{name} does not tell the bins apart: their 95% intervals all overlap. What the normalised score makes of it "
        "is mostly chance."
    ]


def minmax(score: Floats) -> Floats:
    """Return the score stretched to [0, 1]; a score equal in all bins says nothing and becomes 0."""
    low, high = score.min(), score.max()
    return np.asarray((score - low) / (high - low) if high > low else np.zeros_like(score))


def sum_to_one(score: Floats) -> Floats:
    """Return the score over its sum; a score equal in all bins says nothing and becomes 0. Keeps relative gaps."""
    return np.asarray(score / score.sum() if score.max() > score.min() else np.zeros_like(score))


def rank(score: Floats) -> Floats:
    """Return (place from the lowest) / (m - 1), ties sharing the mean place; equal in all bins: 0. Forgets gaps."""
    if not score.max() > score.min():
        return np.zeros_like(score)
    below = (score[None, :] < score[:, None]).sum(axis=1)
    equal = (score[None, :] == score[:, None]).sum(axis=1) - 1
    return np.asarray((below + equal / 2) / (len(score) - 1))


def identity(score: Floats) -> Floats:
    """Return the score as it is; the sum of the two is then ruled by the one with the larger numbers."""
    return np.asarray(score, np.float64)


NORMALISATIONS: dict[str, Callable[[Floats], Floats]] = {
    "minmax": minmax,
    "sum": sum_to_one,
    "rank": rank,
    "none": identity,
}
