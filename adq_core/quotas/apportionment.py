"""Whole numbers from real-valued weights: Webster's method with capacities, for many rows of weights at once.

Each seat goes to the bin with the largest weight / (2 q + 1), where q is the number of seats the bin has already. Full
bins are skipped, and a tie goes to the bin with the lower number. Bins of weight zero get seats only when all other
bins are full, in proportion to their capacities. So the sum is exact, no capacity is exceeded, and no bin loses a seat
when the total grows (Balinski and Young, Fair Representation, 1982). The method of largest remainders lacks the last
property.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adq_core.records import Bools, Floats, Ints

MIN_RELATIVE_WEIGHT = 1e-290  # smaller positive weights, relative to the row's largest, would overflow in divisions


def webster(weight: Floats, capacity: Ints, total: int, least: Ints | None = None) -> Ints:
    """Return the seats of every bin, (..., m) int64, for weights (..., m); every row sums to `total`.

    least: (m,) seats that a bin has at least (default: 0). Then a bin whose weight gives it fewer has these, and the
    others share the rest, as if every bin began with them: the sum stays exact, and no bin loses a seat when the total
    grows. `total` must be at least the sum of `least` and at most the sum of the capacities.

    Giving seats one by one takes `total` steps. Instead, every row starts with all seats whose value exceeds a
    threshold, at most m + 1 seats fewer than `total`, and gives only the last ones one by one. The result is the same,
    because this method always gives the seats of largest value.
    """
    weights = _scaled(weight)
    capacity = np.asarray(capacity, np.int64)
    seats = _all_seats(weights, capacity, np.full(len(weights), total))
    if least is not None and np.any(least):
        seats = _at_least(weights, capacity, total, np.asarray(least, np.int64), seats, _all_seats)
    return seats.astype(np.int64).reshape(np.shape(weight))


def _all_seats(weights: Floats, capacity: Ints, total: Ints) -> Ints:
    """Return the seats per bin, (rows, m); each row sums to its total. capacity: (m,) or (rows, m)."""
    positive = weights > 0
    room = np.where(positive, capacity, 0)
    seats = _largest_seats(weights, room, np.minimum(total, room.sum(axis=1)))
    missing = total - seats.sum(axis=1)
    if missing.any():  # the bins of weight zero, by capacity
        seats += _largest_seats(np.where(positive, 0.0, np.asarray(capacity, np.float64)), capacity - room, missing)
    return seats


def _at_least(
    weights: Floats,
    capacity: Ints,
    total: float,
    least: Ints,
    given: Floats | Ints,
    share: Callable[[Floats, Ints, Any], Any],
) -> Any:
    """Return the shares per bin, (rows, m), with at least `least` (m,) for each; `given` are the shares without that.

    A bin below its least share gets it, and `share` distributes the rest over the other bins. They then have less than
    before, so a bin that was below stays there, and the loop ends after at most m rounds.
    """
    fixed = np.zeros(weights.shape, np.bool_)
    while (below := ~fixed & (given < least)).any():
        fixed |= below
        rest = total - np.where(fixed, least, 0).sum(axis=1)
        given = np.where(fixed, least, share(np.where(fixed, 0.0, weights), np.where(fixed, 0, capacity), rest))
    return given


def water_fill(weight: Floats, capacity: Ints, total: float, least: Ints | None = None) -> Floats:
    """Return min(capacity, level x weight) with the level at which each row sums to `total`, (..., m) float64.

    least: (m,) smallest share of each bin (default: 0).

    The real-valued counterpart of `webster`: the surplus above a capacity is distributed over the bins with room in
    proportion to their weights. Bins of weight zero get a share only when all others are full.
    """
    weights = _scaled(weight)
    capacity = np.asarray(capacity, np.int64)
    shares = _all_shares(weights, capacity, np.full(len(weights), float(total)))
    if least is not None and np.any(least):
        shares = _at_least(weights, capacity, float(total), np.asarray(least, np.int64), shares, _all_shares)
    return np.asarray(shares, np.float64).reshape(np.shape(weight))


def _all_shares(weights: Floats, capacity: Ints, total: Floats) -> Floats:
    """Return the shares per bin, (rows, m); each row sums to its total. capacity: (m,) or (rows, m)."""
    positive = weights > 0
    room = np.where(positive, capacity, 0)
    first = np.minimum(total, room.sum(axis=1))
    shares = np.minimum(room, _water_level(weights, room, first)[:, None] * weights)
    remainder = total - first
    if (remainder > 0).any():
        size = np.where(positive, 0.0, np.asarray(capacity, np.float64))
        shares += np.minimum(capacity - room, _water_level(size, capacity - room, remainder)[:, None] * size)
    return np.asarray(shares)


def seat_rank(weight: Floats, capacity: Ints, bin: int, place: int, least: Ints | None = None) -> Ints:
    """Return the rank, from 1, at which `webster` gives seat `place` (from 0) of one bin, (...) for weights (..., m).

    least: (m,) seats that every bin begins with (default: 0); `place` is not among those of its bin. The rank is 1 +
    the number of seats with a larger value than w_n / (2 place + 1), or with the same value in a lower bin.
    `webster(weight, capacity, total)` gives the bin more than `place` seats if and only if `total` is at least this
    rank.
    """
    weights = _scaled(weight)
    capacity = np.asarray(capacity, np.int64)
    late = ~(weights[:, bin] > 0)  # weight zero: bins of positive weight are filled first, then capacities are weights
    positive = weights > 0
    first = np.where(late, np.where(positive, capacity, 0).sum(axis=1), 0)
    worth = np.where(late[:, None], np.where(positive, 0.0, capacity), weights)
    value = (worth[:, bin] / (2 * place + 1))[:, None]
    lower = np.arange(len(capacity)) < bin

    def precedes(seat: Ints) -> Bools:
        seat_value = worth / (2 * seat + 1)
        return np.asarray((seat_value > value) | ((seat_value == value) & lower & (worth > 0)))

    seats = np.clip(np.ceil((worth / value - 1) / 2), 0, capacity).astype(np.int64)
    seats -= (seats > 0) & ~precedes(np.maximum(seats - 1, 0))  # rounding or a tie can shift the count by one
    seats += (seats < capacity) & precedes(seats)
    if least is not None:
        seats = np.maximum(seats, np.where(late[:, None] & positive, 0, least))  # `first` counts positive bins already
    seats[:, bin] = place
    return np.asarray((first + 1 + seats.sum(axis=1)).reshape(np.shape(weight)[:-1]))


def _scaled(weight: Floats) -> Floats:
    """Return the weights as (rows, m), each row times the power of two that brings its largest weight to [1/2, 1)."""
    weights = np.atleast_2d(np.asarray(weight, np.float64))
    _, exponent = np.frexp(weights.max(axis=1, keepdims=True))
    scaled: Floats = np.where(weights > 0, np.maximum(np.ldexp(weights, -exponent), MIN_RELATIVE_WEIGHT), 0.0)
    return scaled


def _water_level(weights: Floats, room: Ints, total: Floats) -> Floats:
    """Return the level at which sum min(room, level x weight) reaches `total` <= sum room, (rows,)."""
    full_at = np.divide(room, weights, out=np.full(weights.shape, np.inf), where=weights > 0)
    order = np.argsort(full_at, axis=1, kind="stable")
    weight, full, at = (
        np.take_along_axis(a, order, axis=1) for a in (weights, np.where(weights > 0, room, 0), full_at)
    )
    open_weight = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]  # of the bins that are not full yet
    need = total[:, None] - (np.cumsum(full, axis=1) - full)
    level = np.divide(
        need, open_weight, out=np.full(open_weight.shape, np.inf), where=open_weight > np.finfo(float).tiny
    )
    reached = (level <= at) & (weight > 0)
    solution = np.take_along_axis(level, np.argmax(reached, axis=1)[:, None], axis=1)[:, 0]
    highest = np.where(weight > 0, at, 0.0).max(axis=1)  # if rounding leaves no solution, all bins are full
    return np.asarray(np.maximum(np.where(reached.any(axis=1), solution, highest), 0.0))


def _largest_seats(weights: Floats, room: Ints, total: Ints) -> Ints:
    """Return the seats per bin, (rows, m) int64, if the `total` seats of largest value w_n / (2 k + 1) are given."""
    bins = weights.shape[1]
    level = _water_level(
        weights, room, np.maximum(total - bins / 2 - 1, 0).astype(np.float64)
    )  # rounding adds at most bins / 2
    threshold = np.divide(0.5, level, out=np.full(level.shape, np.inf), where=level > 0)[:, None]
    seats = np.clip(np.ceil(level[:, None] * weights - 0.5), 0, room).astype(np.int64)
    # Rounding can shift this count by one, so correct it with the comparison of the one-by-one method.
    seats -= (seats > 0) & ~(weights / np.maximum(2 * seats - 1, 1) > threshold)
    seats += (seats < room) & (weights / (2 * seats + 1) > threshold)
    rows = np.arange(len(weights))
    missing = total - seats.sum(axis=1)
    while (missing > 0).any():
        value = np.where(seats < room, weights / (2 * seats + 1), -1.0)
        seats[rows, np.argmax(value, axis=1)] += missing > 0
        missing -= missing > 0
    return seats
