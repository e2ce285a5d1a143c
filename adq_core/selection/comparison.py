"""Comparison of two selections from one data set, with the values expected of two random selections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from adq_core.errors import InputError
from adq_core.records import Floats, Ints, freeze_arrays

BOTH, ONLY_A, ONLY_B = range(3)  # columns of `by_class` and `by_bin`
SUMMED_DEVIATIONS = 12  # standard deviations around the mean over which the mean index is summed
CONFIDENCE = 0.95  # probability that the Jaccard index of two random selections lies in `random_interval`


@dataclass(frozen=True, eq=False)
class Comparison:
    """Images shared by two selections A and B, by row, class and bin, with the overlap expected by chance."""

    both: Ints  # rows in A and in B, ascending
    only_a: Ints  # rows only in A
    only_b: Ints  # rows only in B
    by_class: Ints  # (C, 3) int64: how many of each class are in both, only in A, only in B
    by_bin: Ints  # (n_bins, 3) int64, the same for each bin
    n_images: int  # M, of the data set
    jaccard: float  # |A and B| / |A or B|, 0 to 1
    random_jaccard: float  # mean over two uniform random selections of these sizes
    random_interval: tuple[float, float]  # their central 95 % interval

    def __post_init__(self) -> None:
        freeze_arrays(
            self, {"both": (None,), "only_a": (None,), "only_b": (None,), "by_class": (None, 3), "by_bin": (None, 3)}
        )

    @property
    def size_a(self) -> int:
        """Return |A|, the number of images in A."""
        return len(self.both) + len(self.only_a)

    @property
    def size_b(self) -> int:
        """Return |B|, the number of images in B."""
        return len(self.both) + len(self.only_b)


def compare(
    rows_a: Ints, rows_b: Ints, labels: Ints, bin_of: Ints, *, n_classes: int | None = None, n_bins: int | None = None
) -> Comparison:
    """Return the images that two selections share, the images that only one contains, and their Jaccard index.

    The Jaccard index is |A and B| / |A or B|: 1 for equal selections and for two empty ones, 0 if no image is shared.
    `rows_a` and `rows_b` may be unordered and contain duplicates. `labels` and `bin_of`, (M,), are counted per part.
    Raises `InputError` for rows outside 0 .. M - 1.

    How the index misleads: it grows with the share that is kept. Two random selections of 10 % of the images have an
    index of 0.05, two of 90 % have 0.82; compare it with `random_jaccard`. For selections of different sizes it is
    below 1: a tenth that lies inside a half has 0.2. Two selections with the same draw order contain the same first
    images of every bin under every rule: then a high index means similar quotas, not that two methods selected the
    same images. Another seed of the draw order shows the difference.
    """
    in_a, in_b = (_members(rows, len(labels)) for rows in (rows_a, rows_b))
    parts = (np.flatnonzero(in_a & in_b), np.flatnonzero(in_a & ~in_b), np.flatnonzero(in_b & ~in_a))
    shared, a, b = (len(part) for part in parts)
    mean, interval = random_jaccard(shared + a, shared + b, len(labels))
    return Comparison(
        *parts,
        by_class=_counts(parts, labels, n_classes),
        by_bin=_counts(parts, bin_of, n_bins),
        n_images=len(labels),
        jaccard=shared / (shared + a + b) if shared + a + b else 1.0,
        random_jaccard=mean,
        random_interval=interval,
    )


@lru_cache(maxsize=256)
def random_jaccard(size_a: int, size_b: int, n_images: int) -> tuple[float, tuple[float, float]]:
    """Return the mean Jaccard index of two uniform random selections of these sizes from M images, and a 95 % interval.

    The number of shared images has the hypergeometric distribution X ~ H(M, a, b). For X = x the index is
    x / (a + b - x). It increases with x, so its quantiles are the values at the quantiles of X. The mean is the sum
    over all x; the index at the mean of X is slightly smaller. X is discrete, so the interval contains 95 % or more.
    Raises `InputError` for a size outside 0 .. M.
    """
    if not (0 <= size_a <= n_images and 0 <= size_b <= n_images):
        raise InputError(
            f"Two selections from {n_images} images must contain 0 to {n_images} images each, "
            f"got {size_a} and {size_b}. Give the number of images of the common data set."
        )
    if size_a + size_b == 0:
        return 1.0, (1.0, 1.0)
    from scipy.stats import hypergeom

    distribution = hypergeom(n_images, size_a, size_b)
    fewest, most = max(0, size_a + size_b - n_images), min(size_a, size_b)
    # Values further away have a probability below 1e-30, less than the last digit of the sum.
    share = size_b / n_images
    variance = size_a * share * (1 - share) * (n_images - size_a) / max(1, n_images - 1)
    reach = int(SUMMED_DEVIATIONS * (1 + math.sqrt(variance)))
    middle = round(size_a * share)
    shared = np.arange(max(fewest, middle - reach), min(most, middle + reach) + 1)
    values = shared / (size_a + size_b - shared)
    probability: Floats = distribution.pmf(shared)
    low, high = (int(distribution.ppf(tail)) for tail in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    interval = float(values[low - shared[0]]), float(values[high - shared[0]])
    return float(probability @ values / probability.sum()), interval


def random_rows(n_images: int, size: int, *, seed: int = 0) -> Ints:
    """Return `size` rows drawn uniformly without replacement, ascending: the baseline for other selections.

    Every subset of this size has the same probability. It is not balanced over classes or bins, because
    `random_jaccard` assumes uniform selections. With one seed, a larger selection contains every smaller one. Raises
    `InputError` for a size outside 0 .. M.
    """
    if not 0 <= size <= n_images:
        raise InputError(f"A random selection must contain 0 to {n_images} images, got {size}. Give a smaller size.")
    rng = np.random.default_rng([seed, 1])  # other numbers than a random draw order with this seed
    return np.sort(rng.permutation(n_images)[:size]).astype(np.int64)


def _members(rows: Ints, n_images: int) -> np.ndarray:
    """Return whether each image is in the selection, (M,) bool."""
    rows = np.asarray(rows, np.int64)
    if rows.size and not (rows.min() >= 0 and rows.max() < n_images):
        raise InputError(
            f"Rows of a selection must be in 0 to {n_images - 1}, got {rows.min()} to {rows.max()}. "
            "Compare selections from the same data set."
        )
    member = np.zeros(n_images, bool)
    member[rows] = True
    return member


def _counts(parts: tuple[Ints, Ints, Ints], group: Ints, n: int | None) -> Ints:
    """Return the number of rows of each part in each group, (n, 3) int64."""
    n = int(group.max()) + 1 if n is None else n
    return np.stack([np.bincount(group[part], minlength=n) for part in parts], axis=1).astype(np.int64)
