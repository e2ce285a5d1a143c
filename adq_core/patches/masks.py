"""Which patches of an image are worth keeping: saliency and masks."""

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
BLANK = 128  # the grey of a dropped patch


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
    """Return the masks of these rows: each image as a square of S pixels, cut into L = (S / patch_size)^2 patches.

    The patches that the ranking of this name puts highest are kept, see `top_patches`. patch_size must divide
    image_size. Published: S = 224, patches of 16, so 14 x 14, ranked by Grad-CAM++ of an ImageNet network.

    How it misleads: where S exceeds the original, as 224 does for an image of 32, a patch holds two or three source
    pixels, and a share of patches says nothing about stored bytes. And an image that is not square is squeezed.
    """
    if ranking not in PATCH_RANKINGS:
        raise unknown_name("patch ranking", ranking, PATCH_RANKINGS)
    wanted = np.asarray(rows, dtype=np.int64)
    images = np.empty((len(wanted), image_size, image_size, 3), np.uint8)
    saliency = np.empty((len(wanted), (image_size // patch_size) ** 2), np.float64)
    for start in range(0, len(wanted), BATCH):
        part = slice(start, start + BATCH)
        images[part] = [square(dataset.read(int(row)), image_size) for row in wanted[part]]
        saliency[part] = PATCH_RANKINGS[ranking](images[part], patch_size)
        progress(min(start + BATCH, len(wanted)), len(wanted), "patches")
    return PatchMasks(
        rows=wanted,
        images=images,
        saliency=saliency,
        keep=top_patches(saliency, patch_keep_ratio),
        patch_size=patch_size,
        patch_keep_ratio=patch_keep_ratio,
        ranking=ranking,
        key=key,
    )


def square(image: Image, side: int) -> Image:
    """Return the image as (side, side, 3) uint8, squeezed if it is not square; bilinear, averaged where it shrinks."""
    from PIL import Image as Pillow

    if image.shape[:2] == (side, side):
        return image
    return np.asarray(Pillow.fromarray(image).resize((side, side), Pillow.Resampling.BILINEAR))


def patch_textures(images: NDArray[np.uint8], patch_size: int) -> Floats:
    """Return (K, L) the mean of `texture_map` in each patch, row by row from the top left.

    Gradients look across the borders of patches. Noise and text rank high, smooth skin and sky rank low: what is kept
    is what is hard to paint again, which need not be what shows the class.
    """
    k, side = images.shape[:2]
    cells = side // patch_size
    pixels = np.empty((k, side, side), np.float64)
    for place, image in enumerate(images):
        pixels[place] = texture_map(image)
    return np.asarray(pixels.reshape(k, cells, patch_size, cells, patch_size).mean(axis=(2, 4)).reshape(k, -1))


def n_kept_patches(n_patches: int, ratio: float) -> int:
    """Return how many of `n_patches` patches are kept: n_patches x ratio rounded half up, at least one.

    157 of 196 at 0.8, where the published `int()` keeps 156. The product is first rounded to nine digits, lest
    100 x 0.145 = 14.499999999999998 lose its half.
    """
    return max(1, math.floor(round(n_patches * ratio, 9) + 0.5))


def top_patches(saliency: Floats, ratio: float) -> Bools:
    """Return (K, L) True for the `n_kept_patches` highest patches of each row; of equal ones the earlier is kept."""
    order = np.argsort(-saliency, axis=1, kind="stable")
    keep = np.zeros(saliency.shape, bool)
    np.put_along_axis(keep, order[:, : n_kept_patches(saliency.shape[1], ratio)], True, axis=1)
    return keep


def kept_only(images: NDArray[np.uint8], keep: Bools, patch_size: int, blank: int = BLANK) -> NDArray[np.uint8]:
    """Return the images with their dropped patches blanked to one grey, (K, S, S, 3)."""
    cells = images.shape[1] // patch_size
    pixel = keep.reshape(-1, cells, cells).repeat(patch_size, axis=1).repeat(patch_size, axis=2)
    return np.where(pixel[..., None], images, np.uint8(blank))


def pack(keep: Bools) -> NDArray[np.uint8]:
    """Return the masks as bits, (K, ceil(L / 8)) uint8, highest bit first, the last byte filled up with zeros."""
    return np.packbits(keep, axis=1)


def unpack(packed: NDArray[np.uint8], n_patches: int) -> Bools:
    """Return the (K, L) masks that `pack` made of L = `n_patches` patches."""
    return np.unpackbits(packed, axis=1, count=n_patches).astype(np.bool_)


PatchRanking = Callable[[NDArray[np.uint8], int], Floats]
"""(K, S, S, 3) images and the size of a patch to (K, L) saliency, larger = kept sooner."""

PATCH_RANKINGS: dict[str, PatchRanking] = {"texture": patch_textures}
