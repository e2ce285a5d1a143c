"""Diversity of a bin: the dissimilarity of the vectors of its images, or of augmented views of its images."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adq_core.checking import check_bins
from adq_core.linalg import one_blas_thread, unit_rows
from adq_core.records import AugmentedFeatures, Bools, Floats, Ints

from .samples import stratify

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
    n_images: Ints  # (m,) number of images on which the bin's values are measured


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
    """
    check_bins(bin_of, max(len(bin_of), int(views.rows[-1]) + 1), n_bins)
    labels = np.zeros(len(bin_of), np.int64) if labels is None else labels
    diversity, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    bins_near_zero, n_images = [], np.zeros(n_bins, np.int64)
    for number in range(n_bins):
        vectors = bin_vectors(views, bin_of == number, labels)
        n_vectors = vectors.n_views * vectors.size
        square = max(vectors.square, vectors.lowest_square)
        diversity[number] = 1 / square if square > 0 else np.inf
        cosine[number] = off_diagonal_mean(square, n_vectors)
        n_images[number] = len(vectors.sums)
        if diversity[number] > n_vectors / 2 or square > vectors.square:
            bins_near_zero.append(str(number))
        squares = _half_sample_squares(vectors, np.random.default_rng([seed, number]))
        if len(squares):
            low, high = np.quantile(squares, CONFIDENCE)
            low, high = min(low, square), max(high, square)
            interval[number] = 1 / high, 1 / low if low > 0 else np.inf
    return BinDiversity(diversity, cosine, interval, _near_zero_warning(bins_near_zero, n_bins), n_images)


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

    Interval: 95 %, from a jackknife over ten random groups of images, at least 1; nan for fewer than ten images.

    How it misleads: while there are few images for the dimensions, the score grows with the size of the bin.
    Reference: Friedman and Dieng 2023, "The Vendi Score", https://arxiv.org/abs/2210.02410.
    """
    del labels  # they matter to samples only, and `views` must have all images
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
    return BinDiversity(score, cosine, interval, (), np.bincount(bin_of, minlength=n_bins))


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


def bin_vectors(views: AugmentedFeatures, inside: Bools, labels: Ints) -> BinVectors:
    """Return the vectors of the bin that has the rows `inside` (M,), with the weights of its sample."""
    sums, _ = _sums_over_views(views, inside[views.rows])
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


def _sums_over_views(views: AugmentedFeatures, inside: Bools) -> tuple[Floats, int]:
    """Return the sum of each image's unit vectors over its views, (n, d), and the number of vectors, V n.

    inside (K,): which of the images of `views`.
    """
    rows = np.flatnonzero(inside)
    sums = np.zeros((len(rows), views.vectors.shape[2]))
    for vectors in views.vectors:
        sums += unit_rows(vectors[rows])
    return sums, len(views.vectors) * len(rows)


def _half_sample_squares(vectors: BinVectors, rng: np.random.Generator) -> Floats:
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


DIVERSITIES: dict[str, Callable[..., BinDiversity]] = {
    "contrastive": inverse_mean_cosine,  # of augmented views, under a trained head
    "published": inverse_mean_cosine,  # of augmented views, under a random head on ImageNet's ResNet-18
    "random-backbone": inverse_mean_cosine,  # of augmented views, under a random head on a random ResNet-18
    "vectors": inverse_mean_cosine,  # of the embedding vectors themselves
    "vendi": vendi,  # of the embedding vectors themselves
}
