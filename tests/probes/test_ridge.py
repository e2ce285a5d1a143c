"""The closed-form probe: its equations, its scale and the choice of its penalty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.probes import PENALTIES, RidgeFit, choose_penalty, correct_predictions, probe_features


def groups(n: int, d: int, n_classes: int, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors around one random centre per class, and the classes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    return (rng.normal(size=(n_classes, d))[labels] + spread * rng.normal(size=(n, d))).astype(np.float32), labels


@given(st.integers(3, 30), st.integers(1, 30), st.integers(2, 5), st.sampled_from(PENALTIES), st.integers(0, 99))
def test_the_weights_solve_the_normal_equations_with_few_and_with_many_rows(
    n: int, d: int, n_classes: int, penalty: float, seed: int
) -> None:
    x, labels = groups(n, d, n_classes, 1.0, seed)
    fit = RidgeFit.fit(x, labels, n_classes, penalty)
    z = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    y = np.eye(n_classes)[labels] - np.eye(n_classes)[labels].mean(axis=0)
    expected = np.linalg.solve(z.T @ z + n * penalty * np.eye(d), z.T @ y)
    np.testing.assert_allclose(fit.weights, expected, atol=5e-3 * max(1.0, np.abs(expected).max()))
    at_mean = fit.scores(x.mean(axis=0, keepdims=True))[0]
    np.testing.assert_allclose(at_mean, np.eye(n_classes)[labels].mean(axis=0), atol=1e-4)


def test_a_class_without_rows_is_never_predicted() -> None:
    x, labels = groups(60, 5, 2, 0.1)
    fit = RidgeFit.fit(x, labels, 3, 1e-3)
    assert set(fit.scores(x).argmax(axis=1)) == {0, 1}
    assert correct_predictions(fit, x, labels).all()


@given(st.floats(0.01, 100), st.integers(0, 99))
def test_features_do_not_depend_on_the_scale_or_the_centre_of_the_vectors(scale: float, seed: int) -> None:
    x, _ = groups(40, 6, 3, 1.0, seed)
    known = np.arange(30)
    features = probe_features(x, known)
    np.testing.assert_allclose(features[known].mean(axis=0), 0, atol=1e-5)
    assert np.square(features[known]).sum(axis=1).mean() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(probe_features(x * np.float32(scale) + np.float32(3), known), features, atol=2e-3)


def test_rows_outside_the_known_ones_have_no_part_in_the_scale() -> None:
    x, _ = groups(40, 6, 3, 1.0)
    other = x.copy()
    other[30:] *= 100
    known = np.arange(30)
    np.testing.assert_array_equal(probe_features(x, known)[:30], probe_features(other, known)[:30])


def test_equal_vectors_have_features_of_zero() -> None:
    assert not probe_features(np.ones((4, 3), np.float32)).any()


def test_noise_needs_a_larger_penalty_than_clear_classes() -> None:
    clear, labels = groups(400, 50, 4, 0.05)
    noisy, _ = groups(400, 50, 4, 6.0)
    chosen = [choose_penalty(probe_features(x), labels, 4, 40) for x in (clear, noisy)]
    assert chosen[0] < chosen[1]
    assert set(chosen) <= set(PENALTIES)


@pytest.mark.parametrize("n", [2, 39, 40])
def test_a_penalty_is_chosen_for_every_size_up_to_all_images(n: int) -> None:
    x, labels = groups(40, 5, 4, 0.5)
    assert choose_penalty(x, labels, 4, n) in PENALTIES
