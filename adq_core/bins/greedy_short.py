"""Short copies of rows, compiled: values of many rows at a quarter to a half of the bytes, with a proven error.

A look at a row costs what it costs to bring the row from memory. Where rows have a direction in common, V points nearly
where it pointed when the pool was whole, along m = V_0/|V_0|, and what is left of it, V' = V - a m with a = <V, m>, is
small beside V; elsewhere V is small itself. So a row u = tau m + u' is kept as tau in float64 and u' in int16, in steps
of max|u'|/32766, and
<u, V> = tau a + <u', V'>  within `fuzz` = blur |V'|.

Errors, for d coordinates and rows no longer than L. A rounded coordinate is within .5 of a step, float32 makes it .51:
u' is within .51 sqrt(d) steps; a float32 sum of d products in any order is within d 2^-24 / (1 - d 2^-24) of the
product of the lengths, and V' and u' as float32 add 2^-24 each. `blur` is .52 sqrt(d) steps + (d + 16) 2^-24 L, as
large as it is for the worst row. All else is float64: m has length 1 up to an error e = (d + 16) 2^-53, so tau, a,
<u', m> and <m, V'> are within 3 e of what they stand for, and the value within 9 e L |V| of the inner product.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from ..records import Floats, Ints
from .greedy_loops import ANY_ORDER, Rows, dot, value_of

STEPS = 32766.0  # the largest int16 is 32767
FETCH = 256  # values at the beginning of a row that are sent for ahead; the processor goes on by itself


class Short(NamedTuple):
    """The short copies of a pool's rows."""

    m: Floats  # (d,) of length 1, or 0
    rows: Ints  # (N, d) int16
    step: Floats  # (N,)
    tau: Floats  # (N,)
    blur: float


def shorten(rows: Rows, v: Floats) -> Short:
    """Return short copies of all rows, with m the direction of these (d + 1,) v; 2 N (d + 8) bytes."""
    n, d = rows.x.shape
    length = math.sqrt(dot(v[:-1], v[:-1]))
    m = v[:-1] / length if length > 0 else np.zeros(d)
    short, step, tau = np.empty((n, d), np.int16), np.empty(n), np.empty(n)
    widest = _shorten(rows, m, short, step, tau)
    sums = (d + 16) * 2.0**-24
    return Short(m, short, step, tau, 0.52 * math.sqrt(d) * widest + sums / (1 - sums) * math.sqrt(rows.square.max()))


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER | {"nnan"})  # type: ignore[untyped-decorator]
def _shorten(rows: Any, m: Any, short: Any, step: Any, tau: Any) -> float:
    """Fill `short`, `step` and `tau`, and return the widest step."""
    rest, widest, half = np.empty(m.shape[0], np.float32), 0.0, np.float32(0.5)
    for i in range(rows.x.shape[0]):
        x, weight = rows.x[i], rows.weight[i]
        along = weight * dot(x, m)
        top = np.float32(1e-30)  # a row of zeros has a step as well
        for j in range(m.shape[0]):
            rest[j] = weight * x[j] - along * m[j]
            top = max(top, abs(rest[j]))
        scale = np.float32(STEPS) / top
        for j in range(m.shape[0]):  # rint would not be vectorised
            short[i, j] = np.int16(np.floor(rest[j] * scale + half))
        step[i], tau[i] = np.float64(top) / STEPS, along
        widest = max(widest, step[i])
    return widest


@numba.njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def _four_dots(a: Any, b: Any, c: Any, d: Any, v: Any) -> Any:
    """Return <a, v>, <b, v>, <c, v>, <d, v> in float32, in any order: four rows on their way from memory at a time."""
    s = t = u = w = np.float32(0.0)
    for i in range(v.shape[0]):
        s += np.float32(a[i]) * v[i]
        t += np.float32(b[i]) * v[i]
        u += np.float32(c[i]) * v[i]
        w += np.float32(d[i]) * v[i]
    return s, t, u, w


@intrinsic  # type: ignore[untyped-decorator]
def _send_for(typing: Any, x: Any, row: Any, column: Any) -> Any:
    """Have x[row, column] fetched from memory in the meantime; no value depends on it."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind, byte, number = signature.args[0], ir.IntType(8).as_pointer(), ir.IntType(32)
        array = context.make_array(kind)(context, builder, arguments[0])
        place = builder.bitcast(cgutils.get_item_pointer(context, builder, kind, array, arguments[1:]), byte)
        shape = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], shape)
        builder.call(prefetch, [place, number(0), number(3), number(1)])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(x, row, column), code


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def values_at(rows: Any, short: Any, members: Any, places: Any, v: Any, out: Any) -> float:
    """Put <r_x, V> of the members at these places into `out` at the same places, and return their `fuzz`.

    The rows lie far apart, and more time goes by until a row begins to arrive than in summing it: so the next four are
    sent for while four are summed.
    """
    x, step, tau, extra, last = short.rows, short.step, short.tau, rows.extra, v[-1]
    along = dot(short.m, v[:-1])
    rest = v[:-1] - along * short.m
    head = rest.astype(np.float32)
    whole = len(places) - len(places) % 4
    for k in range(0, whole, 4):
        for ahead in range(k + 4, min(k + 8, whole)):
            for column in range(0, min(x.shape[1], FETCH), 32):
                _send_for(x, members[places[ahead]], column)
        i, j, m, n = places[k], places[k + 1], places[k + 2], places[k + 3]
        a, b, c, d = members[i], members[j], members[m], members[n]
        s, t, u, w = _four_dots(x[a], x[b], x[c], x[d], head)
        out[i] = step[a] * s + tau[a] * along + extra[a] * last
        out[j] = step[b] * t + tau[b] * along + extra[b] * last
        out[m] = step[c] * u + tau[c] * along + extra[c] * last
        out[n] = step[d] * w + tau[d] * along + extra[d] * last
    for k in range(whole, len(places)):
        out[places[k]] = value_of(rows, members[places[k]], v)
    return short.blur * math.sqrt(dot(rest, rest))  # type: ignore[no-any-return]
