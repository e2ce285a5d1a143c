"""The smallest subset size that contains an image, compared with the quotas of every rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.quotas.apportionment import seat_rank
from adq_core.quotas.rules import QUOTA_RULES, make_quotas, quota_table
from adq_core.quotas.thresholds import smallest_subset_sizes, target_size_of
from adq_core.records import DrawOrder
from adq_core.selection.draw_orders import select
from tests import oracles

WEIGHT = st.one_of(st.just(0.0), st.floats(1e-6, 1e3), st.integers(1, 6).map(float))
ALPHAS = np.array([0.0, 0.3, 0.65, 1.0])


@st.composite
def seats(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Return importance and capacity of one to eight bins, and one position in one of them."""
    m = draw(st.integers(1, 8))
    importance = np.array(draw(st.lists(WEIGHT, min_size=m, max_size=m)))
    capacity = np.array(draw(st.lists(st.integers(1, 25), min_size=m, max_size=m)))
    number = draw(st.integers(0, m - 1))
    return importance, capacity, number, draw(st.integers(0, int(capacity[number]) - 1))


@given(seats())
def test_the_rank_of_a_seat_is_its_number_when_seats_are_given_one_by_one(case: tuple) -> None:
    weight, capacity, number, place = case
    rank = int(seat_rank(weight, capacity, number, place))
    assert 1 <= rank <= capacity.sum()
    at, before = (
        oracles.seats_one_by_one(weight.tolist(), capacity.tolist(), total)[number] for total in (rank, rank - 1)
    )
    assert (before, at) == (place, place + 1)


@given(seats())
def test_the_ranks_of_all_seats_are_all_numbers_once(case: tuple) -> None:
    weight, capacity, _, _ = case
    ranks = [int(seat_rank(weight, capacity, n, k)) for n in range(len(capacity)) for k in range(capacity[n])]
    assert sorted(ranks) == list(range(1, int(capacity.sum()) + 1))


def test_rows_of_weights_are_independent() -> None:
    rng = np.random.default_rng(0)
    weight = rng.integers(0, 4, (50, 6)).astype(float)
    capacity = rng.integers(1, 30, 6)
    for number, place in [(0, 0), (3, int(capacity[3]) - 1), (5, 1)]:
        together = seat_rank(weight, capacity, number, min(place, int(capacity[number]) - 1))
        alone = [int(seat_rank(row, capacity, number, min(place, int(capacity[number]) - 1))) for row in weight]
        assert together.tolist() == alone


@given(seats(), st.sampled_from(["budget", "uniform", "paper-scaled"]), st.floats(0, 1))
def test_a_selection_of_that_size_contains_the_image_and_one_smaller_does_not(
    case: tuple, rule: str, alpha: float
) -> None:
    importance, capacity, number, place = case
    images = int(capacity.sum())
    bin_of = np.repeat(np.arange(len(capacity)), capacity)
    position = np.concatenate([np.arange(size) for size in capacity])
    row = int(np.flatnonzero((bin_of == number) & (position == place))[0])
    order = DrawOrder(position, "random", "k")
    count = int(
        smallest_subset_sizes(importance, capacity, rule=rule, bin=number, place=place, alphas=np.array([alpha]))[0]
    )

    def chosen(total: int) -> bool:
        quotas = make_quotas(importance, capacity, rule=rule, alpha=alpha, keep_ratio=total / images)
        selection = select(order, bin_of, quotas)
        assert selection.selected.sum() == total
        return bool(selection.selected[row])

    assert chosen(count)
    assert count == 1 or not chosen(count - 1)
    assert chosen(images)


@given(seats(), st.sampled_from(sorted(QUOTA_RULES)), st.floats(0.01, 1))
def test_an_image_is_selected_exactly_from_its_threshold_on(case: tuple, rule: str, keep: float) -> None:
    importance, capacity, number, place = case
    images = int(capacity.sum())
    if round(keep * images) < 1:
        return
    table = quota_table(importance, capacity, rule=rule, keep_ratio=keep, alphas=ALPHAS)
    counts = smallest_subset_sizes(importance, capacity, rule=rule, bin=number, place=place, alphas=ALPHAS)
    assert counts.shape == ALPHAS.shape
    if target_size_of(rule, keep, images) >= 1:
        assert (counts <= target_size_of(rule, keep, images)).tolist() == (table.quota[:, number] > place).tolist()


def test_by_hand() -> None:
    capacity = np.array([3, 3])
    # uniform: the seats go to the bins 0 1 0 1 0 1, so position 1 of bin 1 is the fourth seat
    assert smallest_subset_sizes(np.ones(2), capacity, rule="uniform", bin=1, place=1).tolist() == [4] * 101
    # the paper's floor(r N) is 3 at alpha 1 with importance 1, and floor(3 / 2) = 1 at alpha 0, for every keep ratio
    counts = smallest_subset_sizes(np.ones(2), capacity, rule="paper", bin=0, place=1, alphas=np.array([0.0, 1.0]))
    assert counts.tolist() == [7, 1]
    # published: round(T / 2) > 1 first at T = 3, for 1.5 rounds to 2
    counts = smallest_subset_sizes(np.ones(2), capacity, rule="published-code", bin=0, place=1, alphas=np.array([0.5]))
    assert counts.tolist() == [3]


@pytest.mark.parametrize(("rule", "number"), [("budget", 15), ("published-code", 14)])
def test_the_target_size_of_a_rule(rule: str, number: int) -> None:
    assert target_size_of(rule, 0.29, 50) == number
