from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.errors import SettingsError
from adq_core.quotas import rules as quotas
from adq_core.records import DrawOrder
from adq_core.selection import draw_orders

PUBLISHED = np.array([1, 0.985, 1.031, 1.182, 1.094, 1.176, 1.083, 1.089, 1.011, 1])
ORDERS = sorted(draw_orders.DRAW_ORDERS)


def drawn(bin_of: np.ndarray, labels: np.ndarray, order: str = "random", seed: int = 0) -> DrawOrder:
    rng = np.random.default_rng(seed + 1)
    rank, texture = rng.permutation(len(labels)), rng.random(len(labels)).round(1)
    return draw_orders.draw_order(bin_of, labels, rank, texture, n_bins=int(bin_of.max()) + 1, order=order, seed=seed)


@st.composite
def binned(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n_bins, n_classes = draw(st.integers(1, 12)), draw(st.integers(1, 7))
    m = draw(st.integers(n_bins, 120))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bin_of = np.concatenate([np.arange(n_bins), rng.integers(0, n_bins, m - n_bins)])
    return bin_of, rng.integers(0, n_classes, m)


def even(n_bins: int, n_classes: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Return bins and labels with `each` images of every class in every bin."""
    bin_of, labels = np.meshgrid(np.arange(n_bins), np.repeat(np.arange(n_classes), each), indexing="ij")
    return bin_of.ravel(), labels.ravel()


@given(binned(), st.sampled_from(ORDERS), st.integers(0, 9))
def test_positions_count_the_images_of_every_bin(case: tuple[np.ndarray, np.ndarray], order: str, seed: int) -> None:
    bin_of, labels = case
    position = drawn(bin_of, labels, order, seed).draw_position
    for number in range(bin_of.max() + 1):
        inside = position[bin_of == number]
        assert sorted(inside.tolist()) == list(range(len(inside)))
    assert position.tolist() == drawn(bin_of, labels, order, seed).draw_position.tolist()


@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 9), st.sampled_from(ORDERS))
def test_class_counts_of_every_prefix_are_within_one_of_their_share(
    n_bins: int, n_classes: int, each: int, order: str
) -> None:
    bin_of, labels = even(n_bins, n_classes, each)
    position = drawn(bin_of, labels, order).draw_position
    for number in range(n_bins):
        line = labels[bin_of == number][np.argsort(position[bin_of == number])]
        counts = np.cumsum(np.eye(n_classes)[line], axis=0)  # (prefix, class)
        share = np.arange(1, len(line) + 1)[:, None] / n_classes
        assert np.abs(counts - share).max() < 1


@given(binned(), st.sampled_from(ORDERS))
def test_counts_of_unequal_classes_are_within_two_of_their_share(
    case: tuple[np.ndarray, np.ndarray], order: str
) -> None:
    bin_of, labels = case
    position = drawn(bin_of, labels, order).draw_position
    for number in range(bin_of.max() + 1):
        line = labels[bin_of == number][np.argsort(position[bin_of == number])]
        counts = np.cumsum(np.eye(labels.max() + 1)[line], axis=0)
        share = np.arange(1, len(line) + 1)[:, None] * counts[-1] / len(line)
        assert np.abs(counts - share).max() <= 2


def worst_class(position: np.ndarray, bin_of: np.ndarray, labels: np.ndarray, quota: np.ndarray) -> float:
    """Return the largest difference between a class count and its share, in images."""
    chosen = np.bincount(labels[position < quota[bin_of]], minlength=labels.max() + 1)
    return float(np.abs(chosen - quota.sum() / len(chosen)).max())


@pytest.mark.parametrize("each", [50, 5])
def test_a_hundred_classes_are_within_two_images_of_their_share(each: int) -> None:
    bin_of, labels = even(10, 100, each)
    position = drawn(bin_of, labels).draw_position
    capacity = np.bincount(bin_of)
    for rule in ("budget", "uniform", "paper-scaled"):
        tenth = quotas.quota_table(PUBLISHED, capacity, rule=rule, keep_ratio=0.1)
        assert max(worst_class(position, bin_of, labels, quota) for quota in tenth.quota) <= 2
        for keep_ratio in (0.01, 0.125, 0.3, 0.5, 0.77):
            table = quotas.quota_table(PUBLISHED, capacity, rule=rule, keep_ratio=keep_ratio)
            assert max(worst_class(position, bin_of, labels, quota) for quota in table.quota) <= 3


@given(st.lists(st.floats(0, 2), min_size=10, max_size=10), st.floats(0.02, 1), st.floats(0, 1))
@settings(max_examples=200)
def test_class_counts_under_skewed_quotas_are_within_five_of_their_share(
    importance: list[float], keep_ratio: float, alpha: float
) -> None:
    bin_of, labels = EVEN
    result = quotas.make_quotas(
        np.array(importance), np.bincount(bin_of), rule="budget", alpha=alpha, keep_ratio=keep_ratio
    )
    assert worst_class(POSITION, bin_of, labels, result.quota) < 5


EVEN = even(10, 100, 50)
POSITION = drawn(*EVEN).draw_position


def test_nine_of_ten_random_quotas_are_within_two_of_the_share() -> None:
    bin_of, labels = EVEN
    rng = np.random.default_rng(5)
    worst = []
    for _ in range(200):
        quota = quotas.webster(rng.random(10), np.bincount(bin_of), 5000)
        worst.append(worst_class(POSITION, bin_of, labels, quota))
    assert np.mean(np.array(worst) <= 2) >= 0.9


@given(binned(), st.data())
def test_a_larger_quota_only_adds_images(case: tuple[np.ndarray, np.ndarray], data: st.DataObject) -> None:
    bin_of, labels = case
    position = drawn(bin_of, labels).draw_position
    capacity = np.bincount(bin_of)
    small = np.array([data.draw(st.integers(0, int(size))) for size in capacity])
    large = np.array([data.draw(st.integers(int(low), int(size))) for low, size in zip(small, capacity, strict=True)])
    assert not (position < small[bin_of])[~(position < large[bin_of])].any()


def test_contract_of_every_order() -> None:
    bin_of, labels = np.zeros(4, int), np.zeros(4, int)
    rank, texture = np.array([3, 1, 0, 2]), np.array([0.5, 0.9, 0.5, 0.1])

    def order(name: str) -> list[int]:
        return draw_orders.draw_order(bin_of, labels, rank, texture, n_bins=1, order=name).draw_position.tolist()

    assert set(draw_orders.DRAW_ORDERS) == {"greedy", "texture", "random"}, "a new order needs a line here"
    assert order("greedy") == [3, 1, 0, 2]
    assert order("texture") == [2, 0, 1, 3], "images with equal texture are ordered by rank"
    assert sorted(order("random")) == [0, 1, 2, 3]


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        drawn(np.zeros(2, int), np.zeros(2, int), "alphabetical")
    assert str(caught.value) == "Unknown draw order 'alphabetical'. Choose one of: random, greedy, texture."


def test_rows_of_a_bin_are_in_draw_order() -> None:
    bin_of, position = np.array([1, 0, 1, 1]), np.array([2, 0, 0, 1])
    assert draw_orders.rows_of_bin(bin_of, position, 1).tolist() == [2, 3, 0]
    assert draw_orders.rows_of_bin(bin_of, position, 2).tolist() == []


@given(binned(), st.sampled_from(ORDERS), st.integers(0, 2**32 - 1))
def test_images_that_are_always_kept_come_first_and_those_never_taken_last(
    case: tuple[np.ndarray, np.ndarray], order: str, seed: int
) -> None:
    bin_of, labels = case
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, len(labels), p=[0.2, 0.6, 0.2])
    rank, texture = rng.permutation(len(labels)), rng.random(len(labels))
    position = draw_orders.draw_order(
        bin_of, labels, rank, texture, n_bins=bin_of.max() + 1, order=order, always=kind == 0, never=kind == 2
    ).draw_position
    for number in range(bin_of.max() + 1):
        inside = bin_of == number
        assert sorted(position[inside].tolist()) == list(range(inside.sum()))
        assert (np.diff(kind[inside][np.argsort(position[inside])]) >= 0).all()


@given(binned(), st.sampled_from(ORDERS))
def test_empty_lists_leave_the_draw_order_unchanged(case: tuple[np.ndarray, np.ndarray], order: str) -> None:
    bin_of, labels = case
    rng = np.random.default_rng(3)
    arguments = bin_of, labels, rng.permutation(len(labels)), rng.random(len(labels))
    none = np.zeros(len(labels), bool)
    plain, empty = (
        draw_orders.draw_order(*arguments, n_bins=bin_of.max() + 1, order=order, **lists)
        for lists in ({}, {"always": none, "never": none})
    )
    assert plain.digest() == empty.digest()


def test_the_other_images_of_a_pinned_class_wait_for_their_turn() -> None:
    """Of four classes with ten images each in one bin, five of class 0 are pinned: a prefix of 20 stays balanced."""
    bin_of, labels = even(1, 4, 10)
    always = np.zeros(40, bool)
    always[np.flatnonzero(labels == 0)[:5]] = True
    position = draw_orders.draw_order(
        bin_of, labels, np.arange(40), np.zeros(40), n_bins=1, order="random", always=always
    ).draw_position
    assert np.bincount(labels[position < 20]).tolist() == [5, 5, 5, 5]
    assert np.bincount(labels[position < 8]).tolist() == [5, 1, 1, 1]
