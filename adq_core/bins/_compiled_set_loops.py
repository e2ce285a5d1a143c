"""Compiled loops over whole sets of rows. They call no compiled function of another file (see `_compiled_loops.py`)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

HISTOGRAM_STEPS = 512


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def add_rows(x: Any, weight: Any, unit: float, fixed: Any) -> None:
    """Add all rows weight[i] x[i] to `fixed`, in whole steps of 1/unit: exact, in any order."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            fixed[j] += np.int64(np.rint(x[i, j] * weight[i] * unit))


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def drop_taken(taken: Any, rows: Any, along: Any, across: Any) -> int:
    """Move the rows that are not taken to the front of the three arrays and return their number."""
    m = 0
    for i in range(rows.shape[0]):
        if not taken[rows[i]]:
            rows[m], along[m], across[m] = rows[i], along[i], across[i]
            m += 1
    return m


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _threshold(totals: Any, target_size: int) -> float:
    """Return a number that about `target_size` of the totals reach, from a histogram."""
    if target_size >= totals.shape[0]:
        return -np.inf
    low, high = totals.min(), totals.max()
    if not high > low:
        return -np.inf
    counts, step = np.zeros(HISTOGRAM_STEPS, np.int64), HISTOGRAM_STEPS - 1
    scale = step / (high - low)
    for total in totals:
        counts[int((total - low) * scale)] += 1
    reached = counts[step]
    while reached < target_size and step > 0:
        step -= 1
        reached += counts[step]
    return low + step / scale if step > 0 else -np.inf


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def select_members(
    rows: Any, along: Any, across: Any, weight: float, target_size: int, below: Any, below_along: Any, below_across: Any
) -> Any:
    """Copy about `target_size` rows with the largest along + weight * across to the next smaller set.

    Returns (number of copied rows, largest along + weight * across of the others, largest across of the others).
    """
    totals = along + weight * across
    threshold = _threshold(totals, target_size)
    n, outside_total, outside_across = 0, -np.inf, 0.0
    for i in range(rows.shape[0]):
        if totals[i] >= threshold:
            below[n], below_along[n], below_across[n] = rows[i], along[i], across[i]
            n += 1
        else:
            outside_total, outside_across = max(outside_total, totals[i]), max(outside_across, across[i])
    return n, outside_total, outside_across
