from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.errors import InputError, SettingsError
from adq_core.quotas import rules as quotas
from adq_core.quotas.apportionment import share_out, turn_of_seat, webster
from tests import oracles

PUBLISHED = np.array([1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1])
CIFAR = np.full(10, 5000)
RULES = sorted(quotas.QUOTA_RULES)
EXACT = ["budget", "paper-scaled", "uniform"]  # rules that promise the budget
WEIGHT = st.one_of(st.just(0.0), st.floats(1e-6, 1e3), st.integers(1, 6).map(float))


@st.composite
def bins(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Importance and capacity of one to twelve bins."""
    m = draw(st.integers(1, 12))
    importance = draw(st.lists(WEIGHT, min_size=m, max_size=m))
    capacity = draw(st.lists(st.integers(1, 60), min_size=m, max_size=m))
    return np.array(importance), np.array(capacity)


def make(importance: np.ndarray, capacity: np.ndarray, rule: str = "budget", alpha: float = 0.65, keep: float = 0.1):
    return quotas.make_quotas(importance, capacity, rule=rule, alpha=alpha, keep_ratio=keep)


@given(bins(), st.floats(0, 1))
@settings(max_examples=300)
def test_webster_equals_seats_handed_out_one_by_one(case: tuple[np.ndarray, np.ndarray], share: float) -> None:
    weight, capacity = case
    total = round(share * capacity.sum())
    assert webster(weight, capacity, total).tolist() == oracles.seats_one_by_one(
        weight.tolist(), capacity.tolist(), total
    )


@given(st.lists(st.one_of(st.just(0.0), st.floats(0, 1.7e308)), min_size=1, max_size=8), st.data())
def test_weights_may_be_as_far_apart_as_numbers_can(weights: list[float], data: st.DataObject) -> None:
    weight, capacity = np.array(weights), np.array([data.draw(st.integers(1, 30)) for _ in weights])
    total = data.draw(st.integers(0, int(capacity.sum())))
    seats, shares = webster(weight, capacity, total), share_out(weight, capacity, total)
    assert seats.sum() == total
    assert shares.sum() == pytest.approx(total)
    assert (seats <= capacity).all()
    assert (shares <= capacity).all()
    number = data.draw(st.integers(0, len(weights) - 1))
    place = data.draw(st.integers(0, int(capacity[number]) - 1))
    turn = int(turn_of_seat(weight, capacity, number, place))
    assert [webster(weight, capacity, many)[number] for many in (turn - 1, turn)] == [place, place + 1]


@pytest.mark.parametrize("weight", [[1, 2.2e-311], [3e-310, 1e-310], [1.7e308, 0, 1e-320], [1e-320, 0, 5]])
def test_seats_of_weights_below_the_normal_numbers(weight: list[float]) -> None:
    capacity = [6, 7, 8][: len(weight)]
    for total in range(sum(capacity) + 1):
        seats = webster(np.array(weight), np.array(capacity), total).tolist()
        assert seats == oracles.seats_one_by_one(weight, capacity, total)


@given(bins(), st.floats(0, 1))
def test_what_is_above_a_capacity_spreads_in_proportion(case: tuple[np.ndarray, np.ndarray], share: float) -> None:
    weight, capacity = case
    total = share * capacity.sum()
    given_out = share_out(weight, capacity, total)
    assert given_out.sum() == pytest.approx(total, abs=1e-6)
    assert (given_out <= capacity).all()
    room = (given_out < capacity * (1 - 1e-9)) & (weight > 0)
    if room.any():
        level = (given_out / np.where(weight > 0, weight, 1))[room]
        assert level == pytest.approx(np.full(room.sum(), level.max()), rel=1e-6), "one level for all bins with room"


@given(bins(), st.sampled_from(EXACT), st.floats(0, 1), st.floats(0.01, 1))
def test_sums_are_exact_and_no_capacity_is_exceeded(
    case: tuple[np.ndarray, np.ndarray], rule: str, alpha: float, keep: float
) -> None:
    importance, capacity = case
    total = quotas.target_size(keep, int(capacity.sum()))
    if total == 0:
        return
    made = make(importance, capacity, rule, alpha, keep)
    assert made.quota.sum() == total
    assert (made.quota >= 0).all()
    assert (made.quota <= capacity).all()
    real = made.target - made.capped + made.moved
    assert real.sum() == pytest.approx(total)
    assert np.abs(made.quota - real).max() < len(capacity), "whole quotas stay near the real-valued ones"


@given(bins(), st.sampled_from(EXACT), st.floats(0, 1), st.floats(0.02, 1), st.floats(0.02, 1))
def test_no_bin_gives_fewer_when_more_is_kept(
    case: tuple[np.ndarray, np.ndarray], rule: str, alpha: float, one: float, other: float
) -> None:
    importance, capacity = case
    low, high = sorted((one, other))
    if quotas.target_size(low, int(capacity.sum())) == 0:
        return
    smaller, larger = (make(importance, capacity, rule, alpha, keep).quota for keep in (low, high))
    assert (smaller <= larger).all()


@given(bins(), st.floats(0.05, 1))
def test_alpha_zero_and_equal_bins_are_uniform(case: tuple[np.ndarray, np.ndarray], keep: float) -> None:
    importance, capacity = case
    if quotas.target_size(keep, int(capacity.sum())) == 0:
        return
    uniform = make(importance, capacity, "uniform", 0.5, keep).quota
    assert make(importance, capacity, "budget", 0.0, keep).quota.tolist() == uniform.tolist()
    equal = np.full(len(capacity), int(capacity[0]))
    for rule in EXACT:
        made = make(np.full(len(equal), 0.7), equal, rule, 0.65, 0.5)
        assert made.quota.tolist() == make(importance, equal, "uniform", 0.65, 0.5).quota.tolist()


@given(bins(), st.sampled_from(EXACT), st.randoms(use_true_random=False))
def test_the_order_of_the_bins_is_irrelevant_apart_from_ties(
    case: tuple[np.ndarray, np.ndarray], rule: str, random: object
) -> None:
    importance, capacity = case
    importance = importance + np.arange(1, len(importance) + 1) * 1e-3 * np.sqrt(2)  # hardly a tie is left
    order = np.random.default_rng(len(capacity)).permutation(len(capacity))
    if quotas.target_size(0.3, int(capacity.sum())) == 0:
        return
    straight = make(importance, capacity, rule, 0.65, 0.3).quota
    mixed = make(importance[order], capacity[order], rule, 0.65, 0.3).quota
    assert np.abs(straight[order] - mixed).max() <= 1, "a tie moves one image"
    assert sorted(straight.tolist()) == sorted(mixed.tolist()) or (straight[order] != mixed).sum() <= 2


@given(bins(), st.sampled_from(RULES), st.floats(0.1, 0.8))
@settings(max_examples=60)
def test_every_row_of_the_table_is_what_the_rule_gives_at_that_alpha(
    case: tuple[np.ndarray, np.ndarray], rule: str, keep: float
) -> None:
    importance, capacity = case
    if quotas.target_size(keep, int(capacity.sum())) == 0:
        return
    table = quotas.quota_table(importance, capacity, rule=rule, keep_ratio=keep)
    assert table.quota.shape == (101, len(capacity))
    for alpha, row in zip(table.alpha[::5], table.quota[::5], strict=True):
        try:
            made = make(importance, capacity, rule, float(alpha), keep)
        except SettingsError:  # what the published code refuses is capped in the table
            assert rule == "published-code"
            continue
        assert row.tolist() == made.quota.tolist()


def test_the_paper_to_the_letter_keeps_68_73_and_78_percent() -> None:
    for alpha, kept in ((0.60, 0.68), (0.65, 0.73), (0.70, 0.78)):
        for asked in (0.05, 0.5):
            assert make(PUBLISHED, CIFAR, "paper", alpha, asked).reached_keep_ratio == pytest.approx(kept, abs=0.006)


def test_the_paper_at_alpha_one_wants_more_than_seven_bins_have() -> None:
    made = make(PUBLISHED, CIFAR, "paper", 1.0, 0.1)
    assert (made.capped > 0).sum() == 7
    assert made.capped[3] == pytest.approx(0.182 * 5000)
    assert made.quota.max() == 5000
    assert made.quota[1] == 4925
    assert made.notes == (
        "The paper's equation does not contain the keep ratio: asked for 10.0%, it keeps 99.9% "
        "(49925 of 50000 images).",
        "7 of 10 bins (bin 2, 3, 4, 5, 6, 7, 8) would give more than they have; the surplus of 3330 images is lost.",
    )


def test_budget_by_hand() -> None:
    # r = 0.5 (1/2, 1/2, 0) + 0.5 (1/4, 1/4, 1/2) = (3/8, 3/8, 1/4)
    importance, capacity = np.array([1.0, 1.0, 0.0]), np.array([4, 4, 8])
    made = make(importance, capacity, "budget", 0.5, 0.5)
    assert made.r.tolist() == [0.375, 0.375, 0.25]
    assert made.target.tolist() == [3, 3, 2]
    assert made.quota.tolist() == [3, 3, 2]
    made = make(importance, capacity, "budget", 0.5, 7 / 16)
    assert made.quota.tolist() == [3, 2, 2], "the last seat is worth 3/8 / 5 to bins 0 and 1: the lower bin has it"


def test_surplus_moves_to_the_bins_with_room() -> None:
    made = make(np.array([3.0, 1.0, 1.0]), np.array([10, 10, 10]), "budget", 1.0, 0.6)
    assert made.target == pytest.approx([10.8, 3.6, 3.6])
    assert made.capped == pytest.approx([0.8, 0, 0])
    assert made.moved == pytest.approx([0, 0.4, 0.4])
    assert made.quota.tolist() == [10, 4, 4]
    assert made.notes == (
        "1 of 3 bins (bin 0) would give more than they have; the surplus of 1 images goes to bins with room.",
    )


def test_paper_scaled_counts_unequal_bins_twice() -> None:
    made = make(np.zeros(2), np.array([10, 30]), "paper-scaled", 0.0, 0.5)
    assert made.target == pytest.approx([2, 18])


def test_the_published_code_by_hand() -> None:
    sizes = np.array([500, 450, 405, 364, 328, 295, 266, 239, 215, 1938])
    made = make(PUBLISHED, sizes, "published-code", 0.65, 0.125)
    assert made.quota.tolist() == [60, 53, 50, 52, 43, 42, 35, 31, 26, 233]
    assert made.notes == (
        "The published code has no alpha: moving it changes nothing.",
        "It is called once per bin and splits each bin again by position, so across bins it adapts nothing; here its "
        "formula is applied to the bins themselves.",
    )
    make(PUBLISHED, sizes, "published-code", 0.65, 0.88)
    with pytest.raises(SettingsError) as caught:
        make(PUBLISHED, sizes, "published-code", 0.65, 0.89)
    assert str(caught.value) == (
        "The published code wants 368 of the 364 images of bin 3 and stops there. Lower keep_ratio, or take the rule "
        "budget, which spreads the surplus over the other bins."
    )


def test_the_published_code_misses_its_total_by_rounding() -> None:
    made = make(np.ones(4), np.full(4, 25), "published-code", 0.5, 0.3)
    assert made.quota.tolist() == [8, 8, 8, 8], "7.5 rounds to the even 8, four times"
    assert made.notes[-1] == "Rounding each bin by itself keeps 32 images where 30 were asked for."


@pytest.mark.parametrize("rule", RULES)
def test_one_bin_gives_it_all(rule: str) -> None:
    made = make(np.zeros(1), np.array([40]), rule, 0.5, 0.25)
    assert made.quota.tolist() == ([20] if rule == "paper" else [10])


def test_a_bin_that_gives_nothing_is_allowed_and_said() -> None:
    made = make(np.array([0.0, 1.0, 1.0]), np.array([10, 10, 10]), "budget", 1.0, 0.5)
    assert made.quota.tolist() == [0, 8, 7]
    assert made.notes == ("Bin 0 gives no image at all.",)


def test_importance_that_says_nothing_leaves_it_to_the_sizes() -> None:
    made = make(np.zeros(2), np.array([10, 30]), "budget", 1.0, 0.5)
    assert made.quota.tolist() == [5, 15]
    assert made.notes == (
        "Rep and Div are the same in every bin, so importance says nothing and bin sizes stand in for it.",
    )


@pytest.mark.parametrize(
    ("keep_ratio", "images", "size"), [(0.125, 500, 63), (0.29, 50, 15), (0.1, 1797, 180), (1.0, 7, 7), (0.04, 10, 0)]
)
def test_halves_of_the_written_ratio_round_up(keep_ratio: float, images: int, size: int) -> None:
    assert quotas.target_size(keep_ratio, images) == size


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"rule": "fair"},
            "Unknown quota rule 'fair'. Choose one of: budget, uniform, paper, paper-scaled, published-code.",
        ),
        ({"alpha": 1.2}, "alpha must be in [0, 1], got 1.2."),
        ({"alpha": float("nan")}, "alpha must be in [0, 1], got nan."),
        ({"keep_ratio": 0.0}, "keep_ratio must be in (0, 1], got 0."),
        ({"keep_ratio": 0.01}, "keep_ratio must keep at least one of 20 images, got 0.01. Raise it."),
        (
            {"capacity": np.array([20, 0])},
            "Every bin must hold at least one image, but bin 1 is empty. Lower n_bins.",
        ),
        (
            {"importance": np.array([1.0, -0.5])},
            "The importance of every bin must be a number of 0 or more, got 1, -0.5. Choose another normalisation.",
        ),
    ],
)
def test_what_cannot_be_asked(changes: dict, text: str) -> None:
    asked = {
        "importance": np.array([1.0, 0.5]),
        "capacity": np.array([10, 10]),
        "rule": "budget",
        "alpha": 0.5,
        "keep_ratio": 0.5,
    }
    with pytest.raises((SettingsError, InputError)) as caught:
        quotas.make_quotas(**(asked | changes))
    assert str(caught.value) == text


def test_how_many_images_change_with_alpha() -> None:
    table = quotas.quota_table(PUBLISHED, CIFAR, rule="budget", keep_ratio=0.1, alphas=np.linspace(0, 1, 21))
    assert len(table.changed) == 20
    assert table.changed.sum() >= np.maximum(-(table.quota[-1] - table.quota[0]), 0).sum()
