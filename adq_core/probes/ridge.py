"""Ridge regression on embeddings to one-hot labels: a classifier in closed form, which takes milliseconds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Bools, Floats, Ints

# Candidates for the penalty, relative to the mean squared length of the features, which is 1.
PENALTIES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
DRAWS = 3  # subsets that choose the penalty
MAX_VALIDATION = 2000  # rows on which a penalty is tested


def probe_features(vectors: Floats, rows: Ints | None = None) -> NDArray[np.float32]:
    """Return the vectors centred at the mean of `rows` and scaled to mean squared length 1 over them, (M, d) float32.

    rows: the images that may be selected (default: all), so that test images have no part in it. Dimensions keep their
    relative sizes.
    """
    x = np.asarray(vectors, np.float32)
    known = x if rows is None else x[rows]
    centred = x - known.mean(axis=0, dtype=np.float64).astype(np.float32)
    known = centred if rows is None else centred[rows]
    size = float(np.sqrt(np.einsum("ij,ij->", known, known, dtype=np.float64) / max(1, len(known))))
    return np.asarray(centred / np.float32(size if size > 0 else 1.0), np.float32)


class RidgeFit(NamedTuple):
    """A fitted probe: the score of class c is `features @ weights[:, c] + bias[c]`."""

    weights: NDArray[np.float32]  # (d, C)
    bias: NDArray[np.float32]  # (C,)

    @classmethod
    def fit(cls, features: Floats, labels: Ints, n_classes: int, penalty: float) -> RidgeFit:
        """Return W = (Z^T Z + n penalty I)^-1 Z^T Y for n centred rows Z (n, d) and centred one-hot labels Y (n, C).

        The least squares scores estimate the probabilities of the classes. With fewer rows than dimensions the same W
        is Z^T (Z Z^T + n penalty I)^-1 Y. A class without a row has a constant score of 0.
        """
        return ridge_path(features, labels, n_classes, (penalty,))[0]

    def scores(self, features: Floats) -> NDArray[np.float32]:
        """Return the scores of the classes, (K, C) float32."""
        return np.asarray(features @ self.weights + self.bias, np.float32)


def ridge_path(features: Floats, labels: Ints, n_classes: int, penalties: tuple[float, ...]) -> list[RidgeFit]:
    """Return one fit per penalty; the matrix product is computed once."""
    from scipy.linalg import solve

    n, d = features.shape
    mean = features.mean(axis=0)
    z = features - mean
    y = np.zeros((n, n_classes), np.float32)
    y[np.arange(n), labels] = 1.0
    share = y.mean(axis=0)
    y -= share
    primal = n >= d
    gram = np.asarray(z.T @ z if primal else z @ z.T, np.float64)
    right = np.asarray(z.T @ y if primal else y, np.float64)
    fits = []
    for penalty in penalties:
        system = gram + n * penalty * np.eye(len(gram))
        solution = solve(system, right, assume_a="pos", check_finite=False).astype(np.float32)
        weights = solution if primal else z.T @ solution
        fits.append(RidgeFit(weights, share - mean @ weights))
    return fits


def correct_predictions(fit: RidgeFit, features: Floats, labels: Ints) -> Bools:
    """Return whether the class of largest score is the label, (K,) bool."""
    return np.asarray(fit.scores(features).argmax(axis=1) == labels)


def choose_penalty(features: Floats, labels: Ints, n_classes: int, n: int, seed: int = 0) -> float:
    """Return the penalty with the best mean accuracy for balanced random subsets of n rows, tested on other rows.

    One penalty per subset size, chosen for the baseline and used for all strategies: a strategy is compared by the
    images that it selects, not by the probe. Where no row is left to test on, one fifth of the rows is the test.
    """
    rng = np.random.default_rng(seed)
    correct = np.zeros(len(PENALTIES))
    n = min(n, len(labels) - max(1, len(labels) // 5))
    for _ in range(DRAWS):
        order = balanced_order(labels, rng)
        train, test = order[:n], rng.permutation(order[n:])[:MAX_VALIDATION]
        for index, fit in enumerate(ridge_path(features[train], labels[train], n_classes, PENALTIES)):
            correct[index] += correct_predictions(fit, features[test], labels[test]).mean()
    return PENALTIES[int(correct.argmax())]


def balanced_order(labels: Ints, rng: np.random.Generator) -> Ints:
    """Return a random order of the rows in which every prefix is balanced over the classes, (M,) int64."""
    order = rng.permutation(len(labels))
    return np.asarray(order[np.argsort(_places(labels[order]), kind="stable")])


def _places(labels: Ints) -> Floats:
    """Return (position within the class + 1/2) / size of the class, so that sorting by it interleaves the classes."""
    order = np.argsort(labels, kind="stable")
    counts = np.bincount(labels)
    starts = np.cumsum(counts) - counts
    place = np.empty(len(labels))
    place[order] = np.arange(len(labels)) - starts[labels[order]]
    return np.asarray((place + 0.5) / counts[labels])
