"""Webster's method: seats equal those given one by one, for weights of any magnitude."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.quotas.apportionment import seat_rank, water_fill, webster
from tests import oracles
from tests.quotas.strategies import bins


@given(bins(), st.floats(0, 1))
@settings(max_examples=300)
def test_webster_equals_seats_given_one_by_one(case: tuple[np.ndarray, np.ndarray], share: float) -> None:
    weight, capacity = case
    total = round(share * capacity.sum())
    assert webster(weight, capacity, total).tolist() == oracles.seats_one_by_one(
        weight.tolist(), capacity.tolist(), total
    )


@given(st.lists(st.one_of(st.just(0.0), st.floats(0, 1.7e308)), min_size=1, max_size=8), st.data())
def test_seats_and_shares_for_weights_of_any_magnitude(weights: list[float], data: st.DataObject) -> None:
    weight, capacity = np.array(weights), np.array([data.draw(st.integers(1, 30)) for _ in weights])
    total = data.draw(st.integers(0, int(capacity.sum())))
    seats, shares = webster(weight, capacity, total), water_fill(weight, capacity, total)
    assert seats.sum() == total
    assert shares.sum() == pytest.approx(total)
    assert (seats <= capacity).all()
    assert (shares <= capacity).all()
    number = data.draw(st.integers(0, len(weights) - 1))
    place = data.draw(st.integers(0, int(capacity[number]) - 1))
    rank = int(seat_rank(weight, capacity, number, place))
    assert [webster(weight, capacity, total)[number] for total in (rank - 1, rank)] == [place, place + 1]


@pytest.mark.parametrize("weight", [[1, 2.2e-311], [3e-310, 1e-310], [1.7e308, 0, 1e-320], [1e-320, 0, 5]])
def test_seats_of_weights_below_the_normal_numbers(weight: list[float]) -> None:
    capacity = [6, 7, 8][: len(weight)]
    for total in range(sum(capacity) + 1):
        seats = webster(np.array(weight), np.array(capacity), total).tolist()
        assert seats == oracles.seats_one_by_one(weight, capacity, total)


@given(bins(), st.floats(0, 1))
def test_the_surplus_is_distributed_in_proportion(case: tuple[np.ndarray, np.ndarray], share: float) -> None:
    weight, capacity = case
    total = share * capacity.sum()
    shares = water_fill(weight, capacity, total)
    assert shares.sum() == pytest.approx(total, abs=1e-6)
    assert (shares <= capacity).all()
    room = (shares < capacity * (1 - 1e-9)) & (weight > 0)
    if room.any():
        level = (shares / np.where(weight > 0, weight, 1))[room]
        assert level == pytest.approx(np.full(room.sum(), level.max()), rel=1e-6), "one level for all bins with room"
