"""Which patches of an image are worth keeping: saliency and masks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .records import Bools, Floats, ImageDataset, PatchMasks
from .texture import texture_map

GRID = 8  # patches a row


def patch_masks(
    dataset: ImageDataset, rows: Sequence[int], *, patch_keep_ratio: float, ranking: str = "texture", key: str = ""
) -> PatchMasks:
    """Return the masks of these rows, cut from the thumbnails in 8 x 8 patches: 8 pixels wide at 64, 4 at 32."""
    images = np.ascontiguousarray(dataset.thumbnails[np.asarray(rows, dtype=np.int64)])
    patch_size = max(1, images.shape[1] // GRID)
    saliency = np.stack([_patch_means(texture_map(image), patch_size) for image in images])
    return PatchMasks(
        rows=np.asarray(rows, np.int64),
        images=images,
        saliency=saliency,
        keep=keep_highest(saliency, patch_keep_ratio),
        patch_size=patch_size,
        patch_keep_ratio=patch_keep_ratio,
        ranking=ranking,
        key=key,
    )


def _patch_means(pixels: Floats, size: int) -> Floats:
    """Return (L,) the mean of (S, S) pixels in each patch, row by row."""
    cells = len(pixels) // size
    means: Floats = pixels.reshape(cells, size, cells, size).mean(axis=(1, 3)).ravel()
    return means


def keep_highest(saliency: Floats, ratio: float) -> Bools:
    """Return (K, L) True for the L x ratio (half up, at least one) highest patches; ties go to the earlier patch."""
    n_patches = saliency.shape[1]
    count = max(1, math.floor(n_patches * ratio + 0.5))
    order = np.argsort(-saliency, axis=1, kind="stable")
    keep = np.zeros(saliency.shape, bool)
    np.put_along_axis(keep, order[:, :count], True, axis=1)
    return keep
