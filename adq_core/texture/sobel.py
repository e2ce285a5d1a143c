"""Representativeness at the texture level: how much edge there is in an image."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import SettingsError
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Image, Ints, Texture

BATCH_PIXELS = 4_000_000  # decoded at a time, so that memory does not grow with the data set
SMALL = 3 * 96 * 96  # bytes of a small image
BATCH_ROWS = 2048  # images in a batch at most
AT_ONCE = 8  # other images in a call, always as many, since the loops are compiled for a number
NOTHING = np.zeros((1, 1, 3), np.uint8)  # fills up the last call


def texture_map(image: Image) -> Floats:
    """Return the texture of every pixel, (H, W) float32: 0.5 |Sobel_x| + 0.5 |Sobel_y| of the grey image in [0, 1].

    3 x 3 kernels, border reflected without repeating the edge pixel (OpenCV's default, as in the published code);
    range 0 to 4. Noise, JPEG blocks and upscaling count as much as an object's outline.
    """
    from ._kernels import pixel_textures

    return np.asarray(pixel_textures(np.ascontiguousarray(image)))


def texture_patches(image: Image, patch_size: int = 32) -> Floats:
    """Return the mean of `texture_map` in every L x L patch, (rows, columns) float64.

    The last row and column of patches are as small as the image leaves them; an image smaller than L is one patch.
    The paper cuts images into patches first (L = 32); the published code sets L and never uses it. Gradients here
    look across the borders of patches, so the mean over the patches, weighted by their pixels, is the image's value.
    """
    if patch_size < 1:
        raise SettingsError(f"patch_size must be 1 or more, got {patch_size}. The paper has 32.", "patch_size")
    pixels = texture_map(image).astype(np.float64)
    tops, lefts = (np.arange(0, length, patch_size) for length in pixels.shape)
    sums = np.add.reduceat(np.add.reduceat(pixels, tops, axis=0), lefts, axis=1)
    heights, widths = (
        np.diff(np.append(start, length)) for start, length in zip((tops, lefts), pixels.shape, strict=True)
    )
    return np.asarray(sums / np.outer(heights, widths))


def measure_texture(dataset: ImageDataset, *, key: str = "", progress: Progress = no_progress) -> Texture:
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
    """Return the mean of `texture_map` of each of these decoded images, (K,) float64; a part of them a worker.

    Small images of one shape are stacked first, so that a part is one call in which nobody waits for Python; large
    ones, whose copies would cost as much as their texture, go as they are.
    """
    from ._kernels import image_textures

    out, begin = np.empty(len(images), np.float64), 0
    waiting: list[Future[None]] = []
    for kind, run in itertools.groupby(images, key=lambda image: image.shape if image.size <= SMALL else None):
        some = list(run)
        stack = None if kind is None else np.ascontiguousarray(np.concatenate(some)).reshape(-1, *kind)
        cuts = np.linspace(0, len(some), min(workers, len(some)) + 1).astype(int).tolist()
        for a, b in itertools.pairwise(cuts):
            into = out[begin + a : begin + b]
            work = partial(_large, some[a:b], into) if stack is None else partial(image_textures, stack[a:b], into)
            if b < len(some):
                waiting.append(pool.submit(work))
            else:
                work()  # the last part here, which also lets the workers have their turn at once
        begin += len(some)
    for part in waiting:
        part.result()
    return out


def _large(images: list[Image], out: Floats) -> None:
    """Write the mean textures of images into `out`, several a call: each call costs microseconds."""
    from ._kernels import several_textures

    values = np.empty(AT_ONCE, np.float64)
    for begin in range(0, len(images), AT_ONCE):
        some = [np.ascontiguousarray(image) for image in images[begin : begin + AT_ONCE]]
        several_textures((*some, *[NOTHING] * (AT_ONCE - len(some))), values)
        out[begin : begin + len(some)] = values[: len(some)]


def _batch_starts(pixels: Ints, limit: int) -> list[int]:
    """Return where batches begin, and the end: each has at most `limit` pixels, or is a single larger image."""
    starts, held = [0], 0
    for row, size in enumerate(pixels.tolist()):
        if held and (held + size > limit or row - starts[-1] >= BATCH_ROWS):
            starts.append(row)
            held = 0
        held += size
    return [*starts, len(pixels)]
