"""UMAP's layout in threads, with the same bytes for every number of threads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from adq_core.parallel import cpu_count, map_ordered
from adq_core.progress import Progress

STEP = 0.5  # length of the first step; later ones are shorter. At 1, umap-learn's value, fewer neighbours are preserved
NEGATIVE_SAMPLES = 5  # per sampled edge, umap-learn's default
ROWS = 2048  # points per piece of work


def optimize_layout(
    start: NDArray[np.float32],
    graph: Any,
    curve: tuple[float, float],
    n_epochs: int,
    seed: int,
    progress: Progress,
    n_threads: int | None = None,
) -> NDArray[np.float32]:
    """Return the positions (M, 2) float32 that minimise UMAP's cross entropy, found by stochastic gradient descent.

    start: (M, 2) the first positions. graph: symmetric sparse (M, M), the weights of the edges. curve: a and b of the
    similarity 1 / (1 + a |x - y|^(2 b)) on the map. An edge of weight w is sampled in w n_epochs / max(w) epochs,
    evenly spaced. A sample moves the first end towards the second one and away from 5 random points. The step falls
    linearly from 0.5 to 0.

    The update is that of the paper (algorithm 5): an edge moves its first end only; as the graph is symmetric, both
    directions are sampled. umap-learn moves both ends each time, which doubles the attraction. In one epoch a point
    moves step by step while all other points have their positions of the previous epoch, and the random points come
    from a hash of (seed, epoch, point). So the points of an epoch can be computed in any order, by any number of
    threads. Reference: McInnes, Healy and Melville 2018, https://arxiv.org/abs/1802.03426.
    """
    m = len(start)
    edges = graph.tocsr().astype(np.float32)  # a copy
    edges.sum_duplicates()
    edges.data /= edges.data.max()
    edges.data[edges.data < 1 / n_epochs] = 0
    edges.eliminate_zeros()
    a, b = np.float32(curve[0]), np.float32(curve[1])
    now, after = np.array(start, np.float32, order="C"), np.empty((m, 2), np.float32)
    for epoch in range(1, n_epochs + 1):
        step = np.float32(STEP * (1 - (epoch - 1) / n_epochs))

        def move(first: int, now: Any = now, after: Any = after, epoch: int = epoch, step: Any = step) -> None:
            last = min(first + ROWS, m)
            key = _seed_of(np.uint32(seed & 0xFFFFFFFF), np.uint32(epoch))
            _move_points(now, after, first, last, edges.indptr, edges.indices, edges.data, epoch, step, key, a, b)

        for _ in map_ordered(move, range(0, m, ROWS), n_threads or cpu_count()):
            pass
        now, after = after, now
        progress(epoch, n_epochs, "map")
    return now


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _mixed(x: Any) -> Any:
    """Return a 32-bit hash: each bit depends on all bits of x (github.com/skeeto/hash-prospector, lowbias32)."""
    x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32((x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B))
    return x ^ (x >> np.uint32(16))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _seed_of(seed: Any, number: Any) -> Any:
    """Return a 32-bit seed for this number, from another seed."""
    return _mixed(np.uint32(_mixed(seed) + number))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _clipped(gradient: Any) -> Any:
    return min(np.float32(4), max(np.float32(-4), gradient))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _move_points(
    now: Any,
    after: Any,
    first: int,
    last: int,
    edge_start: Any,
    end: Any,
    weight: Any,
    epoch: int,
    step: Any,
    seed: Any,
    a: Any,
    b: Any,
) -> None:
    """Write the positions of the points first..last-1 after this epoch into `after`."""
    m, one, two, tiny = len(now), np.float32(1), np.float32(2), np.float32(0.001)
    for point in range(first, last):
        x, y = now[point, 0], now[point, 1]
        random = _seed_of(seed, np.uint32(point)) | np.uint32(1)  # xorshift needs a state other than 0
        for edge in range(edge_start[point], edge_start[point + 1]):
            w = weight[edge]
            if math.floor(np.float32(epoch) * w) == math.floor(np.float32(epoch - 1) * w):
                continue
            dx, dy = x - now[end[edge], 0], y - now[end[edge], 1]
            square = dx * dx + dy * dy
            if square > 0:
                power = square**b
                gradient = -two * a * b * power / (square * (a * power + one))
                x += step * _clipped(gradient * dx)
                y += step * _clipped(gradient * dy)
            for _ in range(NEGATIVE_SAMPLES):
                random ^= np.uint32(random << np.uint32(13))
                random ^= random >> np.uint32(17)
                random ^= np.uint32(random << np.uint32(5))
                other = np.int64((np.uint64(random) * np.uint64(m)) >> np.uint64(32))
                dx, dy = x - now[other, 0], y - now[other, 1]
                square = dx * dx + dy * dy
                if square > 0 and other != point:
                    gradient = two * b / ((tiny + square) * (a * square**b + one))
                    x += step * _clipped(gradient * dx)
                    y += step * _clipped(gradient * dy)
        after[point, 0], after[point, 1] = x, y
