"""The statistics are tested by simulation: how often they find what is there, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.evidence import compare_with_baseline, seeds_needed

N_TEST = 2000


def simulated(rng: np.random.Generator, n_seeds: int, effects: list[float], spread: float = 0.01) -> np.ndarray:
    """Return accuracies (1 + S, n_seeds), the baseline first: a common part per seed, and an own part."""
    common = rng.normal(0.7, 0.02, n_seeds)
    own = rng.normal(0, spread, (1 + len(effects), n_seeds))
    return np.rint((common + np.array([0.0, *effects])[:, None] + own) * N_TEST) / N_TEST


@pytest.mark.parametrize(("n_seeds", "n_strategies"), [(3, 1), (5, 10), (20, 10)])
def test_strategies_without_a_difference_are_rarely_called_different(n_seeds: int, n_strategies: int) -> None:
    """In at most 5 % of the tables is a single one of all strategies called different."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(1000):
        found = compare_with_baseline(simulated(rng, n_seeds, [0.0] * n_strategies), 0, N_TEST)
        wrong += any(one.distinguishable for one in found)
    assert wrong <= 50 + 3 * np.sqrt(50)


def test_a_difference_of_twice_the_interval_is_found() -> None:
    rng = np.random.default_rng(0)
    widths = [compare_with_baseline(simulated(rng, 10, [0.0]), 0, N_TEST)[1].half_width for _ in range(200)]
    effect = 2 * float(np.mean(widths))
    found = [compare_with_baseline(simulated(rng, 10, [effect]), 0, N_TEST)[1] for _ in range(1000)]
    assert np.mean([one.distinguishable and one.mean > 0 for one in found]) >= 0.95


def test_the_interval_contains_the_true_difference_in_95_of_100_tables() -> None:
    rng = np.random.default_rng(1)
    found = [compare_with_baseline(simulated(rng, 8, [0.013]), 0, N_TEST)[1] for _ in range(1000)]
    assert 0.93 <= np.mean([abs(one.mean - 0.013) <= one.half_width for one in found]) <= 0.97


def test_the_detectable_difference_is_found_in_four_of_five_tables() -> None:
    rng = np.random.default_rng(2)
    detectable = float(
        np.mean([compare_with_baseline(simulated(rng, 12, [0.0]), 0, N_TEST)[1].detectable for _ in range(300)])
    )
    found = [compare_with_baseline(simulated(rng, 12, [detectable]), 0, N_TEST)[1] for _ in range(1000)]
    assert 0.7 <= np.mean([one.distinguishable for one in found]) <= 0.9


def test_other_test_images_widen_the_interval_and_keep_the_level() -> None:
    """The test images of a table shift a strategy in all seeds alike; the draws alone cannot show that."""
    rng = np.random.default_rng(3)
    wrong = {"with": 0, "without": 0}
    for _ in range(500):
        accuracy = simulated(rng, 10, [float(rng.normal(0, 0.01))])
        for name, error in (("with", np.array([0.0, 0.01])), ("without", None)):
            wrong[name] += compare_with_baseline(accuracy, 0, N_TEST, error)[1].distinguishable
    assert wrong["with"] <= 25 + 3 * np.sqrt(25)
    assert wrong["without"] > 100


def test_hand_checked_values() -> None:
    """Differences 1, 2 and 3 points: mean 2, standard error 1 / sqrt(3), t = 4.303 with two degrees of freedom."""
    accuracy = np.array([[0.50, 0.60, 0.70], [0.51, 0.62, 0.73]])
    base, one = compare_with_baseline(accuracy, 0, N_TEST)
    assert one.mean == pytest.approx(0.02)
    assert one.half_width == pytest.approx(4.302653 * 0.01 / np.sqrt(3), rel=1e-5)
    assert one.p == pytest.approx(0.0741799, rel=1e-4)  # t = 3.4641
    assert (base.mean, base.half_width, base.p) == (0.0, 0.0, 1.0)
    assert not base.distinguishable


def test_holm_multiplies_the_smallest_p_by_the_number_of_strategies() -> None:
    rng = np.random.default_rng(4)
    accuracy = simulated(rng, 6, [0.05, 0.02, 0.0])
    together = compare_with_baseline(accuracy, 0, N_TEST)
    alone = [compare_with_baseline(accuracy[[0, row]], 0, N_TEST)[1].p for row in (1, 2, 3)]
    order = np.argsort(alone)
    expected = np.maximum.accumulate([min(1.0, alone[row] * (3 - place)) for place, row in enumerate(order)])
    assert [together[1 + row].p for row in order] == pytest.approx(expected.tolist())


def test_missing_seeds_do_not_count_and_one_seed_shows_nothing() -> None:
    accuracy = np.array([[0.5, 0.6, np.nan], [0.55, np.nan, 0.9]])
    one = compare_with_baseline(accuracy, 0, N_TEST)[1]
    assert (one.n_seeds, one.distinguishable, one.half_width) == (1, False, np.inf)


def test_equal_differences_of_a_few_seeds_are_no_proof() -> None:
    """With 20 test images, three equal differences of one image are likely by chance."""
    accuracy = np.array([[0.5, 0.6, 0.7], [0.55, 0.65, 0.75]])
    assert not compare_with_baseline(accuracy, 0, 20)[1].distinguishable


def test_more_seeds_are_asked_for_until_the_interval_is_small() -> None:
    rng = np.random.default_rng(5)
    accuracy = simulated(rng, 5, [0.0, 0.0])
    needed = seeds_needed(accuracy, 0, 0.005, 200)
    assert 5 < needed < 200
    assert seeds_needed(accuracy, 0, 0.5, 200) == 5
    assert seeds_needed(accuracy, 0, 1e-9, 200) == 200


def test_adding_seeds_until_the_interval_is_small_keeps_the_level_and_finds_a_difference() -> None:
    """The number of seeds follows from the widths alone; adding seeds until a difference is found would not do."""
    rng = np.random.default_rng(6)
    called = {0.0: 0, 0.01: 0}
    for effect in called:
        for _ in range(500):
            accuracy = simulated(rng, 60, [effect, 0.0, 0.0])
            n = 5
            while (needed := seeds_needed(accuracy[:, :n], 0, 0.006, 60)) > n:
                n = needed
            found = compare_with_baseline(accuracy[:, :n], 0, N_TEST)
            called[effect] += any(one.distinguishable for one in (found[1:] if effect == 0 else found[1:2]))
    assert called[0.0] <= 25 + 3 * np.sqrt(25)
    assert called[0.01] >= 0.8 * 500
