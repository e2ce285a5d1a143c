"""The lazy way of `greedy.py`, compiled: nested sets and the bounds for the rows outside them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from ..records import Bools, Floats, Ints
from .greedy_loops import ANY_ORDER, GONE, GRID, SLACK, dot, take_best, value_of
from .greedy_short import values_at

SETS = 5  # all rows left, three between, the active ones
LOOK = 20  # rows whose bound can be computed in the time of an inner product
DIRECTIONS = 24  # how many directions the active set may refer to


class Sets(NamedTuple):
    """The nested sets of the lazy way, from all rows left (0) to the active ones (SETS - 1)."""

    rows: Ints  # (SETS, N) members, the first size[k] of each line
    s: Floats  # (SETS, N) their inner product with the set's n
    p: Floats  # (SETS, N) what of their length is not along n
    size: Ints  # (SETS,)
    n: Floats  # (SETS, d + 1) direction of V at the last pass over the set
    vague: Floats  # (SETS,) how far s may be off, for the short rows it was made with
    h: Floats  # (SETS - 1,) largest s + w p of the members outside the next smaller set
    q: Floats  # (SETS - 1,) largest p of those
    w: Floats  # (SETS - 1,)
    wanted: Floats  # (SETS - 1,) how large the next smaller set should be
    cost: Ints  # (SETS - 1,) rows looked at when that was chosen last
    overhead: Ints  # (SETS - 1,) rows looked at because it is as large as it is, since then
    since: Ints  # (SETS - 1,) rows looked at for choosing it, since the last pass over this set
    fresh: Bools  # (SETS - 1,) whether it was chosen right after a pass
    directions: Floats  # (DIRECTIONS, d + 1) the active rows' n ...
    off: Floats  # (DIRECTIONS,) ... how far s may be off ...
    direction: Ints  # (N,) ... and which of them each has
    bound: Floats  # (N,) scratch
    resume: Ints  # (4,) where the last call stopped: level, used, when (-1: a bin begins), stale
    seen: Ints  # (N,) scratch
    near: Ints  # (N,) scratch


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _along(n: Any, v: Any, length2: float) -> Any:
    """Return A and B of V for the direction n, B rounded up."""
    a = dot(n, v)
    return a, math.sqrt(max(0.0, length2 - a * a) + SLACK * (v.shape[0] + 16) * 2.0**-53 * length2)


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _keep(rows: Any, sets: Any, k: int, places: Any, values: Any, fuzz: float, v: Any, n: Any) -> float:
    """Put s and p of the members of set k at these places, from their values, for the direction n = V/|V|.

    Returns how far s may be off; p is rounded up.
    """
    length, tiny = max(math.sqrt(dot(v, v)), 1e-300), SLACK * (v.shape[0] + 16) * 2.0**-53
    n[:], off = v / length, fuzz / length
    for i in places:
        square = rows.square[sets.rows[k, i]]
        sets.s[k, i] = values[i] / length
        sets.p[k, i] = math.sqrt(max(0.0, square - max(0.0, abs(sets.s[k, i]) - off) ** 2) + tiny * square)
    return off


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _pass_over(rows: Any, short: Any, sets: Any, k: int, places: Any, v: Any, n: Any) -> float:
    fuzz = values_at(rows, short, sets.rows[k], places, v, sets.bound)
    return _keep(rows, sets, k, places, sets.bound, fuzz, v, n)  # type: ignore[no-any-return]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _threshold(h: Any, wanted: int) -> float:
    """Return a number that about `wanted` of the values h reach (by a histogram of 512 steps)."""
    if wanted >= h.shape[0]:
        return -np.inf
    low, high = h.min(), h.max()
    if not high > low:
        return -np.inf
    counts = np.zeros(512, np.int64)
    scale = 511.0 / (high - low)
    for value in h:
        counts[int((value - low) * scale)] += 1
    step, total = 511, counts[511]
    while total < wanted and step > 0:
        step -= 1
        total += counts[step]
    return low + step / scale if step > 0 else -np.inf


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _choose_below(rows: Any, short: Any, state: Any, sets: Any, k: int, stale: bool, known: bool) -> int:
    """Choose set k + 1 from set k, after a pass over set k if `stale`; return how many rows were looked at.

    `known` says that s and p of set k are those of the present V; set k + 1 then takes them over.
    """
    m = 0
    for i in range(sets.size[k]):
        if not state.taken[sets.rows[k, i]]:
            sets.rows[k, m], sets.s[k, m], sets.p[k, m] = sets.rows[k, i], sets.s[k, i], sets.p[k, i]
            m += 1
    looked, sets.size[k], sets.fresh[k] = 0, m, stale or known
    if stale:
        sets.vague[k] = _pass_over(rows, short, sets, k, np.arange(m), state.v, sets.n[k])
        looked, sets.since[k] = m, -m
    h = sets.s[k, :m] + sets.w[k] * sets.p[k, :m]
    threshold = _threshold(h, int(sets.wanted[k]))
    chosen, sets.h[k], sets.q[k] = 0, -np.inf, 0.0
    for i in range(m):
        if h[i] >= threshold:
            sets.rows[k + 1, chosen] = sets.rows[k, i]
            sets.s[k + 1, chosen], sets.p[k + 1, chosen] = sets.s[k, i], sets.p[k, i]
            chosen += 1
        else:
            sets.h[k], sets.q[k] = max(sets.h[k], h[i]), max(sets.q[k], sets.p[k, i])
    sets.n[k + 1], sets.vague[k + 1] = sets.n[k], sets.vague[k]
    sets.size[k + 1], sets.overhead[k] = chosen, 0
    return looked


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _bounds(s: Any, p: Any, a: Any, b: Any, direction: Any, bound: Any) -> float:
    """Put the bound of every active row into `bound` and return the largest."""
    top = GONE
    for i in range(s.shape[0]):
        bound[i] = s[i] * a[direction[i]] + p[i] * b[direction[i]]
        top = max(top, bound[i])
    return top


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pick_lazily(rows: Any, short: Any, state: Any, sets: Any, picks: Any, gains: Any, count: int, patience: int) -> Any:
    """Pick until `picks` is full or `patience` rows were looked at; return how many are picked and were looked at.

    A set is chosen anew when a row outside it might be better. If it did not last as long as choosing it had cost, more
    rows are taken the next time. None of that changes a pick.
    """
    size, v, lanes, error = sets.size, state.v, np.empty(64), (state.v.shape[0] + 16) * 2.0**-53
    longest, a, b, out = math.sqrt(rows.square.max()), np.empty(DIRECTIONS), np.empty(DIRECTIONS), np.empty(SETS - 1)
    ratio, last = np.zeros(SETS - 1), SETS - 1
    level, used, when, stale, looked = sets.resume[0], sets.resume[1], sets.resume[2], sets.resume[3] > 0, 0
    if when < 0:
        left = np.flatnonzero(~state.taken)
        size[0] = len(left)
        sets.rows[0, : len(left)] = left
    while count < picks.shape[0] and looked < patience:
        before = looked
        known = False
        for k in range(level, last):
            looked += _choose_below(rows, short, state, sets, k, stale if k == level else not known, known)
            known, when = known or sets.fresh[k], count
            if k > level:
                sets.since[k] = 0
        if known:  # by the pass over a larger set
            sets.directions[0], sets.off[0] = sets.n[last], sets.vague[last]
            sets.direction[: size[last]], used = 0, 1
        elif level < last or used == DIRECTIONS:  # give rows of former directions the present one; all, if many
            places = np.flatnonzero(sets.direction[: size[last]])
            used = 2
            if level < last or 2 * len(places) > size[last]:
                places, used = np.arange(size[last]), 1
            sets.off[used - 1] = _pass_over(rows, short, sets, last, places, v, sets.directions[used - 1])
            looked += len(places)
            sets.direction[places] = used - 1
            sets.overhead[last - 1] += len(places)
        for k in range(level, last):
            sets.cost[k] = looked - before + size[k] // LOOK
            if k == level:
                sets.since[k] += sets.cost[k]
                if k > 0:
                    sets.overhead[k - 1] += sets.cost[k]
        length2 = dot(v, v)
        slack = SLACK * error * longest * math.sqrt(length2) + 1.5 / GRID
        for k in range(last):  # the bound for the rows outside
            out[k] = sets.h[k]
            if out[k] > -np.inf:
                along, across = _along(sets.n[k], v, length2)
                out[k] = along * (sets.h[k] + sets.vague[k]) + max(0.0, across - sets.w[k] * along) * sets.q[k]
                out[k] = out[k] if along > 0 else np.inf
                ratio[k] = min(across / along, 4.0) if along > 0 else 4.0
        off, fuzz = 0.0, 0.0
        for k in range(used):
            a[k], b[k] = _along(sets.directions[k], v, length2)
            off = max(off, abs(a[k]) * sets.off[k])
        n_seen, n_near = 0, 0
        best = _bounds(sets.s[last, : size[last]], sets.p[last], a, b, sets.direction, sets.bound)
        if out.max() < best - slack:
            first = 0
            while sets.bound[first] < best:
                first += 1
            best = value_of(rows, sets.rows[last, first], v)
            sets.bound[first] = best
            for i in range(size[last]):
                if sets.bound[i] >= best - slack - off:
                    sets.seen[n_seen] = i
                    n_seen += 1
            fuzz = values_at(rows, short, sets.rows[last], sets.seen[:n_seen], v, sets.bound)
            for i in sets.seen[:n_seen]:
                best = max(best, sets.bound[i] - fuzz)
        looked += n_seen
        sets.overhead[last - 1] += size[last] // LOOK
        level = last
        for k in range(last):
            if size[k] > 0 and (out[k] >= best - slack or size[k + 1] == 0):  # a set can be used up
                level = k
        if level < last:  # a row outside might be better; did the set last as long as choosing it cost?
            if when < count:
                paid = sets.overhead[level] >= sets.cost[level]
                sets.wanted[level] = max(16.0, sets.wanted[level] * (0.8 if paid else 1.4))
                sets.w[level] = 0.7 * ratio[level]
            elif sets.fresh[level]:
                sets.wanted[level] = 1.3 * sets.wanted[level] + 16
                sets.w[level] *= 0.5
            stale = when == count or sets.since[level] >= size[level]
            continue
        for i in sets.seen[:n_seen]:
            if sets.bound[i] >= best - slack - fuzz:
                sets.near[n_near] = i
                n_near += 1
        if n_seen > 4:  # these values hold for the present direction
            sets.off[used] = _keep(rows, sets, last, sets.seen[:n_seen], sets.bound, fuzz, v, sets.directions[used])
            sets.direction[sets.seen[:n_seen]] = used
            used += 1
        place, gains[count] = take_best(rows, state, sets.rows[last], sets.near[:n_near], lanes)
        picks[count] = sets.rows[last, place]
        count += 1
        size[last] -= 1
        m = size[last]
        sets.rows[last, place], sets.direction[place] = sets.rows[last, m], sets.direction[m]
        sets.s[last, place], sets.p[last, place] = sets.s[last, m], sets.p[last, m]
    sets.resume[0], sets.resume[1], sets.resume[2], sets.resume[3] = level, used, when, int(stale)
    return count, looked
