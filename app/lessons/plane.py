"""Forty points in the plane, their bins, and pictures of both: for the lessons on the greedy and on bins."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bins

from .lesson import Points

BOX = (0.0, 0.0, 12.0, 9.0)
COUNT = 40


def cloud(seed: int = 0) -> Points:
    """Return 40 points that fill a disc, with coordinates of one decimal."""
    rng = np.random.default_rng(seed)
    radius, angle = 3.1 * np.sqrt(rng.uniform(0, 1, COUNT)), rng.uniform(0, 2 * np.pi, COUNT)
    points = np.stack([4.2 + radius * np.cos(angle), 5.3 + radius * np.sin(angle)], axis=1)
    return np.asarray(points.round(1), np.float64)


def bins_of(points: Points, n_bins: int, kernel: str, schedule: str = "equal") -> Bins:
    """Return the bins of the points, all in one pool."""
    from adq_core.bins import make_bins  # imports numba

    vectors = points.astype(np.float32)
    labels = np.zeros(len(points), np.int64)
    return make_bins(vectors, labels, n_bins=n_bins, pool="all", kernel=kernel, schedule=schedule, n_jobs=1)
