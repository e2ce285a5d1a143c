"""Two choices of images of one data set side by side, and what chance alone would make of two such choices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adq_core.errors import InputError
from adq_core.records import Floats, Ints, freeze_arrays

BOTH, ONLY_A, ONLY_B = range(3)  # columns of the counts
MIDDLE = 0.95  # of two random draws whose Jaccard lies in `random_interval`


@dataclass(frozen=True, eq=False)
class Comparison:
    """Which images two choices A and B share, by row, class and bin, beside what two random draws would share."""

    both: Ints  # rows in A and in B, ascending
    only_a: Ints  # rows in A alone
    only_b: Ints  # rows in B alone
    by_class: Ints  # (C, 3) int64: how many of each class are in both, only in A, only in B
    by_bin: Ints  # (n_bins, 3) int64, the same of each bin
    n_images: int  # M, of the data set
    jaccard: float  # |A and B| / |A or B|, 0 to 1
    random_jaccard: float  # what two uniform random draws of these sizes have on average
    random_interval: tuple[float, float]  # and the range of the middle 95 % of them

    def __post_init__(self) -> None:
        freeze_arrays(
            self, {"both": (None,), "only_a": (None,), "only_b": (None,), "by_class": (None, 3), "by_bin": (None, 3)}
        )

    @property
    def size_a(self) -> int:
        """Return |A|, how many images A has."""
        return len(self.both) + len(self.only_a)

    @property
    def size_b(self) -> int:
        """Return |B|, how many images B has."""
        return len(self.both) + len(self.only_b)


def compare(
    rows_a: Ints, rows_b: Ints, labels: Ints, bin_of: Ints, *, n_classes: int | None = None, n_bins: int | None = None
) -> Comparison:
    """Return what two choices share and what sets them apart.

    Jaccard is |A and B| / |A or B|: 1 for the same images, 0 where none is shared, and 1 for two empty choices. Rows
    may come in any order and more than once; a choice is a set. `labels` and `bin_of` (M,) say where to count.

    How Jaccard misleads. Its size depends on how much is kept: two random draws of a tenth of the images share 5 % of
    those that either has, two of nine tenths share 82 %, so read it beside `random_jaccard` only. Of choices of
    different sizes it cannot be 1: a tenth that lies wholly inside a half has 0.2. And two choices cut from one draw
    order hold the same first images of every bin, whatever the rules: then a high value says that the quotas are
    alike, not that two methods found the same images; another seed of the draw shows the difference.
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


def random_jaccard(size_a: int, size_b: int, n_images: int) -> tuple[float, tuple[float, float]]:
    """Return the mean Jaccard of two uniform random draws of these sizes from M images, and its 95 % range.

    The number of shared images follows the hypergeometric law X ~ H(M, a, b); with X = x the value is
    x / (a + b - x), which grows with x, so its quantiles are those of X. The mean is the sum over all x, not the value
    at the mean of X, which lies a little below it. The range holds 95 % or more, for x is whole.
    """
    if not (0 <= size_a <= n_images and 0 <= size_b <= n_images):
        raise InputError(
            f"Two choices must have 0 to {n_images} of {n_images} images each, got {size_a} and {size_b}. "
            "Give the number of images of the data set that both come from."
        )
    if size_a + size_b == 0:
        return 1.0, (1.0, 1.0)
    from scipy.stats import hypergeom

    law = hypergeom(n_images, size_a, size_b)
    shared = np.arange(max(0, size_a + size_b - n_images), min(size_a, size_b) + 1)
    values = shared / (size_a + size_b - shared)
    chance: Floats = law.pmf(shared)
    low, high = (int(law.ppf(tail)) for tail in ((1 - MIDDLE) / 2, (1 + MIDDLE) / 2))
    interval = float(values[low - shared[0]]), float(values[high - shared[0]])
    return float(chance @ values / chance.sum()), interval


def random_rows(n_images: int, size: int, *, seed: int = 0) -> Ints:
    """Return `size` rows drawn uniformly without repetition, ascending: the choice that knows nothing.

    Every set of this size is equally likely. It is not balanced over classes or bins, on purpose: it is the draw that
    `random_jaccard` speaks of, and what a choice must beat. Under one seed a larger draw holds every smaller one.
    """
    if not 0 <= size <= n_images:
        raise InputError(f"A random draw must have 0 to {n_images} images, got {size}. Ask for fewer.")
    rng = np.random.default_rng([seed, 1])  # not the numbers that a random draw order of this seed is made of
    return np.sort(rng.permutation(n_images)[:size]).astype(np.int64)


def _members(rows: Ints, n_images: int) -> np.ndarray:
    rows = np.asarray(rows, np.int64)
    if rows.size and not (rows.min() >= 0 and rows.max() < n_images):
        raise InputError(
            f"Rows of a choice must lie in 0 to {n_images - 1}, got {rows.min()} to {rows.max()}. "
            "Compare choices of one data set."
        )
    member = np.zeros(n_images, bool)
    member[rows] = True
    return member


def _counts(parts: tuple[Ints, Ints, Ints], group: Ints, n: int | None) -> Ints:
    """Return (n, 3) how many of each part are in each group."""
    n = int(group.max()) + 1 if n is None else n
    return np.stack([np.bincount(group[part], minlength=n) for part in parts], axis=1).astype(np.int64)
