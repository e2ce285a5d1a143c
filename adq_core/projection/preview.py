"""A first map from the thumbnails alone: it needs no network, and is there before the embedding is computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.linalg import block_sums
from adq_core.progress import Progress, no_progress
from adq_core.records import Projection

from .pca import components_of, fit_axes, pca_map

SIDE = 8  # the two axes of largest variance are broad areas of colour


def preview(
    batches: Iterable[NDArray[np.uint8]], count: int, *, key: str = "", progress: Progress = no_progress
) -> Projection:
    """Return the first two principal components of the thumbnails at 8 x 8 pixels, one point per image, by PCA.

    batches: (B, T, T, 3) thumbnails in the order of the rows, `count` (M) in all; T divides 64. Axes as `fit_axes`:
    fitted on at most 8,192 rows drawn with a fixed seed. Raises `ValueError` if the batches do not have M rows in all.

    How it misleads: it shows colour and brightness, not contents, and says nothing about the embedding. It fills the
    place of the map while the embedding is computed.
    """
    pixels: NDArray[Any] | None = None
    done = 0
    for thumbnails in batches:
        small = _small(thumbnails)
        if pixels is None:
            pixels = np.empty((count, small.shape[1]), np.float32)
        pixels[done : done + len(small)] = small
        done += len(small)
        progress(done, count, "map")
    if pixels is None or done != count:
        raise ValueError(f"The batches must have {count} thumbnails in all, got {done}.")
    mean, axes = fit_axes(pixels, 2)
    return Projection(xy=pca_map(components_of(pixels, mean, axes), 0, progress), method="pca", key=key)


def _small(thumbnails: NDArray[np.uint8]) -> NDArray[Any]:
    """Return the mean colours of 8 x 8 parts of each thumbnail, (B, 192) float32; of a smaller one, its pixels."""
    factor = max(1, thumbnails.shape[1] // SIDE)
    sums = block_sums(thumbnails, factor).reshape(len(thumbnails), -1)
    return sums.astype(np.float32) / np.float32(255 * factor**2)
