"""Diversity of a bin: the dissimilarity of the vectors of its images, or of augmented views of its images."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adq_core.checking import check_bins
from adq_core.linalg import one_blas_thread, unit_rows
from adq_core.records import AugmentedFeatures, Floats, Ints

N_GROUPS = 64  # random groups of a bin's images; a half-sample consists of half of the groups
N_HALF_SAMPLES = 200
N_FOLDS = 10  # of the jackknife
CONFIDENCE = (0.025, 0.975)  # quantiles of a 95 % interval
NORMAL_95 = 1.96  # half the width of a 95 % interval, in standard errors


class BinDiversity(NamedTuple):
    """The diversity of every bin by one measure."""

    diversity: Floats  # (m,)
    mean_cosine: Floats  # (m,) mean off-diagonal cosine of the same vectors
    interval: Floats  # (m, 2) 95 %
    warnings: tuple[str, ...]  # sentences for the user


def inverse_mean_cosine(views: AugmentedFeatures, bin_of: Ints, n_bins: int, *, seed: int = 0) -> BinDiversity:
    """Return Div_n = 1 / (mean of all (V N)^2 cosines of the bin's V N vectors, the diagonal included).

    The mean of all cosines equals |mean of the unit vectors|^2, so the cost is O(V N d) and no matrix is needed. Range:
    1 (all vectors parallel) to V N and above. A zero vector has cosine 0 to every vector.

    Interval: 95 %, from half-samples of images without replacement, because a repeated image would count as similar;
    then corrected to the full bin size N: |mean|^2 = own/N + others (N - 1)/N, with `own` and `others` estimated from
    the half. nan for fewer than four images; an infinite upper end means that the vectors may cancel out.

    How it misleads: if cosines average near zero, only the diagonal is left, Div tends to V N and measures the size of
    the bin. The mean off-diagonal cosine (V N |mean|^2 - 1)/(V N - 1), returned as well, does not contain the bin size;
    the two may order bins of unequal sizes differently.
    """
    check_bins(bin_of, views.vectors.shape[1], n_bins)
    diversity, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    bins_near_zero = []
    for number in range(n_bins):
        sums, n_vectors = _sums_over_views(views, bin_of == number)
        square = float((sums.sum(axis=0) ** 2).sum()) / n_vectors**2
        diversity[number] = 1 / square if square > 0 else np.inf
        cosine[number] = off_diagonal_mean(square, n_vectors)
        if diversity[number] > n_vectors / 2:
            bins_near_zero.append(str(number))
        squares = _half_sample_squares(sums, len(views.vectors), np.random.default_rng([seed, number]))
        if len(squares):
            low, high = np.quantile(squares, CONFIDENCE)
            low, high = min(low, square), max(high, square)
            interval[number] = 1 / high, 1 / low if low > 0 else np.inf
    warning = (
        f"The cosines of bin {', '.join(bins_near_zero)} average near zero, so 1/mean is above half the number of "
        "vectors: there, it measures the size of the bin rather than its diversity. Read the mean cosine instead."
    )
    return BinDiversity(diversity, cosine, interval, (warning,) if bins_near_zero else ())


def vendi(views: AugmentedFeatures, bin_of: Ints, n_bins: int, *, seed: int = 0) -> BinDiversity:
    """Return the Vendi score of every bin: exp(entropy of the eigenvalues of K / (V N)), K the matrix of cosines.

    Effective number of different vectors: 1 if all are parallel, V N if all are orthogonal, at most d. The eigenvalues
    are those of the uncentred d x d second moment of the unit vectors: cost O(V N d^2), no V N x V N matrix.

    Interval: 95 %, from a jackknife over ten random groups of images, at least 1; nan for fewer than ten images.

    How it misleads: while there are few images for the dimensions, the score grows with the size of the bin.
    Reference: Friedman and Dieng 2023, "The Vendi Score", https://arxiv.org/abs/2210.02410.
    """
    check_bins(bin_of, views.vectors.shape[1], n_bins)
    score, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    for number in range(n_bins):
        unit = unit_rows(views.vectors[:, bin_of == number])  # (V, N, d)
        n = unit.shape[1]
        flat = unit.reshape(-1, unit.shape[2])
        score[number] = vendi_score(flat)
        cosine[number] = off_diagonal_mean(float((flat.mean(axis=0) ** 2).sum()), len(flat))
        if n >= N_FOLDS:
            fold = np.random.default_rng([seed, number]).permutation(n) % N_FOLDS
            without = np.array([vendi_score(unit[:, fold != f].reshape(-1, unit.shape[2])) for f in range(N_FOLDS)])
            error = np.sqrt((N_FOLDS - 1) / N_FOLDS * ((without - without.mean()) ** 2).sum())
            interval[number] = max(score[number] - NORMAL_95 * error, 1.0), score[number] + NORMAL_95 * error
    return BinDiversity(score, cosine, interval, ())


def vendi_score(unit: Floats) -> float:
    """Return exp(-sum of l log l) over the eigenvalues l of the mean of u u^T, for unit rows u of (N, d).

    Runs on one BLAS thread, so that the last digit does not depend on the number of threads.
    """
    tall = unit if len(unit) >= unit.shape[1] else unit.T  # X^T X and X X^T have the same nonzero eigenvalues
    with one_blas_thread():
        values = np.linalg.eigvalsh(tall.T @ tall / len(unit))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def off_diagonal_mean(square: float, n_vectors: int) -> float:
    """Return the mean cosine of pairs of different vectors, from |mean of the unit vectors|^2; 1 for one vector."""
    return (n_vectors * square - 1) / (n_vectors - 1) if n_vectors > 1 else 1.0


def _sums_over_views(views: AugmentedFeatures, inside: Ints) -> tuple[Floats, int]:
    """Return the sum of each image's unit vectors over its views, (N, d), and the number of vectors, V N."""
    rows = np.flatnonzero(inside)
    sums = np.zeros((len(rows), views.vectors.shape[2]))
    for vectors in views.vectors:
        sums += unit_rows(vectors[rows])
    return sums, len(views.vectors) * len(rows)


def _half_sample_squares(sums: Floats, n_views: int, rng: np.random.Generator) -> Floats:
    """Return |mean|^2 of 200 half-samples of the images, with the spread of samples of size N; empty below 4 images.

    Each half-sample estimates the |mean|^2 of all N images. Its distance from the value of the bin is multiplied by
    sqrt(size / (N - size)), because a half drawn without replacement varies less than a new sample of N images.
    """
    n = len(sums)
    if n < 4:
        return np.empty(0)
    n_groups = min(N_GROUPS, n)
    starts = np.linspace(0, n, n_groups + 1).astype(np.int64)
    shuffled = sums[rng.permutation(n)]
    total = np.add.reduceat(shuffled, starts[:-1], axis=0)
    own = np.add.reduceat((shuffled**2).sum(axis=1), starts[:-1])
    count = np.diff(starts).astype(np.float64)
    chosen = np.zeros((N_HALF_SAMPLES, n_groups))
    for row in chosen:
        row[rng.choice(n_groups, n_groups // 2, replace=False)] = 1
    size, own_half = chosen @ count, chosen @ own
    others = (((chosen @ total) ** 2).sum(axis=1) - own_half) / (size * (size - 1))
    estimate = (own_half / size / n + others * (n - 1) / n) / n_views**2
    full = (total.sum(axis=0) ** 2).sum() / (n * n_views) ** 2
    return np.asarray(full + (estimate - full) * np.sqrt(size / (n - size)))


DIVERSITIES: dict[str, Callable[..., BinDiversity]] = {
    "contrastive": inverse_mean_cosine,  # of augmented views, under a trained head
    "published": inverse_mean_cosine,  # of augmented views, under a random head on ImageNet's ResNet-18
    "random-backbone": inverse_mean_cosine,  # of augmented views, under a random head on a random ResNet-18
    "vectors": inverse_mean_cosine,  # of the embedding vectors themselves
    "vendi": vendi,  # of the embedding vectors themselves
}
