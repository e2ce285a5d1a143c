"""The greedy on one pool of rows, for every kernel that is an inner product: two algorithms with the same picks.

`docs/exact-greedy.md` states the problem, proves that both algorithms pick the same rows, and says how ties are broken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adq_core.records import Floats, Ints

from ._compiled_loops import GreedyState, KernelRows, pick_densely
from ._compiled_set_loops import add_rows
from .candidates import CandidateSets

KERNEL_BYTES = 128 * 2**20  # the largest kernel that the dense algorithm may hold
DENSE_BELOW = 1500  # rows: below this number the kernel is cheaper than the bounds
WORK_PER_CALL = 6e7  # multiplications per compiled call, about 0.05 s, so that progress is reported and Cancel works
ALGORITHMS = ("auto", "lazy", "dense")
OnPicks = Callable[[int], None]  # called with the number of new picks; may raise Cancelled


@dataclass
class PoolState:
    """One pool while it is divided into bins."""

    rows: KernelRows
    state: GreedyState
    left: int  # rows that are in no finished bin
    sets: CandidateSets | None = None
    kernel: Floats | None = None
    members: Ints | None = None  # the rows of the kernel, ascending
    n_evaluated: int = 0  # rows that the lazy algorithm evaluated in this bin


def greedy(
    rows: KernelRows, sizes: list[int], *, algorithm: str = "auto", on_picks: OnPicks = lambda picks: None
) -> tuple[Ints, Floats]:
    """Return (order, values) of a pool divided into bins of these sizes: the rows as picked, and <r_x, V> at that time.

    rows: N rows of d + 1 coordinates, at most sqrt(2) long. sizes: their sum is N. order: (N,) int64. values: (N,)
    float64. `algorithm`: "dense" holds the kernel of all rows left, 4 N^2 bytes; "lazy" computes bounds, about 150 N
    bytes; "auto" chooses the cheaper one, may change in the middle of a bin, and holds at most `KERNEL_BYTES`. All
    three return the same arrays.
    """
    n, d = rows.x.shape
    unit = 2.0 ** (61 - n.bit_length())  # |V| <= n, so int64 cannot overflow
    pool = PoolState(rows, GreedyState(np.zeros(d, np.int64), np.zeros(d + 1), np.zeros(n, np.bool_), unit), n)
    fixed = pool.state.fixed
    add_rows(rows.x, rows.weight, unit, fixed)
    order, values, done = np.empty(n, np.int64), np.empty(n), 0
    for size in sizes:
        start = fixed.copy()
        pool.state.v[:-1] = start / unit
        pool.state.v[-1] = rows.last_contribution * pool.left
        _fill_bin(pool, order[done : done + size], values[done : done + size], algorithm, on_picks)
        fixed[:] = (start + fixed) // 2  # (T + (T - 2 s)) / 2 = T - s, exactly
        pool.left -= size
        done += size
    return order, values


def _fill_bin(pool: PoolState, picks: Ints, values: Floats, algorithm: str, on_picks: OnPicks) -> None:
    """Fill `picks` and `values` of one bin, in calls of about `WORK_PER_CALL` multiplications."""
    count, lazy_began = 0, False
    while count < len(picks):
        if algorithm == "dense" or (algorithm == "auto" and _dense_is_cheaper(pool, pool.left - count, count)):
            kernel, members = _kernel_of_rows_left(pool)
            stop = min(len(picks), count + max(1, int(WORK_PER_CALL / len(members))))
            error = kernel_entry_error(pool.rows.x.shape[1])
            after = pick_densely(pool.rows, pool.state, members, kernel, error, picks, values, count, stop)
        else:
            pool.sets = pool.sets or CandidateSets(pool.rows, pool.state)
            if not lazy_began:
                pool.sets.begin_bin()
                pool.n_evaluated, lazy_began = 0, True
            max_work = max(1, int(WORK_PER_CALL / pool.rows.x.shape[1]))
            after, n_evaluated = pool.sets.pick(picks, values, count, max_work)
            pool.n_evaluated += n_evaluated
        on_picks(after - count)
        count = after


def _dense_is_cheaper(pool: PoolState, left: int, count: int) -> bool:
    """Return whether the kernel of all rows left fits and costs less than the lazy algorithm did so far in this bin.

    A matrix product computes an entry in an eighth of the time of a single inner product, and a pick then takes a
    tenth of that time per row, so the kernel is cheaper once a fifth of the rows left are evaluated per pick. The mean
    over the bin is compared, because V is near zero at the end of a bin that takes half of the rows left, and all
    bounds are bad for some picks.
    """
    if pool.kernel is not None or left <= DENSE_BELOW:
        return True
    return count > 0 and 4 * left * left <= KERNEL_BYTES and pool.n_evaluated > count * left / 5


def kernel_entry_error(d: int) -> float:
    """Return the largest error of a float32 kernel entry of rows of d values, at most 1 long (section 5)."""
    error: float = (d + 4) * 2.0**-24
    return error / (1 - error)


def _kernel_of_rows_left(pool: PoolState) -> tuple[Floats, Ints]:
    """Return the kernel and its rows: all rows left, and at most as many that were taken since it was computed."""
    if pool.kernel is None or pool.members is None:
        pool.members = np.flatnonzero(~pool.state.taken)
        x, weight = pool.rows.x[pool.members], pool.rows.weight[pool.members, None]
        unit_rows = np.multiply(x, weight, dtype=np.float64).astype(np.float32)
        pool.kernel = unit_rows @ unit_rows.T
    keep = np.flatnonzero(~pool.state.taken[pool.members])
    if 2 * len(keep) < len(pool.members):
        pool.kernel, pool.members = pool.kernel[np.ix_(keep, keep)], pool.members[keep]
    return pool.kernel, pool.members
