"""Diversity of a bin: how little the views of its images resemble each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .records import Floats, Ints, Views

GROUPS = 64  # random groups of a bin's images; a half-sample is half of the groups
HALVES = 200


class BinDiversity(NamedTuple):
    """The diversity of every bin by one measure."""

    diversity: Floats  # (m,)
    mean_cosine: Floats  # (m,) mean off-diagonal cosine of the same vectors
    interval: Floats  # (m, 2) 95 %


def inverse_mean_cosine(views: Views, bin_of: Ints, n_bins: int, *, seed: int = 0) -> BinDiversity:
    """Return Div_n = 1 / mean of all (V N)^2 cosines of the bin's vectors, the diagonal included.

    The mean of all cosines is |mean of the unit vectors|^2, so this takes O(V N d) and no matrix. Range 1 (all alike)
    to V N and beyond: where cosines average near zero the diagonal alone is left, Div tends to V N, and it measures the
    size of the bin. So beside it stands the mean off-diagonal cosine, (V N |mean|^2 - 1)/(V N - 1), which has no such
    term, and the two may put bins of unequal sizes in different orders.
    The interval is of half-samples of images, drawn without repeating one (a repeated image is false similarity), with
    the size of the bin put back: |mean|^2 = own/N + others (N - 1)/N, where `own` and `others` come from the half.
    """
    div, cosine, interval = np.empty(n_bins), np.empty(n_bins), np.full((n_bins, 2), np.nan)
    for number in range(n_bins):
        unit = unit_rows(views.vectors[:, bin_of == number])
        vectors = unit.shape[0] * unit.shape[1]
        sums = unit.sum(axis=0)  # (N, d)
        square = float((sums.sum(axis=0) ** 2).sum()) / vectors**2
        div[number] = 1 / square if square > 0 else np.inf
        cosine[number] = (vectors * square - 1) / (vectors - 1) if vectors > 1 else 1.0
        squares = _half_squares(sums, len(unit), np.random.default_rng([seed, number]))
        if len(squares):
            low, high = np.quantile(squares, [0.025, 0.975])
            low, high = min(low, square), max(high, square)
            interval[number] = 1 / high, 1 / low if low > 0 else np.inf
    return BinDiversity(div, cosine, interval)


def unit_rows(vectors: Floats) -> Floats:
    """Return the vectors scaled to length 1 along the last axis, float64; a zero vector stays zero."""
    x = np.asarray(vectors, np.float64)
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.asarray(np.divide(x, norm, out=np.zeros_like(x), where=norm > 0))


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


DIVERSITIES: dict[str, Callable[..., BinDiversity]] = {"random-backbone": inverse_mean_cosine}
