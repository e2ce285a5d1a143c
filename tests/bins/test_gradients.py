"""Gradients of a linear head, and the greedy by their factors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.bins.gradients import fit_class_scores, gradient_factors, greedy_by_factors, loss_gradients
from adq_core.bins.schedules import equal_sizes
from tests import oracles
from tests.bins.vector_pools import divide, seeds


@given(seeds, st.integers(2, 5), st.booleans())
@settings(max_examples=20)
def test_factors_are_the_gradients_of_the_loss(seed: int, c: int, twice: bool) -> None:
    rng = np.random.default_rng(seed)
    x, logits, labels = rng.normal(size=(12, 3)), rng.normal(size=(12, c)), rng.integers(c, size=12)
    beta, eps = gradient_factors(x, loss_gradients(logits, labels, double_softmax=twice))
    whole = oracles.unit_rows(
        np.stack([oracles.last_layer_gradient(*row, twice) for row in zip(x, logits, labels, strict=True)])
    )
    np.testing.assert_allclose((beta @ beta.T) * (eps @ eps.T), whole @ whole.T, atol=1e-6)


@given(seeds, st.integers(1, 5), st.booleans())
@settings(max_examples=50)
def test_all_algorithms_agree_with_the_whole_kernel(seed: int, m: int, copies: bool) -> None:
    rng = np.random.default_rng(seed)
    x, logits, labels = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)), rng.integers(3, size=40)
    if copies:
        rows = rng.integers(10, size=40)
        x, logits, labels = x[rows], logits[rows], labels[rows]
    bins = [
        divide(x, m, labels, pool="all", kernel="gradient", softmax="twice", logits=logits, algorithm=algorithm)
        for algorithm in ("auto", "dense", "lazy")
    ]
    assert all(np.array_equal(bins[0].rank, other.rank) for other in bins)
    beta, eps = gradient_factors(x, loss_gradients(logits, labels, double_softmax=True))
    kernel = 0.5 + 0.5 * (beta @ beta.T) * (eps @ eps.T)
    order, gains = oracles.greedy_by_kernel(kernel, equal_sizes(40, m))
    assert np.argsort(bins[0].rank).tolist() == order
    np.testing.assert_allclose(bins[0].gain[order], gains, atol=1e-9)
    shuffle = rng.permutation(40)
    options: dict[str, Any] = {"pool": "all", "kernel": "gradient", "softmax": "twice", "logits": logits[shuffle]}
    again = divide(x[shuffle], m, labels[shuffle], id_order=np.argsort(shuffle), **options)
    assert np.array_equal(bins[0].rank[shuffle], again.rank)


@pytest.mark.parametrize("algorithm", ["dense", "lazy"])
def test_bins_of_a_pool_of_hundreds_begin_with_the_rows_left(algorithm: str) -> None:
    rng = np.random.default_rng(0)
    x, logits, labels = rng.normal(size=(600, 6)), rng.normal(size=(600, 3)), rng.integers(3, size=600)
    options: dict[str, Any] = {"pool": "all", "kernel": "gradient", "logits": logits, "algorithm": algorithm}
    bins = divide(x, 3, labels, **options)
    beta, eps = gradient_factors(x, loss_gradients(logits, labels, double_softmax=False))
    kernel, order = 0.5 + 0.5 * (beta @ beta.T) * (eps @ eps.T), np.argsort(bins.rank)
    assert oracles.mistakes(kernel, equal_sizes(600, 3), order, near=1e-9) == []
    np.testing.assert_allclose(bins.gain[order], oracles.gains_of(kernel, equal_sizes(600, 3), order), atol=1e-9)


def test_a_head_is_fitted_if_no_scores_are_given() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 3, 4], 30)
    x = (rng.normal(size=(90, 8)) + 3 * np.eye(8)[labels]).astype(np.float32)
    scores = fit_class_scores(x, labels)
    assert scores.shape == (90, 3)
    assert (np.array([0, 3, 4])[scores.argmax(axis=1)] == labels).mean() > 0.9
    assert fit_class_scores(x[:60], labels[:60]).shape == (60, 2)
    bins = divide(x, 5, labels, kernel="gradient")
    assert bins.capacity.tolist() == [18] * 5
    assert not np.array_equal(bins.rank, divide(x, 5, labels, kernel="gradient", softmax="twice").rank)
    assert not np.array_equal(bins.rank, divide(x, 5, labels).rank)


def test_the_greedy_by_factors_counts_every_pick() -> None:
    beta, eps = gradient_factors(np.ones((5, 2)), np.ones((5, 2)))
    picks_counted: list[int] = []
    order, _ = greedy_by_factors(beta, eps, [3, 2], on_picks=picks_counted.append)
    assert order.tolist() == [0, 1, 2, 3, 4]
    assert sum(picks_counted) == 5
