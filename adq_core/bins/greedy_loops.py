"""What both ways of `greedy.py` share, compiled, and the dense way; its docstring says why no pick can differ."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np

from ..records import Bools, Floats, Ints

GRID = 2.0**34  # values are compared in steps of 1/GRID
SLACK = 48.0  # how many errors of a float64 sum a comparison allows for
REFRESH = 64  # picks after which the dense way makes its values anew
ANY_ORDER = {"reassoc", "contract", "nsz"}  # fast sums, only where their error is accounted for
GONE = -1e300  # the value of a row that is taken


class Rows(NamedTuple):
    """What the greedy needs of a pool: row i is (weight[i] x[i], extra[i]) and contributes (weight[i] x[i], tail)."""

    x: Floats  # (N, d) float32 or float64, as given; weight x is no longer than 1
    weight: Floats  # (N,) float64
    extra: Floats  # (N,) float64, the last coordinate of each row
    square: Floats  # (N,) float64, the squared length of the row, the last coordinate included
    tail: float


class State(NamedTuple):
    """Where the greedy stands: V twice, as integers in steps of 1/unit (exact) and as float64 with its last one."""

    fixed: Ints  # (d,) int64
    v: Floats  # (d + 1,)
    taken: Bools  # (N,)
    unit: float


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def dot(a: Any, b: Any) -> float:
    """Return <a, b> in float64, in any order."""
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def ordered_dot(a: Any, b: Any, lanes: Any) -> float:
    """Return <a, b> in float64: product i goes to lane i mod 64 in turn, then the 64 lanes are halved by pairs."""
    d = a.shape[0]
    whole = d - d % 64
    for j in range(64):
        lanes[j] = 0.0
    for i in range(0, whole, 64):
        for j in range(64):
            lanes[j] += np.float64(a[i + j]) * np.float64(b[i + j])
    for j in range(d - whole):
        lanes[j] += np.float64(a[whole + j]) * np.float64(b[whole + j])
    width = 32
    while width > 0:
        for j in range(width):
            lanes[j] += lanes[j + width]
        width //= 2
    return lanes[0]  # type: ignore[no-any-return]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def squared_lengths(x: Any) -> Any:
    """Return (N,) float64, <x_i, x_i> by `ordered_dot`."""
    out, lanes = np.empty(x.shape[0]), np.empty(64)
    for i in range(x.shape[0]):
        out[i] = ordered_dot(x[i], x[i], lanes)
    return out


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def begin_bin(rows: Any, state: Any, pool: int, first: bool) -> None:
    """Set V to the sum of the pool: by adding up at first, later from what the last bin left in `fixed`."""
    if first:
        for i in range(rows.x.shape[0]):
            for j in range(rows.x.shape[1]):
                state.fixed[j] += np.int64(np.rint(rows.x[i, j] * rows.weight[i] * state.unit))
    for j in range(state.fixed.shape[0]):
        state.v[j] = state.fixed[j] / state.unit
    state.v[-1] = rows.tail * pool


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def value_of(rows: Any, r: int, v: Any) -> float:
    """Return <r_x, V> in any order of sums."""
    return rows.weight[r] * dot(rows.x[r], v[:-1]) + rows.extra[r] * v[-1]  # type: ignore[no-any-return]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def take_best(rows: Any, state: Any, members: Any, near: Any, lanes: Any) -> Any:
    """Take the best of the members at the places `near` by the value that decides; return its place and value."""
    v, best_step, best_value, best = state.v, -np.inf, -np.inf, -1
    for k in near:
        r = members[k]
        value = ordered_dot(rows.x[r], v[:-1], lanes) * rows.weight[r] + rows.extra[r] * v[-1]
        step = np.rint(value * GRID)
        if best < 0 or step > best_step or (step == best_step and r < members[best]):
            best_step, best_value, best = step, value, k
    r = members[best]
    state.taken[r] = True
    for j in range(state.fixed.shape[0]):
        state.fixed[j] -= 2 * np.int64(np.rint(rows.x[r, j] * rows.weight[r] * state.unit))
        v[j] = state.fixed[j] / state.unit
    v[-1] -= 2 * rows.tail
    return best, best_value


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _subtract_row(values: Any, kernel_row: Any, extra: Any, last: float) -> float:
    """Subtract a row of the kernel (and the last coordinate's share) from all values and return the largest."""
    top = GONE
    for i in range(values.shape[0]):
        values[i] += last * extra[i] - 2.0 * kernel_row[i]
        top = max(top, values[i])
    return top


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pick_densely(
    rows: Any, state: Any, members: Any, kernel: Any, entry_error: float, picks: Any, gains: Any, count: int, stop: int
) -> int:
    """Pick until `stop` are picked, with the float32 `kernel` of `members` (ascending, all rows left among them)."""
    v, lanes, error = state.v, np.empty(64), (state.v.shape[0] + 16) * 2.0**-53
    values, near, extras = np.empty(len(members)), np.empty(len(members), np.int64), rows.extra[members]
    longest, since, top = math.sqrt(rows.square.max()), REFRESH, GONE
    while count < stop:
        if since == REFRESH:
            for i in range(len(members)):
                values[i] = GONE if state.taken[members[i]] else value_of(rows, members[i], v)
            top, since = values.max(), 0
        slack = SLACK * error * longest * (math.sqrt(dot(v, v)) + 2 * since) + 1.5 / GRID + 4 * since * entry_error
        n_near = 0
        for i in range(len(members)):
            if values[i] >= top - slack:
                near[n_near] = i
                n_near += 1
        place, gains[count] = take_best(rows, state, members, near[:n_near], lanes)
        picks[count] = members[place]
        values[place] = GONE
        count += 1
        since += 1
        top = _subtract_row(values, kernel[place], extras, -2.0 * rows.tail)
    return count
