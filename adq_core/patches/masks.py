"""Saliency of patches, and masks that keep the most salient patches of each image."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.errors import unknown_name
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools, Floats, Image, PatchMasks
from adq_core.texture import texture_map

BATCH = 64
BLANK = 128  # grey value of a dropped patch


def patch_masks(
    dataset: ImageDataset,
    rows: Sequence[int],
    *,
    patch_keep_ratio: float,
    image_size: int = 64,
    patch_size: int = 8,
    ranking: str = "texture",
    key: str = "",
    progress: Progress = no_progress,
) -> PatchMasks:
    """Return the masks of these rows: each image is resized to S x S and cut into L = (S / patch_size)^2 patches.

    The patches with the highest saliency are kept, see `top_patches`. S is image_size, and patch_size must divide it.
    Published: S = 224 and patches of 16, so 14 x 14 patches, ranked by Grad-CAM++ of an ImageNet network. Raises
    `SettingsError` for an unknown ranking.

    How it misleads: if S exceeds the original size, as 224 does for images of 32, a patch contains two or three source
    pixels, and the share of patches says nothing about stored bytes. Images that are not square are distorted.
    """
    if ranking not in PATCH_RANKINGS:
        raise unknown_name("patch ranking", ranking, PATCH_RANKINGS)
    indices = np.asarray(rows, dtype=np.int64)
    images = np.empty((len(indices), image_size, image_size, 3), np.uint8)
    saliency = np.empty((len(indices), (image_size // patch_size) ** 2), np.float64)
    for start in range(0, len(indices), BATCH):
        part = slice(start, start + BATCH)
        images[part] = [resize_square(dataset.read(int(row)), image_size) for row in indices[part]]
        saliency[part] = PATCH_RANKINGS[ranking](images[part], patch_size)
        progress(min(start + BATCH, len(indices)), len(indices), "patches")
    return PatchMasks(
        rows=indices,
        images=images,
        saliency=saliency,
        keep=top_patches(saliency, patch_keep_ratio),
        patch_size=patch_size,
        patch_keep_ratio=patch_keep_ratio,
        ranking=ranking,
        key=key,
    )


def resize_square(image: Image, side: int) -> Image:
    """Return the image resized to (side, side, 3) uint8, bilinear with antialiasing; distorted if it is not square."""
    from PIL import Image as Pillow

    if image.shape[:2] == (side, side):
        return image
    return np.asarray(Pillow.fromarray(image).resize((side, side), Pillow.Resampling.BILINEAR))


def patch_textures(images: NDArray[np.uint8], patch_size: int) -> Floats:
    """Return the mean of `texture_map` in each patch, (K, L) float64, patches row by row from the top left.

    Gradients at the border of a patch include pixels of the next one. How it misleads: noise and text have a high
    texture, skin and sky a low one; the kept patches are hard to reconstruct, but need not show the class.
    """
    k, side = images.shape[:2]
    cells = side // patch_size
    pixels = np.empty((k, side, side), np.float64)
    for row, image in enumerate(images):
        pixels[row] = texture_map(image)
    return np.asarray(pixels.reshape(k, cells, patch_size, cells, patch_size).mean(axis=(2, 4)).reshape(k, -1))


def n_kept_patches(n_patches: int, ratio: float) -> int:
    """Return the number of kept patches: n_patches x ratio, rounded half up, at least 1.

    157 of 196 at 0.8; the published `int()` gives 156. The product is first rounded to nine digits, because
    100 x 0.145 = 14.499999999999998 would be rounded down.
    """
    return max(1, math.floor(round(n_patches * ratio, 9) + 0.5))


def top_patches(saliency: Floats, ratio: float) -> Bools:
    """Return (K, L) bool, True for the `n_kept_patches` highest values of each row; ties go to the earlier patch."""
    order = np.argsort(-saliency, axis=1, kind="stable")
    keep = np.zeros(saliency.shape, bool)
    np.put_along_axis(keep, order[:, : n_kept_patches(saliency.shape[1], ratio)], True, axis=1)
    return keep


def blank_dropped(images: NDArray[np.uint8], keep: Bools, patch_size: int, blank: int = BLANK) -> NDArray[np.uint8]:
    """Return the images with their dropped patches replaced by grey, (K, S, S, 3)."""
    cells = images.shape[1] // patch_size
    kept_pixels = keep.reshape(-1, cells, cells).repeat(patch_size, axis=1).repeat(patch_size, axis=2)
    return np.where(kept_pixels[..., None], images, np.uint8(blank))


def pack(keep: Bools) -> NDArray[np.uint8]:
    """Return the masks as bits, (K, ceil(L / 8)) uint8, highest bit first, the last byte padded with zeros."""
    return np.packbits(keep, axis=1)


def unpack(packed: NDArray[np.uint8], n_patches: int) -> Bools:
    """Return the masks (K, L) from the bits of `pack`, L = `n_patches`."""
    return np.unpackbits(packed, axis=1, count=n_patches).astype(np.bool_)


PatchRanking = Callable[[NDArray[np.uint8], int], Floats]
"""Images (K, S, S, 3) and the patch size -> saliency (K, L); the patches of highest saliency are kept."""

PATCH_RANKINGS: dict[str, PatchRanking] = {"texture": patch_textures}
