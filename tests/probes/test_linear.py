"""The linear probe: a logistic regression with a penalty that is chosen for balanced random subsets."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.probes import choose_inverse_penalty, predict_by_logistic_regression
from adq_core.probes.linear import INVERSE_PENALTIES
from tests.probes.test_ridge import groups


def test_the_weights_minimise_the_penalised_cross_entropy() -> None:
    """The predictions are those of the minimum that gradient descent with small steps finds."""
    x, labels = groups(90, 4, 3, 1.5)
    weights, bias = np.zeros((4, 3)), np.zeros(3)
    for _ in range(4000):
        scores = x @ weights + bias
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = p / p.sum(axis=1, keepdims=True) - np.eye(3)[labels]
        weights -= 0.005 * (x.T @ error + weights / 0.5)
        bias -= 0.005 * error.sum(axis=0)
    expected = (x @ weights + bias).argmax(axis=1)
    assert (expected != labels).any(), "the classes overlap, so the minimum matters"
    assert (predict_by_logistic_regression(x, labels, x, 0.5) == expected).mean() > 0.98


def test_missing_classes_are_not_predicted_and_one_class_is_predicted_always() -> None:
    x, labels = groups(60, 5, 2, 0.1)
    assert set(predict_by_logistic_regression(x, labels + 1, x, 1.0)) == {1, 2}
    alone = predict_by_logistic_regression(x[:4], np.full(4, 3), x, 1.0)
    assert alone.tolist() == [3] * 60


def test_the_penalty_is_the_best_one_for_balanced_subsets_tested_on_other_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.arange(90, dtype=np.float32)[:, None]
    labels = np.arange(90) % 3
    seen = []

    def predict(train: np.ndarray, known: np.ndarray, test: np.ndarray, value: float) -> np.ndarray:
        seen.append((set(train[:, 0]), set(test[:, 0]), np.bincount(known).tolist()))
        truth = labels[test[:, 0].astype(int)]
        return truth if value == 10.0 else np.where(np.arange(len(truth)) % 2, truth, -1)

    monkeypatch.setattr("adq_core.probes.linear.predict_by_logistic_regression", predict)
    assert choose_inverse_penalty(x, labels, 30) == 10.0
    assert len(seen) == 3 * len(INVERSE_PENALTIES)
    for train, test, counts in seen:
        assert counts == [10, 10, 10]
        assert test
        assert not train & test
