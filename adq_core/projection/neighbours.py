"""Exact nearest neighbours of all points by matrix products, in threads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from adq_core.linalg import one_blas_thread
from adq_core.parallel import cpu_count, map_ordered
from adq_core.progress import Progress

ROWS, COLUMNS = 512, 1024  # one block of products is 2 MB: it stays in the cache until it has been read
GROUP = 16  # blocks of rows between two progress reports


def exact_neighbours(
    points: NDArray[np.float32], k: int, progress: Progress, n_threads: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the k nearest points of every point, itself first, (M, k), and their Euclidean distances, ascending.

    points: (M, d) contiguous float32, k <= M. Points are ordered by |y|^2 / 2 - <x, y>, which orders them as |x - y|
    does, computed in float32; the lower index comes first among equal values. The distances are computed from the
    differences. Every row is computed by one thread, in blocks of a fixed size, so the number of threads changes no
    byte. Work: M^2 d multiplications.

    How it misleads: of two points whose distances differ by less than the rounding of float32, either can come first.
    """
    m = len(points)
    half = np.einsum("ij,ij->i", points, points) / np.float32(2)
    indices = np.empty((m, k), np.int32)
    distances = np.empty((m, k), np.float32)

    def fill(start: int) -> None:
        rows = slice(start, min(start + ROWS, m))
        nearest = _nearest_others(points, half, rows, k - 1)
        lengths = np.linalg.norm(points[rows, None] - points[nearest], axis=2)
        order = np.argsort(lengths, axis=1, kind="stable")
        indices[rows, 0], distances[rows, 0] = np.arange(rows.start, rows.stop), 0
        indices[rows, 1:] = np.take_along_axis(nearest, order, axis=1)
        distances[rows, 1:] = np.take_along_axis(lengths, order, axis=1)

    for first in range(0, m, ROWS * GROUP):
        last = min(first + ROWS * GROUP, m)
        with one_blas_thread():  # group by group, because other stages wait for the same lock
            for _ in map_ordered(fill, range(first, last, ROWS), n_threads or cpu_count()):
                pass
        progress(last, m, "map: neighbours")
    return indices, distances


def _nearest_others(points: NDArray[np.float32], half: NDArray[np.float32], rows: slice, k: int) -> NDArray[np.int32]:
    """Return the k nearest other points of these rows, (rows, k), nearest first."""
    block = points[rows]
    values = np.full((len(block), k), np.inf, np.float32)
    nearest = np.zeros((len(block), k), np.int32)
    for start in range(0, len(points), COLUMNS):
        products = block @ points[start : start + COLUMNS].T
        _keep_nearest(products, half[start : start + COLUMNS], rows.start, start, values, nearest)
    return nearest


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _keep_nearest(products: Any, half: Any, first_row: int, first_column: int, values: Any, nearest: Any) -> None:
    """Merge a block of products into the smallest values so far (n, k) and their columns (n, k), in ascending order."""
    n_rows, n_columns = products.shape
    k = values.shape[1]
    for row in range(n_rows):
        limit = values[row, k - 1]
        itself = first_row + row - first_column
        for column in range(n_columns):
            value = half[column] - products[row, column]
            if value < limit and column != itself:
                place = k - 1
                while place > 0 and values[row, place - 1] > value:
                    values[row, place] = values[row, place - 1]
                    nearest[row, place] = nearest[row, place - 1]
                    place -= 1
                values[row, place] = value
                nearest[row, place] = first_column + column
                limit = values[row, k - 1]
