"""Quotas with images that are always kept and images that are never taken: sums, capacities, and the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.errors import InputError, SettingsError
from adq_core.quotas import Bounds, bounds_of, make_quotas, quota_table, smallest_subset_sizes, target_size, webster
from adq_core.quotas.apportionment import seat_rank
from adq_core.quotas.rules import QUOTA_RULES
from tests import oracles
from tests.quotas.strategies import bins

EXACT = ["budget", "paper-scaled", "uniform"]
RULES = sorted(QUOTA_RULES)


@st.composite
def bounded(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Bounds]:
    """Return importance, capacity and bounds of one to twelve bins; at least one image may be taken."""
    importance, capacity = draw(bins())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    excluded = rng.integers(0, capacity + 1) * (rng.random(len(capacity)) < draw(st.sampled_from([0.0, 0.5, 1.0])))
    most = capacity - excluded
    if not most.any():
        most[0] = 1
    pinned = rng.integers(0, most + 1) * (rng.random(len(capacity)) < draw(st.sampled_from([0.0, 0.3, 1.0])))
    return importance, capacity, Bounds(pinned, most)


def seats_from(least: list[int], weight: list[float], most: list[int], total: int) -> list[int]:
    """Return the seats that Webster's method gives one by one to bins that begin with `least` seats."""
    seats = list(least)
    for _ in range(total - sum(seats)):
        room = [n for n in range(len(seats)) if seats[n] < most[n]]
        worth = {n: weight[n] / (2 * seats[n] + 1) for n in room if weight[n] > 0}
        if not worth:
            worth = {n: most[n] / (2 * seats[n] + 1) for n in room}
        seats[max(worth, key=lambda n: (worth[n], -n))] += 1
    return seats


@given(bounded(), st.floats(0, 1))
def test_webster_with_a_lower_bound_goes_on_from_it(case: tuple, share: float) -> None:
    weight, _, (least, most) = case
    total = int(least.sum() + round(share * (most.sum() - least.sum())))
    found = webster(weight, most, total, least)
    assert found.tolist() == seats_from(least.tolist(), weight.tolist(), most.tolist(), total)
    if not least.any():
        assert found.tolist() == oracles.seats_one_by_one(weight.tolist(), most.tolist(), total)


@given(bounded(), st.sampled_from(EXACT), st.floats(0, 1), st.floats(0.01, 1))
def test_sums_and_bounds_hold(case: tuple, rule: str, alpha: float, keep: float) -> None:
    importance, capacity, bounds = case
    target = target_size(keep, int(capacity.sum()))
    if target == 0 or bounds.least.sum() > target:
        return
    result = make_quotas(importance, capacity, rule=rule, alpha=alpha, keep_ratio=keep, bounds=bounds)
    assert result.quota.sum() == min(target, bounds.most.sum())
    assert (result.quota >= bounds.least).all()
    assert (result.quota <= bounds.most).all()
    assert result.capacity.tolist() == capacity.tolist()
    real = result.target - result.capped + result.reallocated
    assert real.sum() == pytest.approx(result.quota.sum())
    assert np.abs(result.quota - real).max() < len(capacity)
    table = quota_table(
        importance, capacity, rule=rule, keep_ratio=keep, alphas=np.array([0.0, alpha, 1.0]), bounds=bounds
    )
    assert table.quota[1].tolist() == result.quota.tolist()


@given(bounded(), st.sampled_from(["paper", "published-code"]), st.floats(0, 1), st.floats(0.1, 1))
def test_rules_without_a_target_keep_the_bounds_too(case: tuple, rule: str, alpha: float, keep: float) -> None:
    importance, capacity, bounds = case
    if target_size(keep, int(capacity.sum())) == 0:
        return
    try:
        quota = make_quotas(importance, capacity, rule=rule, alpha=alpha, keep_ratio=keep, bounds=bounds).quota
    except SettingsError:
        assert rule == "published-code"
        return
    assert (quota >= bounds.least).all()
    assert (quota <= bounds.most).all()


@given(bounded(), st.sampled_from(EXACT), st.floats(0, 1), st.floats(0.02, 1), st.floats(0.02, 1))
def test_no_quota_shrinks_when_the_keep_ratio_grows(
    case: tuple, rule: str, alpha: float, one: float, other: float
) -> None:
    importance, capacity, bounds = case
    low, high = sorted((one, other))
    if target_size(low, int(capacity.sum())) < max(1, bounds.least.sum()):
        return
    smaller, larger = (
        make_quotas(importance, capacity, rule=rule, alpha=alpha, keep_ratio=keep, bounds=bounds).quota
        for keep in (low, high)
    )
    assert (smaller <= larger).all()


