"""Linear algebra that several stages share: unit rows, principal axes, nearest neighbours and block sums."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .records import Floats, Ints

KNN_BLOCK = 1024  # rows whose distances to all points are in memory at once, at most
_blas_lock = threading.RLock()  # the number of BLAS threads belongs to the process, so one limit is set at a time


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit linear algebra to one thread, so that the bytes of a result do not depend on the number of cores."""
    from threadpoolctl import threadpool_limits

    with _blas_lock, threadpool_limits(1, user_api="blas"):
        yield


def unit_rows(vectors: Floats, dtype: type[np.floating[Any]] = np.float64) -> Floats:
    """Return the vectors scaled to length 1 along the last axis, as `dtype`; a zero vector stays zero.

    Computed in the more precise of `dtype` and the type of the vectors.
    """
    x = np.asarray(vectors)
    x = np.asarray(x, np.result_type(x, dtype))
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    unit = np.divide(x, length, out=np.zeros_like(x), where=length > 0)
    return np.asarray(unit, dtype)


def principal_axes(symmetric: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the `count` largest eigenvalues (k,) in descending order and their unit eigenvectors as columns (n, k).

    k is smaller than `count` if fewer eigenvalues exceed 1e-10 of the largest: the other axes are rounding noise and
    differ between machines. A zero matrix has k = 0. Runs on one BLAS thread. Signs: see `fix_signs`.
    """
    from scipy.linalg import eigh

    n = len(symmetric)
    with one_blas_thread():
        values, vectors = eigh(symmetric, subset_by_index=(max(n - count, 0), n - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    significant = values > max(1e-10 * float(values[0]), 0.0)
    return values[significant], fix_signs(vectors[:, significant])


def fix_signs(axes: Floats) -> Floats:
    """Return the columns of `axes`, each multiplied by 1 or -1 so that its entry of largest size is positive.

    Entries within a millionth of the largest size count as tied, and the first of them decides: in a mirror-symmetric
    axis two entries have the same size up to rounding.
    """
    if axes.size == 0:
        return axes
    size = np.abs(axes)
    first = np.argmax(size >= size.max(axis=0) * (1 - 1e-6), axis=0)
    return axes * np.where(axes[first, np.arange(axes.shape[1])] < 0, -1.0, 1.0)


def exact_knn(points: Floats, rows: Ints, k: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield (rows, (B, k) indices of their k nearest other points, nearest first), one block of `rows` at a time.

    Squared Euclidean distances, computed in float64 and compared in float32; among equal distances the lower index
    comes first. k must be smaller than the number of points.
    """
    points = np.asarray(points, np.float64)
    square = np.einsum("ij,ij->i", points, points)
    block = max(1, min(KNN_BLOCK, 16_000_000 // len(points)))  # at most 128 MB of distances
    for start in range(0, len(rows), block):
        part = np.asarray(rows[start : start + block])
        distance = (square[None, :] + square[part, None] - 2 * (points[part] @ points.T)).astype(np.float32)
        distance[np.arange(len(part)), part] = np.inf
        limit = np.partition(distance, k - 1, axis=1)[:, k - 1]
        row, column = np.nonzero(distance <= limit[:, None])  # at least k per row, more if distances tie
        order = np.lexsort((column, distance[row, column], row))
        row, column = row[order], column[order]
        first = np.searchsorted(row, np.arange(len(part)))
        yield part, column[first[:, None] + np.arange(k)]


def first_of_each_group(rows: Ints, group: Ints, counts: Ints) -> Ints:
    """Return the first `counts[g]` of these rows in each group, or all that a group has, in the order of the groups.

    rows: (K,) in the order of preference; group: (M,) the group of every row, 0 .. len(counts) - 1.
    """
    ordered = rows[np.argsort(group[rows], kind="stable")]
    sizes = np.bincount(group[rows], minlength=len(counts))
    place = np.arange(len(ordered)) - (np.cumsum(sizes) - sizes)[group[ordered]]
    return np.asarray(ordered[place < counts[group[ordered]]])


def block_sums(images: NDArray[np.uint8], factor: int) -> NDArray[np.unsignedinteger[Any]]:
    """Return the sums over squares of `factor` x `factor` pixels, (n, H, W, 3) -> (n, H/factor, W/factor, 3).

    Whole numbers, uint16 for factors up to 16 and uint32 above. H and W must be multiples of `factor`.
    """
    n, height, width, channels = images.shape
    dtype = np.uint16 if factor <= 16 else np.uint32
    total: NDArray[np.unsignedinteger[Any]] = np.zeros((n, height // factor, width // factor, channels), dtype)
    for down in range(factor):
        for across in range(factor):
            total += images[:, down::factor, across::factor]
    return total


def repeat_pixels(images: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the images enlarged by repeating every pixel, (n, H, W, 3) -> (n, H factor, W factor, 3)."""
    return images.repeat(factor, axis=1).repeat(factor, axis=2)
