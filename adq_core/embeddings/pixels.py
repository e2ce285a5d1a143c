"""The embedding `pixels`: principal components of small thumbnails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.linalg import block_sums, fix_signs, one_blas_thread, principal_axes, repeat_pixels
from adq_core.progress import Progress, no_progress
from adq_core.records import Ints

from .pca import WholeAxes, whole_axes

SIDE = 32  # pixels are compared at 32 x 32
SAMPLE = 3000  # rows that fit the axes; on CIFAR-10 they hold 86.0 % of the variance, fitted on all rows 86.5 %
SAMPLE_SEED = 0  # not the run's seed: another random draw must not change the bins
DIMENSIONS = 64
BATCH = 1024


def pixels(dataset: ImageDataset, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return the principal components of the images' pixels, (M, k) float32, k at most 64.

    x W, where x (3,072 values) is the thumbnail averaged to 32 x 32 RGB, minus the mean image of a sample, divided by
    the sample's standard deviation of each colour channel; W holds the axes of largest variance. Sample: at most 3,000
    rows, drawn with a fixed seed. k is below 64 if the sample has fewer axes.

    The same bytes on every machine: all large products are of whole numbers below 2^53, which float64 adds exactly in
    any order, so batches, threads and the BLAS library change no bit. Only W is computed with rounding, and is then
    rounded to 20 bits.

    How it misleads: images with similar pixels need not have similar contents; brightness and the position of the
    object dominate.
    """
    del weights
    return pixel_vectors(dataset, None, progress)


def pixel_vectors(
    dataset: ImageDataset, rows: Ints | None = None, progress: Progress = no_progress
) -> NDArray[np.float32]:
    """Return the vectors of `pixels` for some rows of a data set, or all: the axes are fitted on these rows only."""
    m = len(dataset) if rows is None else len(rows)
    axes = fitted_axes(dataset, np.arange(m) if rows is None else rows)
    vectors = np.empty((m, axes.axes.shape[1]), np.float32)
    done = 0
    for thumbnails in dataset.thumbnail_batches(BATCH, rows):
        x = pixel_sums(thumbnails)
        vectors[done : done + len(x)] = axes.components(x)
        done += len(x)
        progress(done, m, "embeddings")
    return vectors


def fitted_axes(dataset: ImageDataset, rows: Ints) -> WholeAxes:
    """Return the axes of `pixels` fitted on at most 3,000 of these rows."""
    if len(rows) > SAMPLE:
        rows = rows[np.sort(np.random.default_rng(SAMPLE_SEED).choice(len(rows), SAMPLE, replace=False))]
    return pixel_axes(np.concatenate([pixel_sums(part) for part in dataset.thumbnail_batches(BATCH // 8, rows)]))


def pixel_sums(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the sums of the thumbnail's pixels over each cell of a 32 x 32 grid, (n, 3072) float64, whole numbers.

    Raises `ValueError` for a side that neither divides 32 nor is a multiple of it.
    """
    n, side = thumbnails.shape[:2]
    if side < SIDE and SIDE % side == 0:
        thumbnails = repeat_pixels(thumbnails, SIDE // side)
    factor = thumbnails.shape[1] // SIDE
    if thumbnails.shape[1] != factor * SIDE:
        raise ValueError(f"thumbnails must have a side that divides 32 or is a multiple of it, got {side}.")
    return block_sums(thumbnails, factor).reshape(n, -1).astype(np.float64)


def pixel_axes(x: NDArray[np.float64]) -> WholeAxes:
    """Return W (3072, k), fitted on the sums of the pixels of a sample, (n, 3072) whole numbers."""
    n = len(x)
    mean = x.mean(axis=0)  # (3072,)
    # Gram matrix of the standardised sample, channel by channel: products of whole numbers are exact before scaling.
    gram = np.zeros((n, n))
    scale = np.empty(3)
    for channel in range(3):
        part = np.ascontiguousarray(x[:, channel::3])  # (n, 1024)
        raw = part @ part.T
        row_means = raw.mean(axis=0)
        centred = raw - row_means[:, None] - row_means[None, :] + row_means.mean()
        deviation = float(np.sqrt(max(raw.diagonal().mean() / 1024 - part.mean() ** 2, 0.0)))
        scale[channel] = 1 / deviation if deviation > 0 else 1.0
        gram += centred * scale[channel] ** 2
    _, coordinates = principal_axes(gram, DIMENSIONS)  # (n, k)
    if coordinates.shape[1] == 0:  # all images are equal
        return WholeAxes(np.zeros((x.shape[1], 1)), np.zeros(1), 1.0)
    by_pixel = np.tile(scale, SIDE * SIDE)  # (3072,)
    with one_blas_thread():
        axes = ((x - mean) * by_pixel).T @ coordinates
    return whole_axes(fix_signs(axes / np.linalg.norm(axes, axis=0)) * by_pixel[:, None], x)
