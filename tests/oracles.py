"""Slow and obvious versions of what adq_core computes. Imports nothing from it."""

from __future__ import annotations

import numpy as np

# --- embeddings and the map -------------------------------------------------------------------------------------------


def pixel_components(thumbnails: np.ndarray, count: int) -> np.ndarray:
    """Average 64 x 64 to 32 x 32, standardise by channel, and take components from a singular value decomposition."""
    m = len(thumbnails)
    small = thumbnails.astype(float).reshape(m, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    small = (small - small.mean(axis=0)) / small.std(axis=(0, 1, 2))
    u, s, _ = np.linalg.svd(small.reshape(m, -1), full_matrices=False)
    return (u * s)[:, :count]


def correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the correlation of each column of one with each of the other."""
    k = one.shape[1]
    return np.corrcoef(one.T, other.T)[:k, k:]


def distances(points: np.ndarray) -> np.ndarray:
    """Return all pairwise Euclidean distances."""
    points = points.astype(float)
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))


def nearest_others(points: np.ndarray, row: int, k: int) -> list[int]:
    """Return the k nearest other points, the lower index first on a tie."""
    far = ((points.astype(float) - points[row].astype(float)) ** 2).sum(axis=1)
    others = [other for other in range(len(points)) if other != row]
    return sorted(others, key=lambda other: (np.float32(far[other]), other))[:k]
