"""Whole seats from real-valued weights: Webster's method with capacities, for many rows of weights at once.

Seats go out one by one to the largest weight/(2 q + 1), q what the bin has; full bins are skipped, a tie goes to the
lower bin. Bins of weight zero get seats only when every other bin is full, and then in proportion to their capacities.
So the sum is exact, no capacity is exceeded, and no bin loses a seat when the total grows (Balinski and Young 1982;
largest remainder lacks the last).
"""

from __future__ import annotations

import numpy as np

from adq_core.records import Bools, Floats, Ints

LEAST = 1e-290  # of a row's largest weight: what is positive but smaller counts as this, or divisions would overflow


def webster(weight: Floats, capacity: Ints, total: int) -> Ints:
    """Return the seats of every bin, (..., m) int64, for weights (..., m); every row sums to `total`.

    Seat by seat this takes as many steps as there are seats. Here every row jumps to at most m + 1 seats before the
    end, where all seats worth more than a threshold have gone out, and hands out the rest one by one: the same seats,
    since what the one-by-one hand-out has after any number of seats is exactly the most valuable of them.
    """
    weights = _scaled(weight)
    capacity = np.asarray(capacity, np.int64)
    positive = weights > 0
    room = np.where(positive, capacity, 0)
    seats = _most_valuable(weights, room, np.minimum(total, room.sum(axis=1)))
    short = total - seats.sum(axis=1)
    if short.any():  # the bins of weight zero, by capacity
        seats += _most_valuable(np.where(positive, 0.0, capacity.astype(np.float64)), capacity - room, short)
    return seats.reshape(np.shape(weight))


def share_out(weight: Floats, capacity: Ints, total: float) -> Floats:
    """Return min(capacity, level x weight) for the level at which each row sums to `total`, (..., m) float64.

    The real-valued counterpart of `webster`: what is above a capacity spreads over the bins with room in proportion to
    their weights, until nothing is left over.
    """
    weights = _scaled(weight)
    capacity = np.asarray(capacity, np.int64)
    positive = weights > 0
    room = np.where(positive, capacity, 0)
    first = np.minimum(float(total), room.sum(axis=1))
    shares = np.minimum(room, _level(weights, room, first)[:, None] * weights)
    rest = float(total) - first
    if (rest > 0).any():
        size = np.where(positive, 0.0, capacity.astype(np.float64))
        shares += np.minimum(capacity - room, _level(size, capacity - room, rest)[:, None] * size)
    return shares.reshape(np.shape(weight))


def turn_of_seat(weight: Floats, capacity: Ints, bin: int, place: int) -> Ints:
    """Return as which of all seats, from 1, `webster` hands out seat `place`, from 0, of one bin; (...) for (..., m).

    1 + the seats worth more than w_n/(2 place + 1), those of lower bins where worth the same: `webster(weight,
    capacity, total)` gives the bin more than `place` seats just when `total` is at least this.
    """
    weights = _scaled(weight)
    capacity = np.asarray(capacity, np.int64)
    late = ~(weights[:, bin] > 0)  # then every bin of positive weight is full first, and capacities are the weights
    positive = weights > 0
    first = np.where(late, np.where(positive, capacity, 0).sum(axis=1), 0)
    worth = np.where(late[:, None], np.where(positive, 0.0, capacity), weights)
    value = (worth[:, bin] / (2 * place + 1))[:, None]
    lower = np.arange(len(capacity)) < bin

    def before(seat: Ints) -> Bools:
        has = worth / (2 * seat + 1)
        return np.asarray((has > value) | ((has == value) & lower & (worth > 0)))

    seats = np.clip(np.ceil((worth / value - 1) / 2), 0, capacity).astype(np.int64)
    seats -= (seats > 0) & ~before(np.maximum(seats - 1, 0))  # one off by rounding, or by a tie: settled as above
    seats += (seats < capacity) & before(seats)
    seats[:, bin] = place
    return np.asarray((first + 1 + seats.sum(axis=1)).reshape(np.shape(weight)[:-1]))


def _scaled(weight: Floats) -> Floats:
    """Return the weights as rows, times the power of two that brings a row's largest to between 1/2 and 1."""
    weights = np.atleast_2d(np.asarray(weight, np.float64))
    _, exponent = np.frexp(weights.max(axis=1, keepdims=True))
    scaled: Floats = np.where(weights > 0, np.maximum(np.ldexp(weights, -exponent), LEAST), 0.0)
    return scaled


def _level(weights: Floats, room: Ints, total: Floats) -> Floats:
    """Return (rows,) the level at which sum min(room, level x weight) reaches `total` <= sum room."""
    full_at = np.divide(room, weights, out=np.full(weights.shape, np.inf), where=weights > 0)
    order = np.argsort(full_at, axis=1, kind="stable")
    weight, full, at = (
        np.take_along_axis(a, order, axis=1) for a in (weights, np.where(weights > 0, room, 0), full_at)
    )
    left = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]  # weight of the bins not yet full
    need = total[:, None] - (np.cumsum(full, axis=1) - full)
    level = np.divide(need, left, out=np.full(left.shape, np.inf), where=left > np.finfo(float).tiny)
    reached = (level <= at) & (weight > 0)
    found = np.take_along_axis(level, np.argmax(reached, axis=1)[:, None], axis=1)[:, 0]
    highest = np.where(weight > 0, at, 0.0).max(axis=1)  # all full, but for rounding
    return np.asarray(np.maximum(np.where(reached.any(axis=1), found, highest), 0.0))


def _most_valuable(weights: Floats, room: Ints, total: Ints) -> Ints:
    """Return (rows, m) int64, the `total` most valuable seats of each row; seat k of bin n is worth w_n/(2 k + 1)."""
    bins = weights.shape[1]
    level = _level(weights, room, np.maximum(total - bins / 2 - 1, 0).astype(np.float64))  # rounding adds < bins/2
    threshold = np.divide(0.5, level, out=np.full(level.shape, np.inf), where=level > 0)[:, None]
    seats = np.clip(np.ceil(level[:, None] * weights - 0.5), 0, room).astype(np.int64)
    # The count above may be one off by rounding: settle it by the very comparison that the one-by-one hand-out makes.
    seats -= (seats > 0) & ~(weights / np.maximum(2 * seats - 1, 1) > threshold)
    seats += (seats < room) & (weights / (2 * seats + 1) > threshold)
    rows = np.arange(len(weights))
    short = total - seats.sum(axis=1)
    while (short > 0).any():
        value = np.where(seats < room, weights / (2 * seats + 1), -1.0)
        seats[rows, np.argmax(value, axis=1)] += short > 0
        short -= short > 0
    return seats
