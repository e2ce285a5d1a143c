"""Candidates for the tests: groups of vectors, cut into bins."""

from __future__ import annotations

import numpy as np

from adq_core.bins import make_bins
from adq_core.strategies import Candidates


def make_candidates(
    m: int = 120,
    n_classes: int = 3,
    d: int = 6,
    n_bins: int = 4,
    spread: float = 1.0,
    seed: int = 0,
    alpha: float = 0.65,
) -> Candidates:
    rng = np.random.default_rng(seed)
    labels = np.sort(np.arange(m) % n_classes)
    vectors = (2 * np.eye(n_classes, d)[labels] + spread * rng.normal(size=(m, d))).astype(np.float32)
    return Candidates(
        vectors=vectors,
        labels=labels,
        n_classes=n_classes,
        bins=make_bins(vectors, labels, n_bins=n_bins),
        importance=rng.random(n_bins),
        texture=rng.random(m),
        alpha=alpha,
    )
