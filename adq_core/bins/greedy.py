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

`pick_lazily` keeps nested sets, from all rows left to a few hundred active ones, each with its own n and one bound for
its members outside the next smaller set. A pick looks only at active rows whose bound reaches the best value so far;
each row looked at keeps the present direction as its own n. It looks at short copies of the rows (`greedy_short.py`),
and only the few that come out near the best are looked at in full. When the bound for the rows outside a set reaches
the best value, that set is chosen anew from the next larger one: by the s and p known there, or, once choosing so has
cost as much, after a pass over it. How large the sets are is adapted so that looking costs about as much as choosing.

`pick_densely` holds the kernel of all rows left in float32 and subtracts a row of it from all values at each pick,
O(M^2) memory. It serves small pools, and data on which no bound helps (directions spread evenly around zero).

Errors. A float64 sum of d products has an error below e |r| |V|, e = (d + 16) 2^-53, in any order, fused or not. A and
a best value each have one of these; a value from a short row has nine besides its `fuzz`, and so has s = value / |V|,
which is off by `fuzz` / |V| as well. So twenty of them and one step of the grid are added to every comparison (`SLACK`
is more than twice that), and what the short rows leave open beside it: `fuzz` where values are compared, A `fuzz` / |V|
where bounds are. p^2 and B^2 are made larger by `SLACK` e, and p is that of the smallest s that may be. A float32
kernel entry of rows no longer than 1, cast and summed in any order, has an error below (d + 4) 2^-24 / (1 - (d + 4)
2^-24); k picks make it 2 k times as large, and every 64 picks the values are made anew in float64. All rows within the
error of the best are compared by the value that decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..records import Floats, Ints
from .greedy_lazy import DIRECTIONS, SETS, Sets, pick_lazily
from .greedy_loops import Rows, State, begin_bin, pick_densely
from .greedy_short import Short, shorten

KERNEL_BYTES = 128 * 2**20  # the largest kernel that the dense way may hold
DENSE_BELOW = 1500  # rows: below this the kernel is cheaper than the passes
BREATH = 6e7  # multiplications between two signs of life: a twentieth of a second
Tick = Callable[[int], None]  # called with the number of new picks; may raise Cancelled


@dataclass
class Pool:
    """One pool on its way into bins."""

    rows: Rows
    state: State
    left: int  # rows that no bin has
    sets: Sets | None = None
    short: Short | None = None
    kernel: Floats | None = None
    members: Ints | None = None  # the rows that the kernel is of, ascending
    looked: int = 0  # rows looked at lazily in this bin


def greedy(rows: Rows, sizes: list[int], *, way: str = "auto", tick: Tick = lambda picks: None) -> tuple[Ints, Floats]:
    """Return (order, values) of a pool cut into bins of these sizes: the rows as picked, and <r_x, V> at that moment.

    way: "dense", "lazy", or "auto", which takes the cheaper one and may change over in the middle. All three return
    the same. Memory beyond the input: about 2 N d + 180 N bytes lazily; densely 4 N^2 bytes more, with "auto" only
    where that is at most `KERNEL_BYTES`.
    """
    n, d = rows.x.shape
    unit = 2.0 ** (61 - n.bit_length())  # |V| <= n, so int64 cannot overflow
    pool = Pool(rows, State(np.zeros(d, np.int64), np.zeros(d + 1), np.zeros(n, np.bool_), unit), n)
    order, values, done = np.empty(n, np.int64), np.empty(n), 0
    for size in sizes:
        begin_bin(rows, pool.state, pool.left, done == 0)
        start = pool.state.fixed.copy()
        _fill_bin(pool, order[done : done + size], values[done : done + size], way, tick)
        pool.state.fixed[:] = (start + pool.state.fixed) // 2  # (T + (T - 2 s)) / 2 = T - s, exactly
        pool.left -= size
        done += size
    return order, values


