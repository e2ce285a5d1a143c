"""The unit vectors of a bin: the square of their mean, estimated from a sample, and the spread of this estimate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.linalg import unit_rows
from adq_core.records import AugmentedFeatures, Bools, Floats, Ints

from .samples import stratify

N_GROUPS = 64  # random groups of a bin's images; a half-sample consists of half of the groups
N_HALF_SAMPLES = 200


class BinVectors(NamedTuple):
    """The unit vectors of the n measured images of a bin of N images, added over the views of each image."""

    sums: Floats  # (n, d)
    n_views: int  # V
    size: int  # N
    weights: Floats  # (n,) images of the bin that each stands for, times n/N: 1 without sampling, 1 on average
    bias: float  # of |weighted mean|^2, by sampling

    @property
    def square(self) -> float:
        """|mean|^2 of the V N unit vectors of the bin; an unbiased estimate that may be negative if n < N.

        |sum_h (N_h / N) mean_h|^2 - sum_h (N_h / N)^2 (1/n_h - 1/N_h) v_h, divided by V^2, over the strata h with n_h
        of N_h images sampled; mean_h and v_h are the mean and the variance (divisor n_h - 1, added over dimensions) of
        the image sums in a stratum. With one stratum this is own/N + others (N - 1)/N, where `own` is the mean squared
        length of the image sums and `others` the mean inner product of those of different images.
        Reference: Cochran 1977, "Sampling Techniques", chapter 5 (variance of a stratified mean).
        """
        mean = (self.sums * self.weights[:, None]).sum(axis=0)
        return float((mean**2).sum()) / (self.n_views * len(self.sums)) ** 2 - self.bias

    @property
    def lowest_square(self) -> float:
        """|mean|^2 if different images had a mean cosine of 0; -inf without sampling, where `square` is exact."""
        own = float((self.weights * (self.sums**2).sum(axis=1)).mean())
        return own / self.size / self.n_views**2 if len(self.sums) < self.size else -np.inf

    def others(self, square: float) -> float:
        """Mean cosine of vectors of different images, from |mean|^2: (square - own/N) N/(N - 1); 0 for one image."""
        own = float((self.weights * (self.sums**2).sum(axis=1)).mean()) / self.n_views**2
        return (square - own / self.size) * self.size / (self.size - 1) if self.size > 1 else 0.0


def bin_vectors(views: AugmentedFeatures, inside: Bools, labels: Ints) -> BinVectors:
    """Return the vectors of the bin that has the rows `inside` (M,), with the weights of its sample."""
    sums, _ = sums_over_views(views, inside[views.rows])
    n_views, n, size = len(views.vectors), len(sums), int(inside.sum())
    if n == size:
        return BinVectors(sums, n_views, size, np.ones(n), 0.0)
    rows = np.flatnonzero(inside)
    stratum, counts = stratify(labels[rows], n)
    sizes = np.bincount(stratum)
    of_image = stratum[np.searchsorted(rows, views.rows[inside[views.rows]])]
    weights = (sizes / counts * n / size)[of_image]
    bias = 0.0
    for number, (n_h, size_h) in enumerate(zip(counts.tolist(), sizes.tolist(), strict=True)):
        variance = float(sums[of_image == number].var(axis=0, ddof=1).sum())
        bias += (size_h / size) ** 2 * (1 / n_h - 1 / size_h) * variance
    return BinVectors(sums, n_views, size, weights, bias / n_views**2)


def square_errors_within_classes(bins: list[BinVectors], labels: list[Ints]) -> Floats:
    """Return the standard error of the mean cosine of different images of every bin, if all bins are alike, (m,).

    sqrt(4 u C u / n + 2 tr(C C) / n^2) with u the mean of the image sums over all bins, C their covariance within
    classes and bins, and n the number of measured images of the bin. u and C of a single bin would be less exact, and
    would depend on the value that is tested. labels: of the measured images of every bin.
    """
    sums = np.concatenate([vectors.sums * vectors.weights[:, None] for vectors in bins])
    counts = np.array([len(vectors.sums) for vectors in bins])
    _, stratum, sizes = np.unique(np.concatenate(labels), return_inverse=True, return_counts=True)
    residuals = sums - _group_means(sums, stratum)[stratum]
    residuals *= np.sqrt(sizes / np.maximum(sizes - 1, 1))[stratum, None]
    bin_of = np.repeat(np.arange(len(bins)), counts)
    residuals -= _group_means(residuals, bin_of)[bin_of]
    mean, covariance = sums.mean(axis=0), residuals.T @ residuals / max(len(sums) - len(bins), 1)
    variance = 4 * float(mean @ covariance @ mean) / counts + 2 * float((covariance**2).sum()) / counts**2
    return np.asarray(np.sqrt(variance) / bins[0].n_views ** 2)


def _group_means(rows: Floats, group: Ints) -> Floats:
    """Return the mean row of every group, (G, d); `group` has every number from 0 to G - 1."""
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group)
    sums = np.add.reduceat(rows[order], np.cumsum(counts) - counts, axis=0)
    return np.asarray(sums / counts[:, None])


def sums_over_views(views: AugmentedFeatures, inside: Bools) -> tuple[Floats, int]:
    """Return the sum of each image's unit vectors over its views, (n, d), and the number of vectors, V n.

    inside (K,): which of the images of `views`.
    """
    rows = np.flatnonzero(inside)
    sums = np.zeros((len(rows), views.vectors.shape[2]))
    for vectors in views.vectors:
        sums += unit_rows(vectors[rows])
    return sums, len(views.vectors) * len(rows)


def half_sample_squares(vectors: BinVectors, rng: np.random.Generator) -> Floats:
    """Return |mean|^2 of 200 half-samples of the n images, with the spread of samples of n; empty below 4 images.

    Each half-sample estimates the |mean|^2 of all N images. Its distance from the estimate by all n images is
    multiplied by sqrt(size / (n - size)), because a half drawn without replacement varies less than a new sample of n
    images, and is added to the value of the bin.
    """
    n, n_views = len(vectors.sums), vectors.n_views
    if n < 4:
        return np.empty(0)
    n_groups = min(N_GROUPS, n)
    starts = np.linspace(0, n, n_groups + 1).astype(np.int64)
    shuffled = (vectors.sums * vectors.weights[:, None])[rng.permutation(n)]
    total = np.add.reduceat(shuffled, starts[:-1], axis=0)
    own = np.add.reduceat((shuffled**2).sum(axis=1), starts[:-1])
    count = np.diff(starts).astype(np.float64)
    chosen = np.zeros((N_HALF_SAMPLES, n_groups))
    for row in chosen:
        row[rng.choice(n_groups, n_groups // 2, replace=False)] = 1
    size, own_half = chosen @ count, chosen @ own
    others = (((chosen @ total) ** 2).sum(axis=1) - own_half) / (size * (size - 1))
    estimate = (own_half / size / vectors.size + others * (vectors.size - 1) / vectors.size) / n_views**2
    square = (total.sum(axis=0) ** 2).sum()
    full = square / (n * n_views) ** 2
    # What the estimates above give for all n images: `full` without the bias of a sample that ignores strata.
    variance = (own.sum() - square / n) / (n - 1)
    unstratified = full - (1 / n - 1 / vectors.size) * variance / n_views**2
    return np.asarray(full - vectors.bias + (estimate - unstratified) * np.sqrt(size / (n - size)))
