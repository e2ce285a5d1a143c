"""Diversity of a bin: the dissimilarity of the vectors of its images, or of augmented views of its images."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adq_core.checking import check_bins
from adq_core.linalg import unit_rows
from adq_core.records import AugmentedFeatures, Floats, Ints

from .bin_vectors import bin_vectors, half_sample_squares, square_errors_within_classes
from .equality import equality_p_value
from .rounding import entropy_error, merge_equal, square_error, vector_error
from .vendi import N_FOLDS, SMALLEST_EIGENVALUE, jackknife_vendi

CONFIDENCE = (0.025, 0.975)  # quantiles of a 95 % interval
SIZE_RATIO = 1.2  # of the largest to the smallest bin, above which the Vendi score warns
NORMAL_95 = 1.96  # half the width of a 95 % interval, in standard errors


class BinDiversity(NamedTuple):
    """The diversity of every bin by one measure."""

    diversity: Floats  # (m,)
    mean_cosine: Floats  # (m,) mean off-diagonal cosine of the same vectors
    interval: Floats  # (m, 2) 95 %
    warnings: tuple[str, ...]  # sentences for the user
    n_images: Ints  # (m,) number of images on which the bin's values are measured
    p_value: float = float("nan")  # of the joint test that all bins have the same true value; nan: unknown


def inverse_mean_cosine(
    views: AugmentedFeatures, bin_of: Ints, n_bins: int, *, labels: Ints | None = None, seed: int = 0
) -> BinDiversity:
    """Return Div_n = 1 / (mean of all (V N)^2 cosines of the bin's V N vectors, the diagonal included).

    The mean of all cosines equals |mean of the unit vectors|^2, so the cost is O(V N d) and no matrix is needed. Range:
    1 (all vectors parallel) to V N and above. A zero vector has cosine 0 to every vector.

    If `views` has n of the N images of a bin, as sampled by `sample_bins` with these labels, |mean|^2 of all N images
    is estimated without bias, see `BinVectors.square`. Where the estimate falls below own / (N V^2), the value for
    images with a mean cosine of 0 to each other (own: mean squared length of the sum of an image's unit vectors), this
    value replaces it. The mean cosine is computed from the same estimate.

    Interval: 95 %, of the mean of |mean|^2 over bins of N images of the same kind, not only of this bin; the value of
    all N images of this bin lies inside it at least as often. From half-samples of the n images without replacement,
    because a repeated image would count as similar; then corrected to the full bin size N: |mean|^2 = own/N +
    others (N - 1)/N, with `own` and `others` estimated from the half. nan for fewer than four images; an infinite
    upper end means that the vectors may cancel out. Half-samples are not balanced by class, so the interval of a sample
    is too wide if the classes differ much: by 40 % in a simulation with class centres as far apart as single images.

    How it misleads: if cosines average near zero, only the diagonal is left, Div tends to V N and measures the size of
    the bin. The mean off-diagonal cosine (V N |mean|^2 - 1)/(V N - 1), returned as well, does not contain the bin size;
    the two may order bins of unequal sizes differently. A trained head differs from seed to seed, and more so the
    fewer images it was trained on; the interval does not show this.

    The joint test compares the mean cosines of vectors of different images, which do not contain the bin size.
    """
    check_bins(bin_of, max(len(bin_of), int(views.rows[-1]) + 1), n_bins)
    labels = np.zeros(len(bin_of), np.int64) if labels is None else labels
    bins = [bin_vectors(views, bin_of == number, labels) for number in range(n_bins)]
    estimates = np.array([vectors.square for vectors in bins])
    squares = np.array([max(vectors.square, vectors.lowest_square) for vectors in bins])
    n_vectors = np.array([vectors.n_views * vectors.size for vectors in bins])
    squares = merge_equal(squares, _square_errors(squares, n_vectors, views.vectors))
    with np.errstate(divide="ignore"):
        diversity = np.where(squares > 0, 1 / squares, np.inf)
    cosine = np.array([off_diagonal_mean(*pair) for pair in zip(squares.tolist(), n_vectors.tolist(), strict=True)])
    near_zero = np.flatnonzero((diversity > n_vectors / 2) | (squares > estimates))
    interval = np.full((n_bins, 2), np.nan)
    for number, (vectors, square) in enumerate(zip(bins, squares.tolist(), strict=True)):
        halves = half_sample_squares(vectors, np.random.default_rng([seed, number]))
        if len(halves):
            low, high = np.quantile(halves, CONFIDENCE)
            low, high = min(low, square), max(high, square)
            interval[number] = [1 / end if end > 0 else np.inf for end in (high, low)]
    n_images = np.array([len(vectors.sums) for vectors in bins])
    others = np.array([vectors.others(square) for vectors, square in zip(bins, squares.tolist(), strict=True)])
    errors = square_errors_within_classes(bins, [labels[views.rows[bin_of[views.rows] == n]] for n in range(n_bins)])
    p_value = equality_p_value(others, np.where(np.isnan(interval[:, 0]), np.nan, errors), n_images - 1)
    warnings = (*_near_zero_warning([str(n) for n in near_zero], n_bins), *_order_warning(diversity, cosine))
    return BinDiversity(diversity, cosine, interval, warnings, n_images, p_value)


def _square_errors(squares: Floats, n_vectors: Ints, vectors: Floats) -> Floats:
    """Return bounds on the rounding errors of |mean of n unit vectors|^2, (m,)."""
    lengths = [vector_error(vectors.dtype, n + vectors.shape[2]) for n in n_vectors.tolist()]
    return np.array([square_error(square, e) for square, e in zip(squares.tolist(), lengths, strict=True)])


def _order_warning(diversity: Floats, mean_cosine: Floats) -> tuple[str, ...]:
    """Return one warning if diversity and the mean cosine order the bins differently, else none."""
    by_diversity, by_cosine = np.argsort(-diversity, kind="stable"), np.argsort(mean_cosine, kind="stable")
    different = np.flatnonzero(by_diversity != by_cosine)
    if not len(different) or not diversity.max() > diversity.min():
        return ()
    first = int(different[0])
    return (
        f"Diversity and the mean cosine order the bins differently: at rank {first + 1}, diversity has bin "
        f"{by_diversity[first]} and the mean cosine, which does not depend on the bin size, has bin "
        f"{by_cosine[first]}. The order by diversity may reflect bin sizes.",
    )


def _near_zero_warning(bins: list[str], n_bins: int) -> tuple[str, ...]:
    """Return one warning if the cosines of some bins average near zero, else none."""
    if not bins:
        return ()
    which = "all bins" if len(bins) == n_bins > 1 else f"bin {', '.join(bins)}"
    return (
        f"The cosines of {which} average near zero, so 1/mean is above half the number of vectors: there, it measures "
        "the size of the bin rather than its diversity. Read the mean cosine instead, or choose the diversity vendi.",
    )


def vendi(
    views: AugmentedFeatures, bin_of: Ints, n_bins: int, *, labels: Ints | None = None, seed: int = 0
) -> BinDiversity:
    """Return the Vendi score of every bin: exp(entropy of the eigenvalues of K / (V N)), K the matrix of cosines.

    Effective number of different vectors: 1 if all are parallel, V N if all are orthogonal, at most d. The eigenvalues
    are those of the uncentred d x d second moment of the unit vectors: cost O(V N d^2), no V N x V N matrix.

    Interval: 95 %, from a jackknife over ten random groups of images, at least 1; nan for fewer than ten images. The
    joint test compares the scores of equally many images of every bin, because the score depends on their number.

    How it misleads: while there are few images for the dimensions, the score grows with the size of the bin.
    Reference: Friedman and Dieng 2023, "The Vendi Score", https://arxiv.org/abs/2210.02410.
    """
    check_bins(bin_of, views.vectors.shape[1], n_bins)
    labels = np.zeros(len(bin_of), np.int64) if labels is None else labels
    size = np.bincount(bin_of, minlength=n_bins)
    common = int(size[size >= N_FOLDS].min(initial=size.max()))
    score, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    bound, of_common, errors = np.empty(n_bins), np.full(n_bins, np.nan), np.full(n_bins, np.nan)
    for number in range(n_bins):
        unit = unit_rows(views.vectors[:, bin_of == number])  # (V, N, d)
        n_vectors, d = unit.shape[0] * unit.shape[1], unit.shape[2]
        cosine[number] = off_diagonal_mean(float((unit.mean(axis=(0, 1)) ** 2).sum()), n_vectors)
        rng, of_bin = np.random.default_rng([seed, number]), labels[bin_of == number]
        score[number], error = jackknife_vendi(unit, of_bin, rng)
        if np.isfinite(error):
            interval[number] = max(score[number] - NORMAL_95 * error, 1.0), score[number] + NORMAL_95 * error
            of_common[number], errors[number] = score[number], error
            if size[number] > common:
                subset = rng.choice(size[number], common, replace=False)
                of_common[number], errors[number] = jackknife_vendi(unit[:, subset], of_bin[subset], rng)
        rank = min(n_vectors, d)
        vectors_error = vector_error(views.vectors.dtype, n_vectors + d) + rank * SMALLEST_EIGENVALUE
        bound[number] = score[number] * np.expm1(entropy_error(vectors_error, rank))
    p_value = equality_p_value(of_common, errors, np.full(n_bins, N_FOLDS - 1))
    return BinDiversity(merge_equal(score, bound), cosine, interval, _size_warning(size), size, p_value)


def _size_warning(size: Ints) -> tuple[str, ...]:
    """Return one warning if the bins differ so much in size that this alone moves the Vendi score, else none."""
    if size.max() <= SIZE_RATIO * size.min():
        return ()
    return (
        f"The bins have {size.min():,} to {size.max():,} images, and the Vendi score grows with the number of images: "
        "a part of the differences in Div comes from the sizes of the bins. The joint test leaves it out.",
    )


def off_diagonal_mean(square: float, n_vectors: int) -> float:
    """Return the mean cosine of pairs of different vectors, from |mean of the unit vectors|^2; 1 for one vector."""
    return (n_vectors * square - 1) / (n_vectors - 1) if n_vectors > 1 else 1.0


DIVERSITIES: dict[str, Callable[..., BinDiversity]] = {
    "contrastive": inverse_mean_cosine,  # of augmented views, under a trained head
    "published": inverse_mean_cosine,  # of augmented views, under a random head on ImageNet's ResNet-18
    "random-backbone": inverse_mean_cosine,  # of augmented views, under a random head on a random ResNet-18
    "vectors": inverse_mean_cosine,  # of the embedding vectors themselves
    "vendi": vendi,  # of the embedding vectors themselves
}
