"""Greedy picks and GraphCut gains of one pool, one function per kernel k(p, x)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adq_core.checking import check_finite
from adq_core.errors import InputError
from adq_core.records import Floats, Ints

from ._compiled_loops import KernelRows, squared_lengths
from .gradients import gradient_factors, greedy_by_factors
from .greedy import OnPicks, greedy


def cosine_gains(x: Floats, b: None, sizes: list[int], algorithm: str, on_picks: OnPicks) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for k = 0.5 + 0.5 cos:  |pool|/2 - |S| + 0.5 <u_x, T - 2 s>.

    x: (N, d) float32 or float64. order: (N,) rows as picked. gain: (N,) float64, in the order of the picks.
    """
    lengths = np.sqrt(_checked_squared_lengths(x))
    weight = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    rows = KernelRows(x, weight, np.zeros(len(x)), (lengths > 0).astype(np.float64), 1.0, 0.0)
    order, values = greedy(rows, sizes, algorithm=algorithm, on_picks=on_picks)
    pool_sizes, n_picked = _sizes_at_picks(sizes)
    return order, pool_sizes / 2 - n_picked + 0.5 * values


def euclidean_gains(x: Floats, b: None, sizes: list[int], algorithm: str, on_picks: OnPicks) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for the squared distances of the paper (Dataset Quantization, eq. 1).

    P(x) = sum_{p in S} |p - x|^2 - sum_{p in pool\\S} |p - x|^2
         = 2 Q_S - Q_pool + 2 (<x, T - 2 s> + (|S| - |pool|/2) |x|^2),    Q a sum of |p|^2.
    The rows are centred, which changes no distance, and scaled by a power of two. Needs a float64 copy of the pool.
    Shapes as in `cosine_gains`; gains are in squared units of x.
    """
    _checked_squared_lengths(x)
    y = x.astype(np.float64)
    y -= y.mean(axis=0)
    scale = 2.0 ** np.ceil(np.log2(max(np.sqrt(squared_lengths(y).max()), 2.0**-1000)))
    y /= scale
    y.flags.writeable = False  # one compiled version serves both kernels
    lengths2 = squared_lengths(y)
    squares = lengths2 + lengths2**2
    rows = KernelRows(y, np.ones(len(y)), lengths2, squares, float(np.sqrt(squares.max())), -0.5)
    order, values = greedy(rows, sizes, algorithm=algorithm, on_picks=on_picks)
    taken = lengths2[order]
    picked_before = np.concatenate([np.cumsum(part) - part for part in np.split(taken, np.cumsum(sizes)[:-1])])
    pool_sums = np.repeat(np.cumsum(taken[::-1])[::-1][np.cumsum([0, *sizes[:-1]])], sizes)
    return order, scale**2 * (2 * picked_before - pool_sums + 2 * values)


def gradient_gains(x: Floats, b: Floats, sizes: list[int], algorithm: str, on_picks: OnPicks) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for k = 0.5 + 0.5 cos of the last-layer gradients with b = dL/d(logits).

    b: (N, C) float64. Shapes as in `cosine_gains`.
    """
    order, values = greedy_by_factors(*gradient_factors(x, b), sizes, algorithm=algorithm, on_picks=on_picks)
    pool_sizes, n_picked = _sizes_at_picks(sizes)
    return order, pool_sizes / 2 - n_picked + 0.5 * values


def _checked_squared_lengths(x: Floats) -> Floats:
    """Return (N,) float64 |x_i|^2. Raises `InputError` for values that are not finite or too large to square."""
    lengths2: Floats = squared_lengths(x)
    if not np.isfinite(lengths2).all():
        check_finite(x)
        raise InputError("Embeddings must be shorter than 1e150, or float64 overflows. Scale them down.")
    return lengths2


def _sizes_at_picks(sizes: list[int]) -> tuple[Ints, Ints]:
    """Return, for every pick, |pool| at the start of its bin and |S| before it."""
    starts = np.cumsum([0, *sizes[:-1]])
    return np.repeat(sum(sizes) - starts, sizes), np.arange(sum(sizes)) - np.repeat(starts, sizes)


KERNELS: dict[str, Callable[..., tuple[Ints, Floats]]] = {
    "cosine": cosine_gains,
    "euclidean": euclidean_gains,
    "gradient": gradient_gains,
}
