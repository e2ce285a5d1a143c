"""The width of intervals: compared with slow oracles, and by their coverage in simulations."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.linalg import unit_rows
from adq_core.records import AugmentedFeatures
from adq_core.scores import bin_vectors, diversity
from adq_core.scores import importance as scores
from tests import diversity_oracles


def two_views(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return two views of n random objects around one centre, (2, n, 5)."""
    thing = rng.normal(0, 1, (n, 5)) + np.array([1.5, 0, 0, 0, 0])
    return thing + 0.3 * rng.normal(0, 1, (2, n, 5))


def views_of(vectors: np.ndarray) -> AugmentedFeatures:
    return AugmentedFeatures(vectors=vectors, name="made up", key="made up")


def whole_bin(sums: np.ndarray, n_views: int) -> bin_vectors.BinVectors:
    return bin_vectors.BinVectors(sums, n_views, len(sums), np.ones(len(sums)), 0.0)


def many_bins(n: int, count: int, seed: int) -> tuple[AugmentedFeatures, np.ndarray]:
    """Return the views of `count` bins of n images each, all from the same distribution."""
    return views_of(two_views(n * count, np.random.default_rng(seed))), np.repeat(np.arange(count), n)


@pytest.mark.parametrize(("n", "least"), [(20, 0.85), (80, 0.90), (300, 0.90)])
def test_half_sample_intervals_cover_the_mean_of_such_bins(n: int, least: float) -> None:
    views, bin_of = many_bins(n, 300, seed=n)
    measured = diversity.inverse_mean_cosine(views, bin_of, 300)
    squares = 1 / measured.diversity
    low, high = 1 / measured.interval[:, 1], 1 / measured.interval[:, 0]
    covered = (low <= squares.mean()) & (squares.mean() <= high)
    assert least <= covered.mean() <= 0.985
    ratio = (high - low).mean() / (2 * 1.96 * squares.std())
    assert 0.85 <= ratio <= 1.15, "the width agrees with the spread between bins of the same distribution"


@pytest.mark.parametrize("n", [4, 9, 64, 100, 200])
def test_half_samples_centre_on_the_value_of_the_whole_bin(n: int) -> None:
    rng = np.random.default_rng(n)
    sums, squares = [], []
    for number in range(150):
        unit = unit_rows(two_views(n, rng))
        sums.append(float((unit.mean(axis=(0, 1)) ** 2).sum()))
        squares.append(bin_vectors.half_sample_squares(whole_bin(unit.sum(axis=0), 2), np.random.default_rng(number)))
    halves = np.array(squares)
    assert halves.shape == (150, bin_vectors.N_HALF_SAMPLES)
    assert halves.mean() == pytest.approx(np.mean(sums), rel=0.02 if n >= 9 else 0.05)
    if n >= 9:  # four images are too few for two halves: there the interval is 1.5 times too wide
        assert halves.std(axis=1).mean() == pytest.approx(np.std(sums), rel=0.25)


def test_half_samples_need_four_images() -> None:
    three, four = whole_bin(np.ones((3, 2)), 1), whole_bin(np.ones((4, 2)), 1)
    assert bin_vectors.half_sample_squares(three, np.random.default_rng(0)).size == 0
    assert bin_vectors.half_sample_squares(four, np.random.default_rng(0)).size == bin_vectors.N_HALF_SAMPLES


@pytest.mark.parametrize("n", [10, 37])
def test_vendi_intervals_are_those_of_a_jackknife_over_ten_groups(n: int) -> None:
    rng = np.random.default_rng(n)
    views, bin_of = views_of(rng.normal(0.4, 1, (2, 2 * n, 6))), np.repeat([0, 1], n)
    measured = diversity.vendi(views, bin_of, 2, seed=3)
    for number in range(2):
        vectors = views.vectors[:, bin_of == number]
        groups = np.random.default_rng([3, number]).permutation(n) % 10
        error = diversity_oracles.jackknife_error(vectors, groups, diversity_oracles.vendi)
        value = diversity_oracles.vendi(vectors)
        expected = [max(value - 1.96 * error, 1), value + 1.96 * error]
        assert measured.interval[number] == pytest.approx(expected, rel=1e-6)


def test_vendi_intervals_never_go_below_one_and_need_ten_images() -> None:
    vectors = np.tile([1.0, 0, 0], (1, 10, 1))
    vectors[0, 0] = [0, 1, 0]  # one image differs from nine equal ones: the error is as large as the score
    low, high = diversity.vendi(views_of(vectors), np.zeros(10, int), 1).interval[0]
    assert low == 1
    assert high > 1.5
    assert np.isnan(diversity.vendi(views_of(vectors[:, 1:]), np.zeros(9, int), 1).interval).all()


def test_vendi_intervals_cover_the_mean_of_such_bins() -> None:
    views, bin_of = many_bins(60, 200, seed=1)
    measured = diversity.vendi(views, bin_of, 200)
    low, high = measured.interval.T
    truth = measured.diversity.mean()
    assert 0.88 <= ((low <= truth) & (truth <= high)).mean() <= 0.99
    assert (high - low).mean() / (2 * 1.96 * measured.diversity.std()) == pytest.approx(1, abs=0.2)


def test_bootstrap_intervals_are_two_standard_errors_to_each_side() -> None:
    rng = np.random.default_rng(2)
    bin_of = np.repeat(np.arange(60), 300)
    values = rng.normal(5, 2, len(bin_of))
    interval = scores.bootstrap_means(values, bin_of, 60)
    width = (interval[:, 1] - interval[:, 0]).mean()
    assert width == pytest.approx(2 * 1.96 * 2 / np.sqrt(300), rel=0.04)
    assert interval.mean() == pytest.approx(values.mean(), abs=0.02)
    covered = ((interval[:, 0] <= 5) & (interval[:, 1] >= 5)).mean()
    assert 0.85 <= covered <= 1


# --- thresholds of warnings ---


@pytest.mark.parametrize(("share", "warned"), [(0.45, False), (0.55, True)])
def test_diversity_warns_above_half_the_number_of_vectors(share: float, warned: bool) -> None:
    n = 100
    cosine = (1 / share - 1) / (n - 1)  # then 1 / mean of all cosines is share * n
    kernel = np.full((n, n), cosine) + (1 - cosine) * np.eye(n)
    vectors = np.linalg.cholesky(kernel)[None]
    measured = diversity.inverse_mean_cosine(views_of(vectors), np.zeros(n, int), 1)
    assert measured.diversity[0] == pytest.approx(share * n)
    assert bool(measured.warnings) == warned


def test_scores_warn_only_if_the_two_orders_differ() -> None:
    assert diversity._order_warning(np.array([3.0, 2.0, 1.0]), np.array([0.1, 0.2, 0.3])) == ()
    warnings = diversity._order_warning(np.array([3.0, 2.0, 1.0]), np.array([0.1, 0.3, 0.2]))
    assert warnings[0].startswith(
        "Diversity and the mean cosine order the bins differently: at rank 2, diversity has bin 1 and the mean cosine, "
        "which does not depend on the bin size, has bin 2."
    )
    assert diversity._order_warning(np.ones(3), np.array([0.1, 0.3, 0.2])) == (), "nothing to order"
