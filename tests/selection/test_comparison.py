from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.errors import InputError
from adq_core.selection import comparison
from adq_core.selection.comparison import BOTH, ONLY_A, ONLY_B, compare, random_jaccard, random_rows
from tests.oracles import counted_side_by_side, jaccard_of_random_draws


@st.composite
def two_selections(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return rows of A and of B in any order, possibly repeated, with labels and bins of the images."""
    m = draw(st.integers(1, 40))
    rows = st.lists(st.integers(0, m - 1), max_size=60).map(lambda values: np.array(values, np.int64))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return draw(rows), draw(rows), rng.integers(0, 4, m), rng.integers(0, 5, m).astype(np.int32)


@given(two_selections())
def test_a_comparison_equals_counting_one_by_one(case: tuple[np.ndarray, ...]) -> None:
    a, b, labels, bin_of = case
    c = compare(a, b, labels, bin_of, n_classes=4, n_bins=5)
    parts, by_class, by_bin = counted_side_by_side(a.tolist(), b.tolist(), labels.tolist(), bin_of.tolist(), 4, 5)
    assert (c.both.tolist(), c.only_a.tolist(), c.only_b.tolist()) == parts
    assert c.by_class.tolist() == by_class
    assert c.by_bin.tolist() == by_bin
    assert (c.size_a, c.size_b) == (len(set(a.tolist())), len(set(b.tolist())))
    either = len(set(a.tolist()) | set(b.tolist()))
    assert c.jaccard == (len(parts[0]) / either if either else 1.0)


@given(two_selections())
def test_a_comparison_is_symmetric(case: tuple[np.ndarray, ...]) -> None:
    a, b, labels, bin_of = case
    one, other = compare(a, b, labels, bin_of), compare(b, a, labels, bin_of)
    assert one.jaccard == other.jaccard
    assert one.random_jaccard == pytest.approx(other.random_jaccard, rel=1e-12)
    assert one.random_interval == other.random_interval
    assert one.only_a.tolist() == other.only_b.tolist()
    assert one.by_bin[:, [BOTH, ONLY_B, ONLY_A]].tolist() == other.by_bin.tolist()
    assert compare(a, a, labels, bin_of).jaccard == 1.0


@st.composite
def sizes(draw: st.DrawFn, most: int = 60) -> tuple[int, int, int]:
    m = draw(st.integers(1, most))
    return draw(st.integers(0, m)), draw(st.integers(0, m)), m


@given(sizes())
def test_mean_and_interval_of_random_selections_are_exact(case: tuple[int, int, int]) -> None:
    mean, (low, high) = random_jaccard(*case)
    exact, exact_low, exact_high = jaccard_of_random_draws(*case)
    assert mean == pytest.approx(float(exact), abs=1e-12)
    assert (low, high) == (float(exact_low), float(exact_high))


@given(sizes(most=300))
def test_mean_lies_in_the_interval_below_the_largest_possible_index(case: tuple[int, int, int]) -> None:
    a, b, m = case
    mean, (low, high) = random_jaccard(a, b, m)
    most = min(a, b) / max(a, b) if max(a, b) else 1.0
    assert 0 <= low <= high <= most <= 1
    assert mean <= most + 1e-12
    if min(a, b) == m or max(a, b) == 0:
        assert (low, mean, high) == pytest.approx((most, most, most))


def test_values_checked_by_hand() -> None:
    """With one of two images each, both selections are equal with probability 1/2."""
    assert random_jaccard(1, 1, 2) == (pytest.approx(0.5), (0.0, 1.0))
    assert random_jaccard(100, 1, 100) == (pytest.approx(0.01), (0.01, 0.01))
    tenth, _ = random_jaccard(100_000, 100_000, 1_000_000)
    assert tenth == pytest.approx(1 / 19, rel=1e-3), "0.1 x 0.1 / (0.1 + 0.1 - 0.01)"


def test_simulated_selections_agree_with_mean_and_interval() -> None:
    mean, (low, high) = random_jaccard(60, 90, 300)
    labels = np.zeros(300, np.int64)
    simulated = [
        compare(random_rows(300, 60, seed=2 * n), random_rows(300, 90, seed=2 * n + 1), labels, labels).jaccard
        for n in range(1500)
    ]
    assert np.mean(simulated) == pytest.approx(mean, abs=4 * np.std(simulated) / 1500**0.5)
    inside = np.mean([(low <= one <= high) for one in simulated])
    assert 0.94 <= inside <= 0.99


@given(st.integers(1, 300), st.integers(0, 9), st.data())
def test_random_rows_are_distinct_and_larger_selections_contain_smaller_ones(
    m: int, seed: int, data: st.DataObject
) -> None:
    small, large = sorted(data.draw(st.tuples(st.integers(0, m), st.integers(0, m))))
    rows, larger_rows = random_rows(m, small, seed=seed), random_rows(m, large, seed=seed)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert len(rows) == small
    assert set(rows.tolist()) <= set(larger_rows.tolist()) <= set(range(m))
    assert rows.tolist() == random_rows(m, small, seed=seed).tolist()


def test_every_image_is_drawn_equally_often() -> None:
    counts = np.zeros(20)
    for seed in range(4000):
        counts[random_rows(20, 5, seed=seed)] += 1
    deviation = (4000 * 0.25 * 0.75) ** 0.5
    assert np.abs(counts - 1000).max() < 4.5 * deviation


def test_invalid_selections_are_refused() -> None:
    labels = np.zeros(5, np.int64)
    with pytest.raises(InputError) as refused:
        compare(np.array([0, 7]), np.array([1]), labels, labels)
    assert str(refused.value) == (
        "Rows of a selection must be in 0 to 4, got 0 to 7. Compare selections from the same data set."
    )
    with pytest.raises(InputError) as refused:
        random_jaccard(3, 6, 5)
    assert str(refused.value) == (
        "Two selections from 5 images must contain 0 to 5 images each, got 3 and 6. "
        "Give the number of images of the common data set."
    )
    with pytest.raises(InputError) as refused:
        random_rows(5, 6)
    assert str(refused.value) == "A random selection must contain 0 to 5 images, got 6. Give a smaller size."


def test_a_record_is_read_only() -> None:
    labels = np.zeros(5, np.int64)
    c = compare(np.array([0, 1]), np.array([1]), labels, labels)
    assert isinstance(c, comparison.Comparison)
    for array in (c.both, c.only_a, c.only_b, c.by_class, c.by_bin):
        assert not array.flags.writeable
