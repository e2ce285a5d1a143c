"""Principal axes of a symmetric matrix, always the same ones: one BLAS thread, one sign convention."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .records import Floats

_one_at_a_time = threading.RLock()  # the number of BLAS threads belongs to the process; two limits would tangle


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold linear algebra to one thread, so that its bytes do not depend on how many cores are free."""
    from threadpoolctl import threadpool_limits

    with _one_at_a_time, threadpool_limits(1, user_api="blas"):
        yield


def principal_axes(symmetric: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the `count` largest eigenvalues, falling, (k,) and their unit eigenvectors as columns, (n, k).

    k is smaller than `count` where fewer eigenvalues exceed 1e-10 of the largest: an axis beyond that is noise and
    differs from machine to machine. A matrix of zeros has k = 0. Runs on one BLAS thread. Signs: see `fix_signs`.
    """
    from scipy.linalg import eigh

    n = len(symmetric)
    with one_blas_thread():
        values, vectors = eigh(symmetric, subset_by_index=(max(n - count, 0), n - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > max(1e-10 * float(values[0]), 0.0)
    return values[kept], fix_signs(vectors[:, kept])


def fix_signs(axes: Floats) -> Floats:
    """Return the columns of `axes`, each turned so that its entry of largest size is positive (the first on a tie).

    Sizes within a millionth of the largest count as tied, for a mirrored axis has two of them that differ by rounding.
    """
    if axes.size == 0:
        return axes
    size = np.abs(axes)
    first = np.argmax(size >= size.max(axis=0) * (1 - 1e-6), axis=0)
    return axes * np.where(axes[first, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
