"""The joint test: its false alarms and its power in simulations, and values checked by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from adq_core.records import AugmentedFeatures
from adq_core.scores import bin_vectors, diversity, equality
from adq_core.scores.importance import bin_means

N_RUNS = 1000
Draw = Callable[[np.random.Generator, int], np.ndarray]
DRAWS: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(0, 1, n),
    "skewed": lambda rng, n: rng.exponential(1, n),
    "heavy tails": lambda rng, n: rng.standard_t(3, n),
}


def rep_p(values: np.ndarray, labels: np.ndarray, bin_of: np.ndarray) -> float:
    m = int(bin_of.max()) + 1
    errors = equality.within_class_errors(values, labels, bin_of, m)
    return equality.equality_p_value(bin_means(values, bin_of, m), errors, np.bincount(bin_of) - 1)


@pytest.mark.parametrize("name", sorted(DRAWS))
@pytest.mark.parametrize(("per_class", "m"), [(7, 2), (20, 10), (43, 10), (300, 10)])
def test_rep_gives_at_most_5_percent_false_alarms(name: str, per_class: int, m: int) -> None:
    rng = np.random.default_rng(per_class)
    labels, bin_of = np.repeat(range(4), per_class), np.tile(np.arange(per_class) % m, 4)
    p = [rep_p(DRAWS[name](rng, len(labels)) + 3 * labels, labels, bin_of) for _ in range(N_RUNS)]
    assert np.mean(np.array(p) <= equality.LEVEL) <= 0.05 + 1.65 * np.sqrt(0.05 * 0.95 / N_RUNS)


def vectors_of(rng: np.random.Generator, labels: np.ndarray, d: int, n_views: int, spread: np.ndarray) -> np.ndarray:
    """Return vectors around a centre per class, (V, N, d); spread (N,): distance from the centre."""
    centres = np.random.default_rng(5).normal(0, 1, (int(labels.max()) + 1, d)) + 0.5
    of_image = spread[:, None] * rng.normal(0, 1, (len(labels), d))
    return centres[labels] + of_image + 0.2 * rng.normal(0, 1, (n_views, len(labels), d))


def div_p(name: str, vectors: np.ndarray, labels: np.ndarray, bin_of: np.ndarray, seed: int) -> float:
    views = AugmentedFeatures(vectors=vectors, name="made up", key="made up")
    return diversity.DIVERSITIES[name](views, bin_of, int(bin_of.max()) + 1, labels=labels, seed=seed).p_value


@pytest.mark.parametrize(
    ("name", "n_views", "d", "n_runs"),
    [("contrastive", 2, 16, N_RUNS), ("vectors", 1, 16, N_RUNS), ("vendi", 1, 8, N_RUNS), ("vendi", 1, 48, 150)],
)
def test_div_gives_at_most_5_percent_false_alarms(name: str, n_views: int, d: int, n_runs: int) -> None:
    rng = np.random.default_rng(d)
    labels, bin_of = np.repeat(range(3), 43), np.tile(np.arange(43) % 4, 3)
    p = [
        div_p(name, vectors_of(rng, labels, d, n_views, np.ones(len(labels))), labels, bin_of, seed)
        for seed in range(n_runs)
    ]
    assert np.mean(np.array(p) <= equality.LEVEL) <= 0.05 + 1.65 * np.sqrt(0.05 * 0.95 / n_runs)


def test_a_bin_that_differs_is_found() -> None:
    rng = np.random.default_rng(0)
    labels, bin_of = np.repeat(range(4), 100), np.tile(np.arange(100) % 10, 4)
    shift = 1.0 * (bin_of == 3)  # one standard deviation within classes; classes differ by three
    found = [rep_p(rng.normal(0, 1, 400) + 3 * labels + shift, labels, bin_of) <= 0.025 for _ in range(200)]
    assert np.mean(found) > 0.9


@pytest.mark.parametrize(("name", "n_views"), [("contrastive", 2), ("vectors", 1), ("vendi", 1)])
def test_bins_with_more_spread_are_found(name: str, n_views: int) -> None:
    rng = np.random.default_rng(1)
    labels, bin_of = np.repeat(range(3), 120), np.tile(np.arange(120) % 4, 3)
    p = [
        div_p(name, vectors_of(rng, labels, 8, n_views, 0.6 + 0.3 * bin_of), labels, bin_of, seed) for seed in range(50)
    ]
    assert np.mean(np.array(p) <= 0.025) > 0.9


def test_bins_of_unequal_sizes_are_not_told_apart_by_their_sizes() -> None:
    rng = np.random.default_rng(2)
    bin_of = np.repeat([0, 1, 2], [20, 50, 110])
    labels = np.zeros(180, int)
    for name in ("vendi", "vectors"):
        p = [
            div_p(name, vectors_of(rng, labels, 30, 1, np.full(180, 2.0)), labels, bin_of, seed) for seed in range(100)
        ]
        assert np.mean(np.array(p) <= 0.05) <= 0.09


def test_equal_errors_give_the_f_test_of_the_means() -> None:
    values, error, dof = np.array([1.0, 2.0, 4.0, 3.5]), 0.6, 9
    f = values.var(ddof=1) / error**2
    expected = stats.f.sf(f, 3, 4 * dof)
    assert equality.equality_p_value(values, np.full(4, error), np.full(4, dof)) == pytest.approx(expected)


def test_bins_without_an_error_are_left_out() -> None:
    values, errors, dof = np.array([1.0, 50.0, 2.0, 4.0]), np.array([0.5, np.nan, 0.6, 0.4]), np.array([9, 9, 9, 5])
    known = [0, 2, 3]
    assert equality.equality_p_value(values, errors, dof) == equality.equality_p_value(
        values[known], errors[known], dof[known]
    )
    assert np.isnan(equality.equality_p_value(values[:2], errors[:2], dof[:2]))


def test_values_without_error() -> None:
    dof = np.array([3, 3])
    assert equality.equality_p_value(np.ones(2), np.zeros(2), dof) == 1
    assert equality.equality_p_value(np.ones(2), np.ones(2), dof) == 1
    assert equality.equality_p_value(np.array([1.0, 2.0]), np.zeros(2), dof) == 0


def test_holm_by_hand() -> None:
    assert equality.holm(0.03, 0.01) == (0.03, 0.02)
    assert equality.holm(0.012, 0.01) == (0.02, 0.02)
    assert equality.holm(0.9, 0.8) == (1.0, 1.0)
    alone = equality.holm(np.nan, 0.01)
    assert np.isnan(alone[0])
    assert alone[1] == 0.01
    assert np.isnan(equality.holm(np.nan, np.nan)).all()


def test_errors_within_classes_by_hand() -> None:
    values = np.array([1.0, 3.0, 10.0, 14.0, 7.0, 7.5])
    labels, bin_of = np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 0, 1, 0, 1])
    errors = equality.within_class_errors(values, labels, bin_of, 3)
    # class means 2 and 12; the two classes of one image are one stratum with the mean 7.25; all factors are 2
    rest = np.array([-1, -2, -0.25])
    by_hand = np.sqrt(2 * ((rest - rest.mean()) ** 2).sum() / 2 / 3)
    assert errors[:2] == pytest.approx([by_hand, by_hand])
    assert np.isnan(errors[2])


def test_the_error_of_a_mean_cosine_is_its_spread_over_bins() -> None:
    rng = np.random.default_rng(4)
    for centre in (2.0, 0.05):  # far from zero, and near zero, where the second term counts
        bin_of = np.repeat(range(200), 50)
        views = AugmentedFeatures(vectors=rng.normal(0, 1, (1, 10_000, 6)) + centre, name="made up", key="made up")
        labels = np.zeros(10_000, int)
        bins = [bin_vectors.bin_vectors(views, bin_of == number, labels) for number in range(200)]
        others = [vectors.others(vectors.square) for vectors in bins]
        errors = bin_vectors.square_errors_within_classes(bins, [labels[bin_of == number] for number in range(200)])
        assert np.sqrt((errors**2).mean()) == pytest.approx(np.std(others), rel=0.15)
