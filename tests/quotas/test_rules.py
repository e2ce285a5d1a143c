from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.errors import InputError, SettingsError
from adq_core.quotas import rules as quotas
from adq_core.quotas.thresholds import smallest_subset_sizes
from tests.quotas.strategies import bins

PUBLISHED = np.array([1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1])
CIFAR = np.full(10, 5000)
RULES = sorted(quotas.QUOTA_RULES)
EXACT = ["budget", "paper-scaled", "uniform"]  # rules whose quotas sum to the number of images to keep


def make(importance: np.ndarray, capacity: np.ndarray, rule: str = "budget", alpha: float = 0.65, keep: float = 0.1):
    return quotas.make_quotas(importance, capacity, rule=rule, alpha=alpha, keep_ratio=keep)


@given(bins(), st.sampled_from(EXACT), st.floats(0, 1), st.floats(0.01, 1))
def test_sums_are_exact_and_no_capacity_is_exceeded(
    case: tuple[np.ndarray, np.ndarray], rule: str, alpha: float, keep: float
) -> None:
    importance, capacity = case
    total = quotas.target_size(keep, int(capacity.sum()))
    if total == 0:
        return
    result = make(importance, capacity, rule, alpha, keep)
    assert result.quota.sum() == total
    assert (result.quota >= 0).all()
    assert (result.quota <= capacity).all()
    real = result.target - result.capped + result.reallocated
    assert real.sum() == pytest.approx(total)
    assert np.abs(result.quota - real).max() < len(capacity), "rounded quotas are close to the real-valued ones"


