"""The greedy on one pool of rows, for kernels that are inner products: two ways to the same picks.

With rows r_x, contributions c_p and V = sum_pool c - 2 sum_S c, the next pick is the row with the largest value
<r_x, V>; then V loses twice the pick's contribution. Cosine: r = c = x/|x|. Squared distance: r = (y, |y|^2) and
c = (y, -1/2), with y the centred and scaled row.

The value that decides. V is kept in fixed point (int64): it is exact, and no order of sums can matter. The inner
product is a float64 sum in the order of `ordered_dot`, without fused operations. The result is compared in steps of
2^-34, so that rows that tie in exact arithmetic (duplicates, the last two of a bin) tie here too; the lower row wins.
Everything else in this file only finds out which rows need not be looked at.

The bound. Let n be any vector of length 1 (or 0), s = <r_x, n>, p = |r_x - s n|, A = <V, n>, B = |V - A n|. Then
<r_x, V> = s A + <r_x - s n, V - A n> <= s A + p B by Cauchy-Schwarz. With n the direction that V had some picks ago,
s and p are known from one pass over the rows, and a pick changes only A and B: two numbers for all rows. For a whole
set of rows with s + w p <= h and p <= q, and A >= 0:  s A + p B <= A h + max(0, B - w A) q.

`pick_lazily` keeps three nested sets, each with its own n: all rows left, a middle set, an active set. A pick looks
only at active rows whose bound reaches the best value so far. When the bound for the rows outside the active or the
middle set reaches the best value, that set is chosen anew by a pass over the next larger one. How large the sets are
is adapted so that looking costs about as much as passing; it changes the time and never a pick. Memory O(M).

`pick_densely` holds the kernel of all rows left in float32 and subtracts a row of it from all values at each pick,
O(M^2) memory. It serves small pools, and data on which no bound helps (directions spread evenly around zero).

Errors. A float64 sum of d products has an error below (d + 16) 2^-53 |r| |V| in any order, fused or not; a value, s, A
and the best value each have one, so four of them and one step of the grid are added to every comparison (`SLACK` is
twice that); p and B get theirs under the root. A float32 kernel entry of rows no longer than 1, cast and summed in any
order, has an error below (d + 4) 2^-24 / (1 - (d + 4) 2^-24); k picks make it 2 k times as large, and every 64 picks
the values are made anew in float64. All rows within the error of the best are compared by the value that decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from . import greedy_loops as loops
from .records import Bools, Floats, Ints

KERNEL_BYTES = 128 * 2**20  # the largest kernel that the dense way may hold
DENSE_BELOW = 1500  # rows: below this the kernel is cheaper than the passes
BREATH = 3e9  # multiplications between two signs of life: a second at most
Tick = Callable[[int], None]  # called with the number of new picks; may raise Cancelled


class Rows(NamedTuple):
    """What the greedy needs of a pool: row i is (weight[i] x[i], extra[i]) and contributes (weight[i] x[i], tail)."""

    x: Floats  # (N, d) float32 or float64, as given; weight x has length <= 1
    weight: Floats  # (N,) float64
    extra: Floats  # (N,) float64, the last coordinate of each row
    square: Floats  # (N,) float64, the squared length of the row, the last coordinate included
    tail: float


@dataclass
class Pool:
    """The state of the greedy on one pool; `fixed` is V (the pool's sum when a bin begins) in steps of 1/unit."""

    rows: Rows
    unit: float
    fixed: Ints  # (d,) int64
    taken: Bools  # (N,)
    n_left: int
    kernel: Floats | None = None
    kernel_rows: Ints | None = None  # the rows that the kernel is of, ascending
    wanted: Floats = field(default_factory=lambda: np.array([512.0, 64.0]))  # pick_lazily's own, as is w
    w: Floats = field(default_factory=lambda: np.zeros(2))
    looked: int = 0
    looked_for: int = 0  # how many rows were looked at for so many picks, lately


def greedy(rows: Rows, sizes: list[int], *, way: str = "auto", tick: Tick = lambda picks: None) -> tuple[Ints, Floats]:
    """Return (order, values) of a pool cut into bins of these sizes: the rows as picked, and <r_x, V> at that moment.

    way: "dense", "lazy", or "auto", which takes the cheaper one and may change over in the middle. All three return
    the same. Memory beyond the input: O(N) lazily, 4 N^2 bytes densely (never more than `KERNEL_BYTES` with "auto").
    """
    n, d = rows.x.shape
    unit = 2.0 ** (61 - int(n).bit_length())  # |V| <= n, so int64 cannot overflow
    pool = Pool(rows, unit, np.zeros(d, np.int64), np.zeros(n, np.bool_), n)
    loops.fixed_sum(rows.x, rows.weight, unit, pool.fixed)
    order, values, done = np.empty(n, np.int64), np.empty(n), 0
    for size in sizes:
        start = pool.fixed.copy()
        _take_bin(pool, order[done : done + size], values[done : done + size], way, tick)
        pool.fixed += (start - pool.fixed) // 2  # T - 2 s becomes T - s, exactly
        pool.n_left -= size
        done += size
    return order, values


def _take_bin(pool: Pool, picks: Ints, values: Floats, way: str, tick: Tick) -> None:
    rows, count, size = pool.rows, 0, len(picks)
    state = (*rows, pool.unit, pool.n_left, pool.fixed, pool.taken)
    while count < size:
        left = pool.n_left - count
        if way == "dense" or (way == "auto" and _dense_pays(pool, left)):
            _hold_kernel(pool)
            assert pool.kernel_rows is not None
            stop = min(size, count + max(1, int(BREATH / 64 / len(pool.kernel_rows))))
            error = _entry_error(rows)
            after = loops.pick_densely(*state, pool.kernel_rows, pool.kernel, error, picks, values, count, stop)
        else:
            patience = max(4 * left, int(BREATH / rows.x.shape[1]))
            after, looked = loops.pick_lazily(*state, picks, values, count, patience, pool.wanted, pool.w)
            pool.looked, pool.looked_for = (pool.looked + looked) // 2, (pool.looked_for + after - count) // 2
        tick(after - count)
        count = after


def _dense_pays(pool: Pool, left: int) -> bool:
    """Return whether the kernel of all rows left fits and costs less than going on lazily as lately."""
    if pool.kernel is not None or left <= DENSE_BELOW:
        return True
    rate = pool.looked / max(pool.looked_for, 1)
    return 4 * left * left <= KERNEL_BYTES and pool.looked > 0 and rate * left > 1.3 * left * left / 8


def _entry_error(rows: Rows) -> float:
    terms = (rows.x.shape[1] + 4) * 2.0**-24
    return terms / (1 - terms)


def _hold_kernel(pool: Pool) -> None:
    """Make the kernel of the rows left, or shrink it to them where it has become twice too large."""
    if pool.kernel is None:
        rows = np.flatnonzero(~pool.taken)
        unit_rows = np.multiply(pool.rows.x[rows], pool.rows.weight[rows, None], dtype=np.float64).astype(np.float32)
        pool.kernel, pool.kernel_rows = unit_rows @ unit_rows.T, rows
    elif pool.kernel_rows is not None and 2 * (~pool.taken[pool.kernel_rows]).sum() < len(pool.kernel_rows):
        keep = np.flatnonzero(~pool.taken[pool.kernel_rows])
        pool.kernel, pool.kernel_rows = pool.kernel[np.ix_(keep, keep)], pool.kernel_rows[keep]
