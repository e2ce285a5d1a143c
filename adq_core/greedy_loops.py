"""The compiled loops of `greedy.py`, whose docstring says what they compute and why no pick can differ."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

GRID = 2.0**34  # values are compared in steps of 1/GRID
SLACK = 8.0
DIRECTIONS = 24  # how many directions the active set may refer to
REFRESH = 64  # picks after which the dense way makes its values anew
ANY_ORDER = {"reassoc", "contract", "nsz"}  # fast sums, only where their error is accounted for


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def dot(a: Any, b: Any) -> float:
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
    return float(lanes[0])


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def squared_lengths(x: Any) -> Any:
    """Return (N,) float64, <x_i, x_i> by `ordered_dot`."""
    out, lanes = np.empty(x.shape[0]), np.empty(64)
    for i in range(x.shape[0]):
        out[i] = ordered_dot(x[i], x[i], lanes)
    return out


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def fixed_sum(x: Any, weight: Any, unit: float, total: Any) -> None:
    """Add all contributions to `total` (d,) int64, in steps of 1/unit."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            total[j] += np.int64(np.rint(x[i, j] * weight[i] * unit))


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def values_of(x: Any, weight: Any, extra: Any, rows: Any, v: Any, out: Any) -> None:
    d = x.shape[1]
    for k in range(rows.shape[0]):
        r = rows[k]
        out[k] = weight[r] * dot(x[r], v[:d]) + extra[r] * v[d]


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _float_v(fixed: Any, unit: float, last: float, v: Any) -> None:
    for j in range(fixed.shape[0]):
        v[j] = fixed[j] / unit
    v[fixed.shape[0]] = last


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _subtract_pick(x: Any, weight: float, unit: float, fixed: Any, v: Any) -> None:
    for j in range(fixed.shape[0]):
        fixed[j] -= 2 * np.int64(np.rint(x[j] * weight * unit))
        v[j] = fixed[j] / unit


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _choose(x: Any, weight: Any, extra: Any, rows: Any, near: Any, n_near: int, v: Any, lanes: Any) -> Any:
    """Return (place in `rows`, value) of the best of the near ones by the value that decides; lower row on a tie."""
    d = x.shape[1]
    best_step, best_value, best = -np.inf, -np.inf, -1
    for k in range(n_near):
        r = rows[near[k]]
        value = ordered_dot(x[r], v[:d], lanes) * weight[r] + extra[r] * v[d]
        step = np.rint(value * GRID)
        if best < 0 or step > best_step or (step == best_step and r < rows[best]):
            best_step, best_value, best = step, value, near[k]
    return best, best_value


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _outside(n: Any, v: Any, length2: float, tiny: float, h: float, w: float, q: float) -> Any:
    """Return the bound for a whole set of rows outside, and B/A; infinite where the set's direction is lost."""
    if h == -np.inf:
        return -np.inf, 0.0
    a = dot(n, v)
    if a <= 0.0:
        return np.inf, 1.0
    b = math.sqrt(max(0.0, length2 - a * a) + tiny * length2)
    return a * h + max(0.0, b - w * a) * q, b / a


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def highest(h: Any, wanted: int) -> float:
    """Return a threshold that about `wanted` of the values h exceed (by a histogram of 512 steps)."""
    low, high = h.min(), h.max()
    if wanted >= h.shape[0] or not high > low:
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
def _shortlist(rows: Any, s: Any, p: Any, w: float, wanted: int, chosen: Any) -> Any:
    """Put about `wanted` rows with the largest s + w p into `chosen`; return how many, and h and q of the others."""
    h = s + w * p
    threshold = highest(h, wanted)
    k, high, longest = 0, -np.inf, 0.0
    for i in range(h.shape[0]):
        if h[i] >= threshold:
            chosen[k] = rows[i]
            k += 1
        else:
            high, longest = max(high, h[i]), max(longest, p[i])
    return k, high, longest


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _drop_taken(taken: Any, rows: Any, s: Any, p: Any, n: int) -> int:
    k = 0
    for i in range(n):
        if not taken[rows[i]]:
            rows[k], s[k], p[k] = rows[i], s[i], p[i]
            k += 1
    return k


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _renew(x: Any, weight: Any, extra: Any, square: Any, rows: Any, places: Any, v: Any, s: Any, p: Any, n: Any) -> int:
    """Make s and p of the rows at these places anew for n = V/|V|; return how many rows that were."""
    d, tiny, length = x.shape[1], 4 * (x.shape[1] + 16) * 2.0**-53, max(math.sqrt(dot(v, v)), 1e-300)
    n[:] = v / length
    for i in places:
        r = rows[i]
        s[i] = (weight[r] * dot(x[r], v[:d]) + extra[r] * v[d]) / length
        p[i] = math.sqrt(max(0.0, square[r] - s[i] * s[i]) + tiny * square[r])
    return len(places)


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _bounds(s: Any, p: Any, a: Any, b: Any, direction: Any, bound: Any) -> float:
    """Put the bound of every active row into `bound` and return the largest."""
    top = -1e300
    for i in range(s.shape[0]):
        bound[i] = s[i] * a[direction[i]] + p[i] * b[direction[i]]
        top = max(top, bound[i])
    return top


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pick_lazily(
    x: Any,
    weight: Any,
    extra: Any,
    square: Any,
    tail: float,
    unit: float,
    pool: int,
    fixed: Any,
    taken: Any,
    picks: Any,
    gains: Any,
    count: int,
    patience: int,
    wanted: Any,
    w: Any,
) -> Any:
    """Pick until `picks` is full or `patience` rows were looked at; return how many are picked and were looked at.

    `fixed` (V in fixed point), `taken`, `picks` and `gains` are written to. `wanted` (sizes of the middle and the
    active set) and `w` (of the rows outside them) are adapted and kept from call to call.
    """
    d, n_rows = x.shape[1], int((~taken).sum())
    error = (d + 16) * 2.0**-53
    v, lanes, longest = np.empty(d + 1), np.empty(64), math.sqrt(square.max())
    _float_v(fixed, unit, tail * (pool - 2 * count), v)
    rows, s, p = np.empty((3, n_rows), np.int64), np.empty((3, n_rows)), np.empty((3, n_rows))
    rows[0] = np.flatnonzero(~taken)  # set 0: all rows left, set 1: middle, set 2: active
    size = np.array([n_rows, 0, 0])
    since, overhead, cost = np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(2, np.int64)
    n, h, q, ratio, out = np.empty((2, d + 1)), np.empty(2), np.empty(2), np.zeros(2), np.empty(2)
    fresh = np.zeros(2, np.bool_)
    directions, a, b = np.empty((DIRECTIONS, d + 1)), np.empty(DIRECTIONS), np.empty(DIRECTIONS)
    direction, bound = np.empty(n_rows, np.int64), np.empty(n_rows)
    seen, near = np.empty(n_rows, np.int64), np.empty(n_rows, np.int64)
    everyone, level, stale, used, looked, last_count = np.arange(n_rows), 0, True, 0, 0, count
    while count < picks.shape[0] and looked < patience:
        before = looked
        for k in range(level, 2):  # choose the sets below `level` anew
            size[k] = _drop_taken(taken, rows[k], s[k], p[k], size[k])
            m = size[k]
            cost[k] = m // 32
            fresh[k] = stale or k > level
            if fresh[k]:
                looked += _renew(x, weight, extra, square, rows[k], everyone[:m], v, s[k], p[k], n[k])
                since[k], cost[k] = -m, m
            size[k + 1], h[k], q[k] = _shortlist(rows[k, :m], s[k, :m], p[k, :m], w[k], int(wanted[k]), rows[k + 1])
            overhead[k], last_count = 0, count
        if level < 2 or used == DIRECTIONS:  # give rows of old directions a new one; all, if those are many
            m = 0
            for i in range(size[2]):
                if direction[i] > 0:
                    seen[m] = i
                    m += 1
            used = 2
            if level < 2 or 2 * m > size[2]:
                m, used = size[2], 1
                seen[:m] = np.arange(m)
            looked += _renew(x, weight, extra, square, rows[2], seen[:m], v, s[2], p[2], directions[used - 1])
            direction[seen[:m]] = used - 1
            if level == 2:
                overhead[1] += m
        if level < 2:
            cost[level:] += looked - before
            since[level:] += looked - before
            if level == 1:
                overhead[0] += cost[1]
        length2 = dot(v, v)
        slack = SLACK * error * longest * math.sqrt(length2) + 1.5 / GRID
        for k in range(2):
            out[k], ratio[k] = _outside(n[k], v, length2, 4 * error, h[k], w[k], q[k])
        for k in range(used):
            a[k] = dot(directions[k], v)
            b[k] = math.sqrt(max(0.0, length2 - a[k] * a[k]) + 4 * error * length2)
        best = _bounds(s[2, : size[2]], p[2], a, b, direction, bound)
        n_seen, n_near = 0, 0
        if size[2] > 0 and max(out[0], out[1]) < best - slack:
            first = 0
            while bound[first] < best:
                first += 1
            r = rows[2, first]
            best = weight[r] * dot(x[r], v[:d]) + extra[r] * v[d]
            for i in range(size[2]):
                if bound[i] >= best - slack:
                    r = rows[2, i]
                    bound[i] = weight[r] * dot(x[r], v[:d]) + extra[r] * v[d]
                    seen[n_seen] = i
                    n_seen += 1
                    best = max(best, bound[i])
        looked += n_seen
        overhead[1] += size[2] // 16
        level = 2
        for k in range(2):
            if out[k] >= best - slack or size[2] == 0:
                level = k
        if level < 2:  # rows outside might be better
            paid = overhead[level] >= cost[level]
            stale = last_count == count or since[level] >= size[level]
            if last_count < count:
                wanted[level] = max(16.0, wanted[level] * (0.8 if paid else 1.4))
                w[level] = min(ratio[level], 4.0)
            elif fresh[level]:  # a pass, and yet no pick
                wanted[level] = 2 * wanted[level] + 16
            continue
        for j in range(n_seen):
            i = seen[j]
            if bound[i] >= best - slack:
                near[n_near] = i
                n_near += 1
        if n_seen > 4:  # what was looked at is known for the present direction of V
            length = max(math.sqrt(length2), 1e-300)
            directions[used] = v / length
            for i in seen[:n_seen]:
                squared = square[rows[2, i]]
                s[2, i], direction[i] = bound[i] / length, used
                p[2, i] = math.sqrt(max(0.0, squared - s[2, i] * s[2, i]) + 4 * error * squared)
            used += 1
        chosen, value = _choose(x, weight, extra, rows[2], near, n_near, v, lanes)
        r = rows[2, chosen]
        taken[r], picks[count], gains[count] = True, r, value
        count += 1
        size[2] -= 1
        m = size[2]
        rows[2, chosen], s[2, chosen], p[2, chosen] = rows[2, m], s[2, m], p[2, m]
        direction[chosen] = direction[m]
        _subtract_pick(x[r], weight[r], unit, fixed, v)
        v[d] = tail * (pool - 2 * count)
    return count, looked


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _subtract_row(values: Any, kernel_row: Any, extra: Any, last: float) -> float:
    """Subtract a row of the kernel (and the last coordinate's share) from all values and return the largest."""
    top = -1e300
    for i in range(values.shape[0]):
        values[i] += last * extra[i] - 2.0 * kernel_row[i]
        top = max(top, values[i])
    return top


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pick_densely(
    x: Any,
    weight: Any,
    extra: Any,
    square: Any,
    tail: float,
    unit: float,
    pool: int,
    fixed: Any,
    taken: Any,
    rows: Any,
    kernel: Any,
    entry_error: float,
    picks: Any,
    gains: Any,
    count: int,
    stop: int,
) -> int:
    """Pick until `stop` are picked, with the float32 `kernel` of `rows` (ascending, all rows left among them)."""
    d, n = x.shape[1], rows.shape[0]
    v, lanes = np.empty(d + 1), np.empty(64)
    _float_v(fixed, unit, tail * (pool - 2 * count), v)
    values, near, extras = np.empty(n), np.empty(n, np.int64), extra[rows]
    longest = math.sqrt(square.max())
    since, top = REFRESH, 0.0
    while count < stop:
        if since == REFRESH:
            values_of(x, weight, extra, rows, v, values)
            for i in range(n):
                if taken[rows[i]]:
                    values[i] = -1e300
            top, since = values.max(), 0
        error = SLACK * (d + 16) * 2.0**-53 * longest * (math.sqrt(dot(v, v)) + 2 * since) + 1.5 / GRID
        error += 4 * since * entry_error
        n_near = 0
        for i in range(n):
            if values[i] >= top - error:
                near[n_near] = i
                n_near += 1
        chosen, value = _choose(x, weight, extra, rows, near, n_near, v, lanes)
        r = rows[chosen]
        taken[r], picks[count], gains[count] = True, r, value
        count += 1
        since += 1
        values[chosen] = -1e300
        _subtract_pick(x[r], weight[r], unit, fixed, v)
        v[d] = tail * (pool - 2 * count)
        top = _subtract_row(values, kernel[chosen], extras, -2.0 * tail)
    return count