@given(bins(), st.sampled_from(EXACT), st.floats(0, 1), st.floats(0.02, 1), st.floats(0.02, 1))
def test_no_quota_shrinks_when_the_keep_ratio_grows(
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
        result = make(np.full(len(equal), 0.7), equal, rule, 0.65, 0.5)
        assert result.quota.tolist() == make(importance, equal, "uniform", 0.65, 0.5).quota.tolist()


@given(bins(), st.sampled_from(EXACT), st.randoms(use_true_random=False))
def test_the_order_of_the_bins_matters_only_for_ties(
    case: tuple[np.ndarray, np.ndarray], rule: str, random: object
) -> None:
    importance, capacity = case
    importance = importance + np.arange(1, len(importance) + 1) * 1e-3 * np.sqrt(2)  # leaves hardly any tie
    order = np.random.default_rng(len(capacity)).permutation(len(capacity))
    if quotas.target_size(0.3, int(capacity.sum())) == 0:
        return
    straight = make(importance, capacity, rule, 0.65, 0.3).quota
    mixed = make(importance[order], capacity[order], rule, 0.65, 0.3).quota
    assert np.abs(straight[order] - mixed).max() <= 1, "a tie moves one image"
    assert sorted(straight.tolist()) == sorted(mixed.tolist()) or (straight[order] != mixed).sum() <= 2


@given(bins(), st.sampled_from(RULES), st.floats(0.1, 0.8))
@settings(max_examples=60)
def test_every_row_of_the_table_equals_the_rule_at_its_alpha(
    case: tuple[np.ndarray, np.ndarray], rule: str, keep: float
) -> None:
    importance, capacity = case
    if quotas.target_size(keep, int(capacity.sum())) == 0:
        return
    table = quotas.quota_table(importance, capacity, rule=rule, keep_ratio=keep)
    assert table.quota.shape == (101, len(capacity))
    for alpha, row in zip(table.alpha[::5], table.quota[::5], strict=True):
        try:
            result = make(importance, capacity, rule, float(alpha), keep)
        except SettingsError:  # the table caps the quotas that `make_quotas` refuses
            assert rule == "published-code"
            continue
        assert row.tolist() == result.quota.tolist()


CONTRACT = {  # rule: quotas by hand for importance (3, 1), capacity (10, 30), alpha 0.5, keep ratio 0.5
    "budget": [10, 10],  # r = 0.5 (3/4, 1/4) + 0.5 (1/4, 3/4) = (1/2, 1/2)
    "uniform": [5, 15],
    "paper": [10, 26],  # r N = (16.25, 26.25), capped and rounded down
    "paper-scaled": [8, 12],  # 20 images in proportion to 16.25 : 26.25
    "published-code": [10, 10],  # N I = (30, 30)
}


@pytest.mark.parametrize("rule", RULES)
def test_contract_of_every_rule(rule: str) -> None:
    importance, capacity = np.array([3.0, 1.0]), np.array([10, 30])
    result = make(importance, capacity, rule, 0.5, 0.5)
    assert result.quota.tolist() == CONTRACT[rule]
    assert result.quota.dtype == np.int64
    assert result.rule == rule
    table = quotas.quota_table(importance, capacity, rule=rule, keep_ratio=0.5)
    assert table.quota[50].tolist() == CONTRACT[rule]
    for number, place in ((0, 0), (0, 9), (1, 11), (1, 29)):
        smallest = smallest_subset_sizes(importance, capacity, rule=rule, bin=number, place=place)[50]
        assert (place < CONTRACT[rule][number]) == (smallest <= 20)


def test_the_literal_paper_rule_keeps_68_73_and_78_percent() -> None:
    for alpha, kept in ((0.60, 0.68), (0.65, 0.73), (0.70, 0.78)):
        for keep_ratio in (0.05, 0.5):
            assert make(PUBLISHED, CIFAR, "paper", alpha, keep_ratio).reached_keep_ratio == pytest.approx(
                kept, abs=0.006
            )


def test_the_literal_paper_rule_at_alpha_one_caps_seven_bins() -> None:
    result = make(PUBLISHED, CIFAR, "paper", 1.0, 0.1)
    assert (result.capped > 0).sum() == 7
    assert result.capped[3] == pytest.approx(0.182 * 5000)
    assert result.quota.max() == 5000
    assert result.quota[1] == 4925
    assert result.notes == (
        "The paper's equation does not contain the keep ratio: it keeps 99.9% (49925 of 50000 images) instead of "
        "10.0%.",
        "The target of 7 of 10 bins (bin 2, 3, 4, 5, 6, 7, 8) is larger than the bin. The surplus of 3330 images is "
        "not kept.",
    )


def test_budget_checked_by_hand() -> None:
    # r = 0.5 (1/2, 1/2, 0) + 0.5 (1/4, 1/4, 1/2) = (3/8, 3/8, 1/4)
    importance, capacity = np.array([1.0, 1.0, 0.0]), np.array([4, 4, 8])
    result = make(importance, capacity, "budget", 0.5, 0.5)
    assert result.r.tolist() == [0.375, 0.375, 0.25]
    assert result.target.tolist() == [3, 3, 2]
    assert result.quota.tolist() == [3, 3, 2]
    result = make(importance, capacity, "budget", 0.5, 7 / 16)
    assert result.quota.tolist() == [3, 2, 2], "the value of the last seat is 3/8 / 5 in bins 0 and 1"


def test_the_surplus_moves_to_bins_with_free_capacity() -> None:
    result = make(np.array([3.0, 1.0, 1.0]), np.array([10, 10, 10]), "budget", 1.0, 0.6)
    assert result.target == pytest.approx([10.8, 3.6, 3.6])
    assert result.capped == pytest.approx([0.8, 0, 0])
    assert result.reallocated == pytest.approx([0, 0.4, 0.4])
    assert result.quota.tolist() == [10, 4, 4]
    assert result.notes == (
        "The target of 1 of 3 bins (bin 0) is larger than the bin. The surplus of 1 images moves to bins with free "
        "capacity.",
    )


def test_paper_scaled_is_quadratic_in_the_bin_size() -> None:
    result = make(np.zeros(2), np.array([10, 30]), "paper-scaled", 0.0, 0.5)
    assert result.target == pytest.approx([2, 18])


def test_the_published_code_checked_by_hand() -> None:
    sizes = np.array([500, 450, 405, 364, 328, 295, 266, 239, 215, 1938])
    result = make(PUBLISHED, sizes, "published-code", 0.65, 0.125)
    assert result.quota.tolist() == [60, 53, 50, 52, 43, 42, 35, 31, 26, 233]
    assert result.notes == (
        "The published code does not use alpha: changing it has no effect.",
        "The published code runs once per bin and splits each bin again by position, so it does not compare bins. Here "
        "its formula is applied to the bins themselves.",
    )
    make(PUBLISHED, sizes, "published-code", 0.65, 0.88)
    with pytest.raises(SettingsError) as caught:
        make(PUBLISHED, sizes, "published-code", 0.65, 0.89)
    assert str(caught.value) == (
        "The published code stops with an error here: it takes 368 images from bin 3, which has 364. Lower keep_ratio, "
        "or use the rule budget, which moves the surplus to other bins."
    )


def test_rounding_changes_the_total_of_the_published_code() -> None:
    result = make(np.ones(4), np.full(4, 25), "published-code", 0.5, 0.3)
    assert result.quota.tolist() == [8, 8, 8, 8], "7.5 rounds to the even 8, four times"
    assert result.notes[-1] == "Each bin is rounded by itself, so 32 images are kept instead of 30."


@pytest.mark.parametrize("rule", RULES)
def test_a_single_bin_gives_all_kept_images(rule: str) -> None:
    result = make(np.zeros(1), np.array([40]), rule, 0.5, 0.25)
    assert result.quota.tolist() == ([20] if rule == "paper" else [10])


def test_a_quota_of_zero_is_allowed_and_noted() -> None:
    result = make(np.array([0.0, 1.0, 1.0]), np.array([10, 10, 10]), "budget", 1.0, 0.5)
    assert result.quota.tolist() == [0, 8, 7]
    assert result.notes == ("No image of bin 0 is kept.",)


def test_bin_sizes_replace_an_importance_of_zero() -> None:
    result = make(np.zeros(2), np.array([10, 30]), "budget", 1.0, 0.5)
    assert result.quota.tolist() == [5, 15]
    assert result.notes == (
        "Rep and Div are equal in all bins, so the importance is zero and the bin sizes replace it.",
    )


@pytest.mark.parametrize(
    ("keep_ratio", "images", "size"), [(0.125, 500, 63), (0.29, 50, 15), (0.1, 1797, 180), (1.0, 7, 7), (0.04, 10, 0)]
)
def test_halves_of_the_decimal_ratio_round_up(keep_ratio: float, images: int, size: int) -> None:
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
def test_invalid_requests_are_refused(changes: dict, text: str) -> None:
    valid = {
        "importance": np.array([1.0, 0.5]),
        "capacity": np.array([10, 10]),
        "rule": "budget",
        "alpha": 0.5,
        "keep_ratio": 0.5,
    }
    with pytest.raises((SettingsError, InputError)) as caught:
        quotas.make_quotas(**(valid | changes))
    assert str(caught.value) == text


def test_number_of_images_that_change_with_alpha() -> None:
    table = quotas.quota_table(PUBLISHED, CIFAR, rule="budget", keep_ratio=0.1, alphas=np.linspace(0, 1, 21))
    assert len(table.changed) == 20
    assert table.changed.sum() >= np.maximum(-(table.quota[-1] - table.quota[0]), 0).sum()


def test_the_published_code_cuts_the_budget_to_a_whole_number() -> None:
    made = make(np.ones(2), np.array([5, 5]), "published-code", 0.5, 0.25)
    assert made.target.tolist() == [1, 1]  # of int(2.5) images; rounded half up it would be 3
