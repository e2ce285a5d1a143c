"""Paired comparison of strategies with a baseline: mean difference, interval, Holm's correction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.records import Floats

CONFIDENCE = 0.95
POWER = 0.8


class Difference(NamedTuple):
    """How much better a strategy is than the baseline: the mean over the seeds of the paired differences."""

    mean: float  # of accuracy, 0.01 is one point
    half_width: float  # of the 95 % t interval
    p: float  # of the two-sided paired t test, corrected by Holm's method for the number of strategies
    detectable: float  # smallest true difference that this number of seeds shows with a probability of 80 %
    n_seeds: int

    @property
    def distinguishable(self) -> bool:
        """Return whether the difference is distinguishable from 0 at the 5 % level, over all strategies compared."""
        return self.p < 1 - CONFIDENCE


def compare_with_baseline(
    accuracy: Floats, baseline: int, n_test: int, test_error: Floats | None = None
) -> list[Difference]:
    """Return one difference per strategy, for accuracies (S, N) of S strategies and N seeds.

    A seed gives every strategy the same random numbers, so differences are taken within a seed. Seeds at which either
    value is missing (nan) do not count. Accuracies are multiples of 1 / n_test, so the standard deviation of the
    differences counts as at least that: a few seeds can agree by chance. test_error: (S,) standard error of the mean
    difference over other test images; the variances of both are added, so the interval holds for other draws and other
    test images of the same kind. Without it, the interval is about the draws alone.

    The corrected p bounds the probability of a single false finding among all S - 1 comparisons by 5 %. With fewer than
    two seeds nothing is distinguishable. Reference: Holm 1979, "A simple sequentially rejective multiple test
    procedure"; Dror et al. 2018, "The hitchhiker's guide to testing statistical significance in NLP".
    """
    from scipy import stats

    results = []
    for row, values in enumerate(np.asarray(accuracy, np.float64)):
        d = values - accuracy[baseline]
        d = d[np.isfinite(d)]
        n = len(d)
        mean = float(d.mean()) if n else np.nan
        if row == baseline or n < 2:
            results.append(Difference(mean, 0.0 if row == baseline else np.inf, 1.0, np.inf, n))
            continue
        draws = max(float(d.std(ddof=1)), 1 / n_test) / np.sqrt(n)
        error = float(np.hypot(draws, 0.0 if test_error is None else test_error[row]))
        quantile = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1))
        p = 2 * float(stats.t.sf(abs(mean) / error, n - 1))
        results.append(Difference(mean, quantile * error, p, (quantile + float(stats.t.ppf(POWER, n - 1))) * error, n))
    return _holm(results, baseline)


def _holm(differences: list[Difference], baseline: int) -> list[Difference]:
    """Return the differences with p multiplied by the number of strategies whose p is at least as large."""
    rows = [row for row in range(len(differences)) if row != baseline]
    corrected, largest = list(differences), 0.0
    for place, row in enumerate(sorted(rows, key=lambda row: differences[row].p)):
        largest = max(largest, min(1.0, differences[row].p * (len(rows) - place)))
        corrected[row] = differences[row]._replace(p=largest)
    return corrected


def seeds_needed(accuracy: Floats, baseline: int, half_width: float, largest: int) -> int:
    """Return the number of seeds after which the widest interval is expected to be at most `half_width`.

    accuracy: (S, N) with N >= 2 seeds that are measured. At most `largest`.
    """
    from scipy import stats

    d = np.asarray(accuracy, np.float64) - accuracy[baseline]
    spread = float(np.nanmax(np.nanstd(d, axis=1, ddof=1)))
    n = int(accuracy.shape[1])
    while n < largest and stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * spread / np.sqrt(n) > half_width:
        n += 1
    return n
