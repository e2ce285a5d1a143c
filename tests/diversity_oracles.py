"""Slow and simple versions of the head, its loss and the measures of diversity; imports nothing from adq_core."""

from __future__ import annotations

import numpy as np

from tests import oracles


def head_output(head, x: np.ndarray) -> np.ndarray:
    """Return the output of a head for one vector, in float64."""
    weight_in, weight_out = np.asarray(head.weight_in, np.float64), np.asarray(head.weight_out, np.float64)
    return weight_out @ np.maximum(weight_in @ x + head.bias_in, 0) + head.bias_out


def info_nce(first, second, temperature: float) -> float:
    """Return the mean over all 2B views z of -log of exp(cos(z, z+)/t) over the sum of exp(cos(z, z')/t), z' not z."""
    z = [np.asarray(row, np.float64) / np.linalg.norm(row) for row in [*first, *second]]
    n = len(first)
    total = 0.0
    for i in range(2 * n):
        other_view = (i + n) % (2 * n)
        among = sum(np.exp(z[i] @ z[j] / temperature) for j in range(2 * n) if j != i)
        total -= np.log(np.exp(z[i] @ z[other_view] / temperature) / among)
    return float(total / (2 * n))


def vendi(vectors: np.ndarray) -> float:
    """Return exp of the entropy of the eigenvalues of the whole matrix of cosines over its size, (V, N, d) vectors."""
    cosines = oracles.all_cosines(vectors.reshape(-1, vectors.shape[2]))
    values = np.linalg.eigvalsh(cosines / len(cosines))
    return float(np.exp(-sum(value * np.log(value) for value in values if value > 1e-12)))


def jackknife_error(vectors: np.ndarray, groups: np.ndarray, score) -> float:
    """Return the jackknife standard error of score(vectors): one group of images is left out at a time."""
    names = sorted(set(groups.tolist()))
    without = [score(vectors[:, groups != name]) for name in names]
    mean = sum(without) / len(without)
    return float(np.sqrt((len(names) - 1) / len(names) * sum((value - mean) ** 2 for value in without)))
