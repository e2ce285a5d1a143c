"""The compiled loops of `greedy.py`, whose docstring says what they compute and why no pick can differ."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

GRID = 2.0**34  # values are compared in steps of 1/GRID
SLACK = 8.0
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
def split(values: Any, squares: Any, length: float, tiny: float, s: Any, p: Any) -> None:
    """Put s and p of rows with these values and squared lengths, for n = V/|V|, where they belong."""
    for k in range(values.shape[0]):
        s[k] = values[k] / length
        p[k] = math.sqrt(max(0.0, squares[k] - s[k] * s[k]) + tiny * squares[k])


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
    middle: Any,
    n0: Any,
    h0: float,
    w0: float,
    q0: float,
    tune: Any,
    picks: Any,
    gains: Any,
    count: int,
    patience: int,
) -> Any:
    """Pick until the bound outside `middle` is reached, the picks are full, or `patience` rows were looked at.

    `fixed` (V in fixed point), `taken`, `picks` and `gains` are written to; `tune` holds the wanted size of the active
    set and its w from call to call. Returns how many are picked, how many rows were looked at, B/A outside.
    """
    d = x.shape[1]
    error = (d + 16) * 2.0**-53
    tiny = 4 * error
    v, n1, n2, lanes = np.empty(d + 1), np.empty(d + 1), np.empty(d + 1), np.empty(64)
    _float_v(fixed, unit, tail * (pool - 2 * count), v)
    live = middle.copy()
    values, s, p = np.empty(len(live)), np.empty(len(live)), np.empty(len(live))
    active, near = np.empty(len(live), np.int64), np.empty(len(live), np.int64)
    n_live, n_active, looked, ratio0, ratio1 = len(live), 0, 0, 0.0, 0.0
    h1, w1, q1 = 0.0, tune[1], 0.0
    longest = math.sqrt(square.max())
    choose_active, since_active, since_direction = True, 0, 0
    while count < picks.shape[0] and looked < patience:
        length2 = dot(v, v)
        length = max(math.sqrt(length2), 1e-300)
        slack = SLACK * error * longest * length + 1.5 / GRID
        if choose_active:  # a pass over the middle set: who is active, and what bounds the others
            k = 0
            for r in live[:n_live]:
                if not taken[r]:
                    live[k] = r
                    k += 1
            n_live = k
            if k == 0:
                break
            values_of(x, weight, extra, live[:k], v, values[:k])
            looked += k
            split(values[:k], square[live[:k]], length, tiny, s, p)
            n1[:] = v / length
            h = s[:k] + w1 * p[:k]
            threshold = highest(h, int(tune[0]))
            n_active, h1, q1 = 0, -np.inf, 0.0
            for i in range(k):
                if h[i] >= threshold:
                    active[n_active], s[n_active], p[n_active] = live[i], s[i], p[i]
                    n_active += 1
                else:
                    h1, q1 = max(h1, h[i]), max(q1, p[i])
            n2[:] = n1
            choose_active, since_active, since_direction = False, 0, 0
        elif since_direction > n_active:  # a pass over the active set: its bounds have become too loose
            values_of(x, weight, extra, active[:n_active], v, values[:n_active])
            looked += n_active
            since_active += n_active
            split(values[:n_active], square[active[:n_active]], length, tiny, s, p)
            n2[:] = v / length
            since_direction = 0
        out0, ratio0 = _outside(n0, v, length2, tiny, h0, w0, q0)
        out1, ratio1 = _outside(n1, v, length2, tiny, h1, w1, q1)
        a = dot(n2, v)
        b = math.sqrt(max(0.0, length2 - a * a) + tiny * length2)
        top, first = -np.inf, 0
        for i in range(n_active):
            values[i] = s[i] * a + p[i] * b
            if values[i] > top:
                top, first = values[i], i
        best, n_near, seen = top, 0, 0
        if n_active > 0 and max(out0, out1) < top - slack:
            r = active[first]
            best = weight[r] * dot(x[r], v[:d]) + extra[r] * v[d]
            for i in range(n_active):
                if values[i] >= best - slack:
                    r = active[i]
                    values[i] = weight[r] * dot(x[r], v[:d]) + extra[r] * v[d]
                    seen += 1
                    if values[i] >= best - slack:
                        near[n_near] = i
                        n_near += 1
                        best = max(best, values[i])
        looked += seen
        since_active += seen
        since_direction += seen - 1
        if n_active == 0 or out1 >= best - slack:  # sooner than the pass has paid for: take more rows the next time
            tune[0] = max(16.0, tune[0] * (1.4 if since_active < n_live else 0.9)) + 1
            w1 = min(ratio1, 4.0)
            choose_active = True
            continue
        if out0 >= best - slack:
            break
        k = 0
        for j in range(n_near):
            if values[near[j]] >= best - slack:
                near[k] = near[j]
                k += 1
        chosen, value = _choose(x, weight, extra, active, near, k, v, lanes)
        r = active[chosen]
        taken[r], picks[count], gains[count] = True, r, value
        count += 1
        n_active -= 1
        active[chosen], s[chosen], p[chosen] = active[n_active], s[n_active], p[n_active]
        _subtract_pick(x[r], weight[r], unit, fixed, v)
        v[d] = tail * (pool - 2 * count)
    tune[1] = w1
    return count, looked, ratio0


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
