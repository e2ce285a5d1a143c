"""The first principal components: axes fitted on a sample, and the map by PCA."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adq_core.linalg import fix_signs, one_blas_thread, principal_axes
from adq_core.progress import Progress
from adq_core.records import Floats

SAMPLE = 8192  # rows on which the axes are fitted, at most
SAMPLE_HIGH_DIMENSIONS = 2048  # the same for vectors with more than 2,048 values
SAMPLE_SEED = 0
BLOCK = 1024


def pca_map(components: NDArray[np.float32], seed: int, progress: Progress) -> NDArray[np.float32]:
    """Return the first two principal components, (M, 2) float32: the orthogonal projection of largest variance.

    components (M, k): the principal components, in descending order of variance; a missing one is 0.

    How it misleads: distances can only shrink. Points far apart on the map are far apart in the embedding; points that
    are close on the map may differ in the other dimensions.
    """
    del seed
    xy = np.zeros((len(components), 2), np.float32)
    xy[:, : components.shape[1]] = components[:, :2]
    progress(1, 1, "map")
    return xy


def fit_axes(unit: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the mean of the rows (d,) and their axes of largest variance (d, k), k <= count, in float64.

    Fitted on at most 8,192 rows, or 2,048 rows of more than 2,048 dimensions, drawn with a fixed seed.
    """
    m, d = unit.shape
    sample_size = SAMPLE_HIGH_DIMENSIONS if d > SAMPLE_HIGH_DIMENSIONS else SAMPLE
    rows = np.arange(m)
    if m > sample_size:
        rows = np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, sample_size, replace=False))
    sample = np.asarray(unit[rows], np.float64)
    mean = sample.mean(axis=0)
    sample -= mean
    with one_blas_thread():
        if len(sample) >= d:
            _, axes = principal_axes(sample.T @ sample, count)
        else:
            _, coordinates = principal_axes(sample @ sample.T, count)
            axes = sample.T @ coordinates
            axes = fix_signs(axes / np.linalg.norm(axes, axis=0))
    return mean, axes


def components_of(unit: Floats, mean: Floats, axes: Floats) -> NDArray[np.float32]:
    """Return (unit - mean) @ axes, (M, k) float32, computed in blocks of rows."""
    components = np.empty((len(unit), axes.shape[1]), np.float32)
    for start in range(0, len(unit), BLOCK):
        components[start : start + BLOCK] = (unit[start : start + BLOCK] - mean) @ axes
    return components
