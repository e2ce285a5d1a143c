"""Compiled loops that pick rows, with the kernel of all rows (`pick_densely`) or with bounds (`pick_from_active`).

`docs/exact-greedy.md` defines the symbols in brackets. One file, as numba's cache does not notice edits of others.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from adq_core.records import Bools, Floats, Ints

TIE_SCALE = 2.0**34  # values are compared in steps of 1/TIE_SCALE
ERROR_FACTOR = 16.0  # [F] section 5 of the document adds up at most 14
REFRESH = 64  # picks after which the dense loop computes its values anew
BOUNDS_PER_PRODUCT = 20  # rows whose bound costs as much as one inner product
DIRECTIONS = 24  # directions that the rows of the active set may refer to
ANY_ORDER = {"reassoc", "contract", "nsz"}  # fast sums, only where section 5 accounts for their error
TAKEN, SIZE, N_DIRECTIONS = -1e300, 0, 1  # the value of a row that is taken; places in `ActiveSet.counts`


class KernelRows(NamedTuple):
    """A pool: row i is (weight[i] x[i], last[i]) and contributes (weight[i] x[i], last_contribution) to V."""

    x: Floats  # (N, d) float32 or float64, as given; weight x is at most 1 long
    weight: Floats  # (N,) float64
    last: Floats  # (N,) float64, the last coordinate of each row
    square: Floats  # (N,) float64, the squared length of the row, the last coordinate included
    longest: float  # [L], the square root of the largest `square`
    last_contribution: float


class GreedyState(NamedTuple):
    """The vector V, exactly and as float64, and the rows taken so far."""

    fixed: Ints  # (d,) int64, V in steps of 1/unit
    v: Floats  # (d + 1,) float64, V with its last coordinate
    taken: Bools  # (N,)
    unit: float


class ActiveSet(NamedTuple):
    """The rows whose bounds are computed at every pick; the first counts[SIZE] entries of each (N,) array."""

    rows: Ints  # (N,)
    along: Floats  # (N,) [s]
    across: Floats  # (N,) [p], rounded up
    direction_of: Ints  # (N,) the row's direction, an index into `directions`
    directions: Floats  # (DIRECTIONS, d + 1) [n]
    counts: Ints  # (2,) number of rows, number of directions in use
    bound: Floats  # (N,) scratch: a row's bound, or its value once evaluated
    evaluated: Ints  # (N,) scratch


class OutsideSets(NamedTuple):
    """For each set but the active one: a bound on the values of its members outside the next smaller set."""

    direction: Floats  # (K, d + 1) [n]
    weight: Floats  # (K,) [w], at most 2.8
    total: Floats  # (K,) [h], the largest along + weight * across; -inf where no member is outside
    across: Floats  # (K,) [q], the largest across
    bound: Floats  # (K,) the bound at the last pick
    ratio: Floats  # (K,) B/A at the last pick, at most 4


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def dot(a: Any, b: Any) -> float:
    """Return <a, b> in float64, summed in any order."""
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def ordered_dot(a: Any, b: Any, lanes: Any) -> float:
    """Return <a, b> in float64: product i is added to lane i mod 64 in turn, then the 64 lanes are halved by pairs."""
    d = a.shape[0]
    whole = d - d % 64
    lanes[:64] = 0.0
    for i in range(0, whole, 64):
        for j in range(64):
            lanes[j] += np.float64(a[i + j]) * np.float64(b[i + j])
    for j in range(d - whole):
        lanes[j] += np.float64(a[whole + j]) * np.float64(b[whole + j])
    for width in (32, 16, 8, 4, 2, 1):
        for j in range(width):
            lanes[j] += lanes[j + width]
    return lanes[0]  # type: ignore[no-any-return]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def squared_lengths(x: Any) -> Any:
    """Return (N,) float64, <x_i, x_i> by `ordered_dot`."""
    out, lanes = np.empty(x.shape[0]), np.empty(64)
    for i in range(x.shape[0]):
        out[i] = ordered_dot(x[i], x[i], lanes)
    return out


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def evaluate(rows: Any, members: Any, places: Any, v: Any, out: Any) -> None:
    """Put <r_x, V> of the members at these places into `out` at the same places, summed in any order.

    Four rows at a time, so that four are loaded from memory at a time: loading takes longer than the sums.
    """
    x, weight, last, final = rows.x, rows.weight, rows.last, len(places) - 1
    for k in range(0, len(places), 4):
        e, f, g, h = places[k], places[min(k + 1, final)], places[min(k + 2, final)], places[min(k + 3, final)]
        a, b, c, d = members[e], members[f], members[g], members[h]
        s = t = u = w = 0.0
        for j in range(x.shape[1]):
            s, t, u, w = s + x[a, j] * v[j], t + x[b, j] * v[j], u + x[c, j] * v[j], w + x[d, j] * v[j]
        out[e], out[f] = weight[a] * s + last[a] * v[-1], weight[b] * t + last[b] * v[-1]
        out[g], out[h] = weight[c] * u + last[c] * v[-1], weight[d] * w + last[d] * v[-1]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _take_best(rows: Any, state: Any, members: Any, contenders: Any, lanes: Any) -> Any:
    """Take the contender (a place in `members`) with the largest value; return its place and value.

    Values are compared in steps of 1/TIE_SCALE; the lowest row wins among equal steps.
    """
    v, best_step, best_value, best = state.v, -np.inf, -np.inf, -1
    for k in contenders:
        r = members[k]
        value = ordered_dot(rows.x[r], v[:-1], lanes) * rows.weight[r] + rows.last[r] * v[-1]
        step = np.rint(value * TIE_SCALE)
        if best < 0 or step > best_step or (step == best_step and r < members[best]):
            best_step, best_value, best = step, value, k
    r = members[best]
    state.taken[r] = True
    for j in range(state.fixed.shape[0]):
        state.fixed[j] -= 2 * np.int64(np.rint(rows.x[r, j] * rows.weight[r] * state.unit))
        v[j] = state.fixed[j] / state.unit
    v[-1] -= 2 * rows.last_contribution
    return best, best_value


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _subtract_row(values: Any, kernel_row: Any, last: Any, change: float) -> float:
    """Update all values after a pick: the kernel row twice, and the last coordinate; return the largest value."""
    top = TAKEN
    for i in range(values.shape[0]):
        values[i] += change * last[i] - 2.0 * kernel_row[i]
        top = max(top, values[i])
    return top


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pick_densely(
    rows: Any, state: Any, members: Any, kernel: Any, entry_error: float, picks: Any, gains: Any, count: int, stop: int
) -> int:
    """Pick until `stop` rows are picked, with the float32 `kernel` of `members` (ascending; all rows left are members).

    Every value within the error of the largest one is compared by `_take_best` (section 5, table "dense").
    """
    v, lanes, unit_error = state.v, np.empty(64), (state.v.shape[0] + 16) * 2.0**-53
    values, last, since, top = np.empty(len(members)), rows.last[members], REFRESH, TAKEN
    while count < stop:
        if since == REFRESH:
            evaluate(rows, members, np.arange(len(members)), v, values)
            values[state.taken[members]] = TAKEN
            top, since = values.max(), 0
        slack = ERROR_FACTOR * unit_error * rows.longest * (math.sqrt(dot(v, v)) + 2 * since)
        slack += 4 * since * entry_error + 2 * since * rows.longest * math.sqrt(len(v)) / state.unit + 1.5 / TIE_SCALE
        contenders = np.flatnonzero(values >= top - slack)
        place, gains[count] = _take_best(rows, state, members, contenders, lanes)
        picks[count], values[place] = members[place], TAKEN
        count, since = count + 1, since + 1
        top = _subtract_row(values, kernel[place], last, -2.0 * rows.last_contribution)
    return count


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _split(direction: Any, v: Any, norm2: float) -> Any:
    """Return A = <V, n> and B = |V - A n|, rounded up, of V and a direction n; `norm2` is |V|^2."""
    a = dot(direction, v)
    return a, math.sqrt(max(0.0, norm2 - a * a) + ERROR_FACTOR * (v.shape[0] + 16) * 2.0**-53 * norm2)


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def store_projection(
    rows: Any, members: Any, places: Any, values: Any, v: Any, n: Any, along: Any, across: Any
) -> None:
    """Set `n` to V/|V|, and compute `along` and `across` of the members at these places from their values."""
    length, unit_error = max(math.sqrt(dot(v, v)), 1e-300), (v.shape[0] + 16) * 2.0**-53
    n[:] = v / length
    for i in places:
        square = rows.square[members[i]]
        along[i] = values[i] / length
        across[i] = math.sqrt(max(0.0, square - along[i] ** 2) + ERROR_FACTOR * unit_error * square)


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def refresh_directions(rows: Any, active: Any, v: Any) -> int:
    """Store the direction of V for the active rows that do not have the first direction; return their number.

    If these are more than half of the active rows, all active rows get the direction of V.
    """
    size, number = active.counts[SIZE], 1
    places = np.flatnonzero(active.direction_of[:size])
    if 2 * len(places) > size:
        places, number = np.arange(size), 0
    evaluate(rows, active.rows, places, v, active.bound)
    n = active.directions[number]
    store_projection(rows, active.rows, places, active.bound, v, n, active.along, active.across)
    active.direction_of[places], active.counts[N_DIRECTIONS] = number, number + 1
    return len(places)


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _bound_outside(outside: Any, v: Any, norm2: float) -> float:
    """Fill `outside.bound` and `outside.ratio` and return the largest bound (inequality 2)."""
    for k in range(outside.total.shape[0]):
        a, b = _split(outside.direction[k], v, norm2)
        if outside.total[k] == -np.inf:
            outside.bound[k] = -np.inf
        elif a > 0:
            outside.bound[k] = a * outside.total[k] + max(0.0, b - outside.weight[k] * a) * outside.across[k]
            outside.ratio[k] = min(b / a, 4.0)
        else:
            outside.bound[k], outside.ratio[k] = np.inf, 4.0
    return outside.bound.max()  # type: ignore[no-any-return]


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _bound_rows(along: Any, across: Any, direction_of: Any, a: Any, b: Any, bound: Any) -> float:
    """Put the bound of every active row into `bound` (inequality 1) and return the largest."""
    top = TAKEN
    for i in range(along.shape[0]):
        bound[i] = along[i] * a[direction_of[i]] + across[i] * b[direction_of[i]]
        top = max(top, bound[i])
    return top


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _evaluate_candidates(rows: Any, active: Any, v: Any, slack: float) -> Any:
    """Evaluate the active rows whose bound reaches the best value; return that value and their places.

    `active.bound` must hold the bounds. The row with the largest bound is evaluated first: rows whose bound is below
    its value need no evaluation.
    """
    size = active.counts[SIZE]
    first = np.full(1, active.bound[:size].argmax())
    evaluate(rows, active.rows, first, v, active.bound)
    threshold, n = active.bound[first[0]] - slack, 0
    for i in range(size):
        if active.bound[i] >= threshold:
            active.evaluated[n], n = i, n + 1
    places = active.evaluated[:n]
    evaluate(rows, active.rows, places, v, active.bound)
    return active.bound[places].max(), places


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pick_from_active(
    rows: Any, state: Any, active: Any, outside: Any, picks: Any, gains: Any, count: int, max_work: int
) -> Any:
    """Pick rows of the active set while no row outside it can be better; return (count, evaluated, scanned, level).

    It stops when `picks` is full, after `max_work` inner products, or when a member of set k outside the next smaller
    one may be better (level is k, otherwise -1). `scanned`: the inner products that the size of the active set cost.
    """
    v, lanes, unit_error = state.v, np.empty(64), (state.v.shape[0] + 16) * 2.0**-53
    evaluated, scanned, a, b = 0, 0, np.empty(DIRECTIONS), np.empty(DIRECTIONS)
    while count < picks.shape[0] and evaluated + scanned < max_work:
        if active.counts[N_DIRECTIONS] == DIRECTIONS:  # none is free for the rows that are evaluated next
            n_refreshed = refresh_directions(rows, active, v)
            evaluated, scanned = evaluated + n_refreshed, scanned + n_refreshed
        size, norm2 = active.counts[SIZE], dot(v, v)
        slack = ERROR_FACTOR * unit_error * rows.longest * math.sqrt(norm2) + 1.5 / TIE_SCALE
        largest_outside = _bound_outside(outside, v, norm2)
        for k in range(active.counts[N_DIRECTIONS]):
            a[k], b[k] = _split(active.directions[k], v, norm2)
        best = _bound_rows(active.along[:size], active.across, active.direction_of, a, b, active.bound)
        scanned, places = scanned + size // BOUNDS_PER_PRODUCT, active.evaluated[:0]
        if size > 0 and largest_outside < best - slack:
            best, places = _evaluate_candidates(rows, active, v, slack)
            evaluated += len(places)
        if size == 0 or largest_outside >= best - slack:
            for k in range(outside.bound.shape[0] - 1, -1, -1):
                if outside.bound[k] >= best - slack:
                    return count, evaluated, scanned, k
        if len(places) > 4:  # their values hold for the present direction
            k, n = active.counts[N_DIRECTIONS], active.directions[active.counts[N_DIRECTIONS]]
            store_projection(rows, active.rows, places, active.bound, v, n, active.along, active.across)
            active.direction_of[places], active.counts[N_DIRECTIONS] = k, k + 1
        contenders = places[active.bound[places] >= best - slack]
        place, gains[count] = _take_best(rows, state, active.rows, contenders, lanes)
        picks[count] = active.rows[place]
        count += 1
        m = size - 1  # the last row moves to the place of the pick
        active.rows[place], active.direction_of[place] = active.rows[m], active.direction_of[m]
        active.along[place], active.across[place] = active.along[m], active.across[m]
        active.counts[SIZE] = m
    return count, evaluated, scanned, -1
