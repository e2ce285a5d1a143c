"""Diversity of a bin: how little the vectors of its images, or of views of them, resemble each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adq_core.records import AugmentedFeatures, Floats, Ints

GROUPS = 64  # random groups of a bin's images; a half-sample is half of the groups
HALVES = 200
FOLDS = 10  # of the jackknife


class BinDiversity(NamedTuple):
    """The diversity of every bin by one measure."""

    diversity: Floats  # (m,)
    mean_cosine: Floats  # (m,) mean off-diagonal cosine of the same vectors
    interval: Floats  # (m, 2) 95 %
    warnings: tuple[str, ...]  # sentences for a person


def inverse_mean_cosine(views: AugmentedFeatures, bin_of: Ints, n_bins: int, *, seed: int = 0) -> BinDiversity:
    """Return Div_n = 1 / mean of all (V N)^2 cosines of the bin's vectors, the diagonal included.

    The mean of all cosines is |mean of the unit vectors|^2, so this takes O(V N d) and no matrix. Range 1 (all alike)
    to V N and beyond: where cosines average near zero the diagonal alone is left, Div tends to V N, and it measures the
    size of the bin. So beside it stands the mean off-diagonal cosine, (V N |mean|^2 - 1)/(V N - 1), which has no such
    term; the two may put bins of unequal sizes in different orders. A zero vector counts as unlike everything.
    The interval is of half-samples of images, drawn without repeating one (a repeated image is false similarity), with
    the size of the bin put back: |mean|^2 = own/N + others (N - 1)/N, where `own` and `others` come from the half. nan
    for fewer than four images; an infinite upper end says that the vectors may as well cancel out.
    """
    div, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    large = []
    for number in range(n_bins):
        sums, vectors = _summed(views, bin_of == number)
        square = float((sums.sum(axis=0) ** 2).sum()) / vectors**2
        div[number] = 1 / square if square > 0 else np.inf
        cosine[number] = off_diagonal(square, vectors)
        if div[number] > vectors / 2:
            large.append(str(number))
        squares = _half_squares(sums, len(views.vectors), np.random.default_rng([seed, number]))
        if len(squares):
            low, high = np.quantile(squares, [0.025, 0.975])
            low, high = min(low, square), max(high, square)
            interval[number] = 1 / high, 1 / low if low > 0 else np.inf
    warnings = (
        f"The cosines of bin {', '.join(large)} average near zero, and 1/mean is then above half the number of "
        "vectors: there it measures the size of the bin more than its diversity. Read the mean cosine instead.",
    )
    return BinDiversity(div, cosine, interval, warnings if large else ())


def vendi(views: AugmentedFeatures, bin_of: Ints, n_bins: int, *, seed: int = 0) -> BinDiversity:
    """Return the Vendi score of every bin: exp of the entropy of the eigenvalues of the cosines' matrix over V N.

    Reads as an effective number of different images: 1 where all are alike, V N where all are orthogonal, and never
    above d (Friedman and Dieng 2023). The eigenvalues are those of the uncentred d x d second moment of the unit
    vectors, so this takes O(V N d^2) and no V N x V N matrix. With few images for the dimensions it grows with the size
    of the bin. The interval is of a jackknife over ten random groups of images; nan for fewer than ten images.
    """
    score, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    for number in range(n_bins):
        unit = unit_rows(views.vectors[:, bin_of == number])  # (V, N, d)
        n = unit.shape[1]
        flat = unit.reshape(-1, unit.shape[2])
        score[number] = vendi_score(flat)
        cosine[number] = off_diagonal(float((flat.mean(axis=0) ** 2).sum()), len(flat))
        if n >= FOLDS:
            fold = np.random.default_rng([seed, number]).permutation(n) % FOLDS
            left = np.array([vendi_score(unit[:, fold != f].reshape(-1, unit.shape[2])) for f in range(FOLDS)])
            error = np.sqrt((FOLDS - 1) / FOLDS * ((left - left.mean()) ** 2).sum())
            interval[number] = max(score[number] - 1.96 * error, 1.0), score[number] + 1.96 * error
    return BinDiversity(score, cosine, interval, ())


def vendi_score(unit: Floats) -> float:
    """Return exp(-sum l log l) over the eigenvalues l of the mean of u u^T, for unit rows (N, d)."""
    small = unit if len(unit) >= unit.shape[1] else unit.T  # X^T X and X X^T have the same eigenvalues
    values = np.linalg.eigvalsh(small.T @ small / len(unit))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def off_diagonal(square: float, vectors: int) -> float:
    """Return the mean cosine of different vectors, from |mean of the unit vectors|^2; 1 for a single one."""
    return (vectors * square - 1) / (vectors - 1) if vectors > 1 else 1.0


def unit_rows(vectors: Floats) -> Floats:
    """Return the vectors scaled to length 1 along the last axis, float64; a zero vector stays zero."""
    x = np.asarray(vectors, np.float64)
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.asarray(np.divide(x, norm, out=np.zeros_like(x), where=norm > 0))


def _summed(views: AugmentedFeatures, inside: Ints) -> tuple[Floats, int]:
    """Return (N, d) each image's unit vectors added over its views, and how many vectors there are."""
    rows = np.flatnonzero(inside)
    sums = np.zeros((len(rows), views.vectors.shape[2]))
    for vectors in views.vectors:
        sums += unit_rows(vectors[rows])
    return sums, len(views.vectors) * len(rows)


def _half_squares(sums: Floats, n_views: int, rng: np.random.Generator) -> Floats:
    """Return |mean|^2 as half-samples of the images see it, spread as a sample of all N would be; empty below 4."""
    n = len(sums)
    if n < 4:
        return np.empty(0)
    groups = min(GROUPS, n)
    starts = np.linspace(0, n, groups + 1).astype(np.int64)
    mixed = sums[rng.permutation(n)]
    total = np.add.reduceat(mixed, starts[:-1], axis=0)
    own = np.add.reduceat((mixed**2).sum(axis=1), starts[:-1])
    count = np.diff(starts).astype(np.float64)
    half = np.zeros((HALVES, groups))
    for row in half:
        row[rng.choice(groups, groups // 2, replace=False)] = 1
    size, own_half = half @ count, half @ own
    others = (((half @ total) ** 2).sum(axis=1) - own_half) / (size * (size - 1))
    seen = (own_half / size / n + others * (n - 1) / n) / n_views**2
    full = (total.sum(axis=0) ** 2).sum() / (n * n_views) ** 2
    return np.asarray(full + (seen - full) * np.sqrt(size / (n - size)))


DIVERSITIES: dict[str, Callable[..., BinDiversity]] = {
    "contrastive": inverse_mean_cosine,  # on views, under a trained head
    "published": inverse_mean_cosine,  # on views, under a random head on ImageNet's ResNet-18
    "random-backbone": inverse_mean_cosine,  # on views, under a random head on a random ResNet-18
    "vectors": inverse_mean_cosine,  # on the embedding vectors themselves
    "vendi": vendi,  # on the embedding vectors themselves
}
