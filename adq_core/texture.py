"""Representativeness at the texture level: how much edge there is in an image."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .errors import SettingsError
from .images import ImageDataset
from .progress import Progress, silent
from .records import Floats, Image, Ints, Texture

BATCH_PIXELS = 4_000_000  # decoded at a time, so that memory does not grow with the data set
SMALL, STACKED = 3 * 96 * 96, 256  # bytes of a small image, and how many of one shape are stacked
AT_ONCE = 8  # other images in a call, always as many, since the loops are compiled for a number
NOTHING = np.zeros((1, 1, 3), np.uint8)  # fills up the last call


def texture_map(image: Image) -> Floats:
    """Return the texture of every pixel, (H, W) float32: 0.5 |Sobel_x| + 0.5 |Sobel_y| of the grey image in [0, 1].

    3 x 3 kernels, border reflected without repeating the edge pixel (OpenCV's default, as in the published code);
    range 0 to 4. Noise, JPEG blocks and upscaling count as much as an object's outline.
    """
    from .texture_kernels import pixel_textures

    return np.asarray(pixel_textures(np.ascontiguousarray(image)))


def texture_patches(image: Image, patch_size: int = 32) -> Floats:
    """Return the mean of `texture_map` in every L x L patch, (rows, columns) float64.

    The last row and column of patches are as small as the image leaves them; an image smaller than L is one patch.
    The paper cuts images into patches first (L = 32); the published code sets L and never uses it. Gradients here
    look across the borders of patches, so the mean over the patches, weighted by their pixels, is the image's value.
    """
    if patch_size < 1:
        raise SettingsError(f"patch_size must be 1 or more, got {patch_size}. The paper has 32.")
    pixels = texture_map(image).astype(np.float64)
    tops, lefts = (np.arange(0, length, patch_size) for length in pixels.shape)
    sums = np.add.reduceat(np.add.reduceat(pixels, tops, axis=0), lefts, axis=1)
    heights, widths = (
        np.diff(np.append(start, length)) for start, length in zip((tops, lefts), pixels.shape, strict=True)
    )
    return np.asarray(sums / np.outer(heights, widths))


def measure_texture(dataset: ImageDataset, *, key: str = "", progress: Progress = silent) -> Texture:
    """Return the mean of `texture_map` of every image, (M,) float64 in 0 to 4; about 0.3 for photographs.

    Streams: a few million pixels are decoded at a time. By bin it varies far less than by class (on CIFAR-10 5 %
    against 45 %), so differences between bins are small, and blown up by min-max.
    """
    values = np.empty(len(dataset), np.float64)
    pixels = np.maximum(dataset.sizes.astype(np.int64).prod(axis=1), 1)
    starts = _batch_starts(pixels, BATCH_PIXELS)
    workers = min(os.cpu_count() or 1, 8)
    with ThreadPoolExecutor(workers) as pool:
        for start, stop in itertools.pairwise(starts):
            values[start:stop] = mean_textures([dataset.read(row) for row in range(start, stop)], pool, workers)
            progress(int(stop), len(dataset), "texture")
    return Texture(values=values, key=key)


def mean_textures(images: list[Image], pool: ThreadPoolExecutor, workers: int) -> Floats:
    """Return the mean of `texture_map` of each of these decoded images, (K,) float64; a part of them a worker."""
    pixels = np.cumsum([image.size for image in images])
    cuts = np.searchsorted(pixels, np.linspace(0, pixels[-1], workers + 1))
    cuts[0], cuts[-1] = 0, len(images)
    parts = [pool.submit(_textures, images[a:b]) for a, b in itertools.pairwise(cuts.tolist()) if b > a]
    return np.concatenate([part.result() for part in parts])


def _textures(images: list[Image]) -> Floats:
    """Return the mean textures of these images, many a call: each call costs microseconds and a wait for the others.

    Small ones of one shape are stacked; large ones, whose copies would cost as much as their texture, go as they are.
    """
    from .texture_kernels import image_textures, several_textures

    out, begin = np.empty(len(images), np.float64), 0
    while begin < len(images):
        shape, end = images[begin].shape, begin + 1
        if images[begin].size <= SMALL:
            last = min(len(images), begin + STACKED)
            while end < last and images[end].shape == shape:
                end += 1
            some = images[begin:end]
            stack = np.concatenate(some) if len(some) > 1 else np.ascontiguousarray(some[0])
            image_textures(stack.reshape(-1, *shape), out[begin:end])
        else:
            end = min(len(images), begin + AT_ONCE)
            filled = [np.ascontiguousarray(image) for image in images[begin:end]] + [NOTHING] * (begin + AT_ONCE - end)
            values = np.empty(AT_ONCE, np.float64)
            several_textures(tuple(filled), values)
            out[begin:end] = values[: end - begin]
        begin = end
    return out


def _batch_starts(pixels: Ints, limit: int) -> list[int]:
    """Return where batches begin, and the end: each has at most `limit` pixels, or is a single larger image."""
    starts, held = [0], 0
    for row, size in enumerate(pixels.tolist()):
        if held and (held + size > limit or row - starts[-1] >= 4096):
            starts.append(row)
            held = 0
        held += size
    return [*starts, len(pixels)]