@given(bins(), st.sampled_from(RULES), st.floats(0, 1), st.floats(0.01, 1))
def test_bounds_that_forbid_nothing_change_nothing(case: tuple, rule: str, alpha: float, keep: float) -> None:
    importance, capacity = case
    options = {"rule": rule, "alpha": alpha, "keep_ratio": keep}
    try:
        plain = make_quotas(importance, capacity, **options)
    except SettingsError:
        return
    bounded = make_quotas(importance, capacity, **options, bounds=Bounds(np.zeros_like(capacity), capacity))
    assert bounded.digest() == plain.digest()


@given(bounded())
def test_the_ranks_of_all_free_seats_follow_the_pinned_ones(case: tuple) -> None:
    weight, _, (least, most) = case
    ranks = [
        int(seat_rank(weight, most, n, place, least)) for n in range(len(most)) for place in range(least[n], most[n])
    ]
    assert sorted(ranks) == list(range(int(least.sum()) + 1, int(most.sum()) + 1))


@given(bounded(), st.sampled_from(RULES), st.floats(0.01, 1), st.data())
def test_an_image_is_selected_exactly_from_its_threshold_on(
    case: tuple, rule: str, keep: float, data: st.DataObject
) -> None:
    importance, capacity, bounds = case
    images = int(capacity.sum())
    target = target_size(keep, images)
    if target == 0 or bounds.least.sum() > target:
        return
    number = data.draw(st.integers(0, len(capacity) - 1))
    place = data.draw(st.integers(0, int(capacity[number]) - 1))
    alphas = np.array([0.0, 0.65, 1.0])
    table = quota_table(importance, capacity, rule=rule, keep_ratio=keep, alphas=alphas, bounds=bounds)
    counts = smallest_subset_sizes(
        importance, capacity, rule=rule, bin=number, place=place, alphas=alphas, bounds=bounds
    )
    wanted = int(keep * images) if rule == "published-code" else target
    is_selected = (table.quota[:, number] > place).tolist()
    if wanted >= 1 or place < bounds.least[number]:
        assert (counts <= max(wanted, 1)).tolist() == is_selected
    if place < bounds.least[number]:
        assert counts.tolist() == [1, 1, 1]
    if place >= bounds.most[number]:
        assert counts.tolist() == [images + 1] * 3


def test_by_hand() -> None:
    """Uniform, 10 of 40: bin 0 must give 5, so the others share 5; bin 3 has only one image left, and gives it."""
    capacity = np.full(4, 10)
    bounds = Bounds(np.array([5, 0, 0, 0]), np.array([10, 10, 10, 1]))
    result = make_quotas(np.ones(4), capacity, rule="uniform", alpha=0, keep_ratio=0.25, bounds=bounds)
    assert result.quota.tolist() == [5, 3, 2, 0]  # in proportion to 10, 10 and 1 images
    assert result.notes == (
        "No image of bin 3 is kept.",
        "5 images are always kept.",
        "Bin 0 gives more images than the rule asks for, because these are always kept.",
        "9 images are never taken.",
    )
    everything = make_quotas(np.ones(4), capacity, rule="uniform", alpha=0, keep_ratio=1, bounds=bounds)
    assert everything.quota.tolist() == [10, 10, 10, 1]
    assert everything.notes[-1] == "Only 31 images may be taken, fewer than the 40 to keep."


def test_more_pinned_images_than_the_target_and_an_empty_rest_are_refused() -> None:
    capacity = np.full(2, 10)
    with pytest.raises(SettingsError) as error:
        make_quotas(
            np.ones(2), capacity, rule="budget", alpha=0.5, keep_ratio=0.1, bounds=Bounds(np.array([2, 1]), capacity)
        )
    assert str(error.value) == (
        "always must have at most as many images as are kept, 2, got 3. Raise keep_ratio, or remove images from it."
    )
    with pytest.raises(SettingsError, match="never must leave at least one image"):
        make_quotas(
            np.ones(2), capacity, rule="budget", alpha=0.5, keep_ratio=0.1, bounds=Bounds(np.zeros(2, int), np.zeros(2))
        )
    with pytest.raises(InputError, match="0 <= least <= most <= capacity"):
        make_quotas(
            np.ones(2),
            capacity,
            rule="budget",
            alpha=0.5,
            keep_ratio=0.5,
            bounds=Bounds(np.array([3, 0]), capacity - 8),
        )


def test_bounds_count_the_images_of_both_lists_by_bin() -> None:
    bin_of = np.array([0, 0, 1, 1, 1, 2])
    always, never = np.array([1, 0, 0, 0, 0, 0], bool), np.array([0, 0, 1, 1, 0, 0], bool)
    bounds = bounds_of(bin_of, always, never, 3)
    assert bounds is not None
    assert (bounds.least.tolist(), bounds.most.tolist()) == ([1, 0, 0], [2, 1, 1])
    assert bounds_of(bin_of, always & False, never & False, 3) is None