def _fill_bin(pool: Pool, picks: Ints, values: Floats, way: str, tick: Tick) -> None:
    count = 0
    while count < len(picks):
        left = pool.left - count
        if way == "dense" or (way == "auto" and _dense_pays(pool, left, count)):
            kernel, members = _hold_kernel(pool)
            stop = min(len(picks), count + max(1, int(BREATH / len(members))))
            error = _entry_error(pool.rows)
            after = pick_densely(pool.rows, pool.state, members, kernel, error, picks, values, count, stop)
        else:
            pool.short = pool.short or shorten(pool.rows, pool.state.v)
            pool.sets = pool.sets or _empty_sets(*pool.rows.x.shape)
            if count == 0:
                pool.looked = 0
                pool.sets.resume[:] = (0, 0, -1, 1)
            patience = max(1, int(BREATH / pool.rows.x.shape[1]))
            after, looked = pick_lazily(pool.rows, pool.short, pool.state, pool.sets, picks, values, count, patience)
            pool.looked += looked
        tick(after - count)
        count = after


def _dense_pays(pool: Pool, left: int, count: int) -> bool:
    """Return whether the kernel of all rows left costs less than going on lazily as in this bin so far, and fits.

    A matrix product makes an entry in an eighth of the time of a single inner product, and a pick then takes a tenth
    of that time for each row: it pays once a fifth of the rows left are looked at for a pick. (With short rows a third
    instead of a fifth made no difference that stood out of the noise.) The mean over the bin
    decides: where a bin takes half of what is left, V is near zero at its end, and every bound is bad for a while.
    """
    if pool.kernel is not None or left <= DENSE_BELOW:
        return True
    return count > 0 and 4 * left * left <= KERNEL_BYTES and pool.looked > count * left / 5


def _entry_error(rows: Rows) -> float:
    terms: float = (rows.x.shape[1] + 4) * 2.0**-24
    return terms / (1 - terms)


def _hold_kernel(pool: Pool) -> tuple[Floats, Ints]:
    """Return the kernel of the rows left and these rows; rows taken since it was made stay in it up to a half."""
    if pool.kernel is None or pool.members is None:
        pool.members = np.flatnonzero(~pool.state.taken)
        x, weight = pool.rows.x[pool.members], pool.rows.weight[pool.members, None]
        unit_rows = np.multiply(x, weight, dtype=np.float64).astype(np.float32)
        pool.kernel = unit_rows @ unit_rows.T
    keep = np.flatnonzero(~pool.state.taken[pool.members])
    if 2 * len(keep) < len(pool.members):
        pool.kernel, pool.members = pool.kernel[np.ix_(keep, keep)], pool.members[keep]
    return pool.kernel, pool.members


def _empty_sets(n: int, d: int) -> Sets:
    """Return room for the nested sets; their sizes to begin with are guesses that adapt."""
    return Sets(
        rows=np.empty((SETS, n), np.int64),
        s=np.empty((SETS, n)),
        p=np.empty((SETS, n)),
        size=np.zeros(SETS, np.int64),
        n=np.empty((SETS, d + 1)),
        vague=np.zeros(SETS),
        h=np.empty(SETS - 1),
        q=np.empty(SETS - 1),
        w=np.zeros(SETS - 1),
        wanted=64.0 * 4.0 ** np.arange(SETS - 2, -1, -1),
        cost=np.zeros(SETS - 1, np.int64),
        overhead=np.zeros(SETS - 1, np.int64),
        since=np.zeros(SETS - 1, np.int64),
        fresh=np.zeros(SETS - 1, np.bool_),
        directions=np.empty((DIRECTIONS, d + 1)),
        off=np.zeros(DIRECTIONS),
        direction=np.zeros(n, np.int64),
        bound=np.empty(n),
        resume=np.zeros(4, np.int64),
        seen=np.empty(n, np.int64),
        near=np.empty(n, np.int64),
    )
