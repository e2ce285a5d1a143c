"""Multinomial logistic regression on embeddings: the linear head that is trained on a frozen network."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Floats, Ints

from .ridge import DRAWS, MAX_VALIDATION, balanced_order

# Candidates for the inverse of the L2 penalty, for features of mean squared length 1.
INVERSE_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
MAX_ITERATIONS = 300
TOLERANCE = 1e-3  # of the gradient; a smaller one changes fewer than one prediction in a thousand on `photos`


def predict_by_logistic_regression(
    features: Floats, labels: Ints, test_features: Floats, inverse_penalty: float
) -> Ints:
    """Return the class that a logistic regression on `features` (n, d) gives each test image, (K,) int64.

    Minimises sum_i -log softmax(W x_i + b)[y_i] + |W|^2 / (2 `inverse_penalty`) by L-BFGS. Classes without a row are
    never predicted. The start is zero, so there is no seed.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if (labels == labels[0]).all():
        return np.full(len(test_features), labels[0], np.int64)
    model = LogisticRegression(C=inverse_penalty, tol=TOLERANCE, max_iter=MAX_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last step is as good as the tolerance for accuracy
        model.fit(np.asarray(features, np.float64), labels)
    return np.asarray(model.predict(np.asarray(test_features, np.float64)), np.int64)


def choose_inverse_penalty(features: NDArray[np.float32], labels: Ints, n: int, seed: int = 0) -> float:
    """Return the inverse penalty with the best mean accuracy for balanced random subsets of n rows, tested on others.

    One value per subset size, as for the ridge probe (`choose_penalty`): a strategy is compared by the images that it
    selects, not by the probe.
    """
    rng = np.random.default_rng(seed)
    correct = np.zeros(len(INVERSE_PENALTIES))
    n = min(n, len(labels) - max(1, len(labels) // 5))
    for _ in range(DRAWS):
        order = balanced_order(labels, rng)
        train, test = order[:n], rng.permutation(order[n:])[:MAX_VALIDATION]
        for index, value in enumerate(INVERSE_PENALTIES):
            predicted = predict_by_logistic_regression(features[train], labels[train], features[test], value)
            correct[index] += (predicted == labels[test]).mean()
    return INVERSE_PENALTIES[int(correct.argmax())]
