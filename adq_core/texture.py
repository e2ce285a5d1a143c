"""Representativeness at the texture level: how much edge there is in an image.

One pass over the pixels in whole numbers: the grey value is 299 R + 587 G + 114 B, so Sobel's sums, their absolute
values and the total are exact integers, and the result does not depend on order, threads or machine. What is left of
floating point is one division at the end.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from .errors import SettingsError
from .progress import Progress, silent
from .records import Floats, Image, ImageDataset, Ints, Texture

WHITE = 255_000  # the grey value of white in whole numbers: 255 (299 + 587 + 114)
BATCH_PIXELS = 4_000_000  # decoded at a time, so that memory does not grow with the data set
CHUNK = 512  # columns summed in 32 bits: 512 x 2 x 4 x WHITE < 2^31


def texture_map(image: Image) -> Floats:
    """Return the texture of every pixel, (H, W) float32: 0.5 |Sobel_x| + 0.5 |Sobel_y| of the grey image in [0, 1].

    3 x 3 kernels, border reflected without repeating the edge pixel (OpenCV's default, as in the published code);
    range 0 to 4. Noise, JPEG blocks and upscaling count as much as an object's outline.
    """
    return np.asarray(_texture_map(np.ascontiguousarray(image)))


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
    """Return the mean of `texture_map` of each of these decoded images, (K,) float64."""
    flat = np.concatenate([image.reshape(-1) for image in images])
    shapes = np.array([image.shape[:2] for image in images], np.int64)
    first = np.cumsum(3 * shapes.prod(axis=1))
    out = np.empty(len(images), np.float64)
    cuts = np.searchsorted(first, np.linspace(0, first[-1], workers + 1))  # as many pixels for each worker
    cuts[0], cuts[-1] = 0, len(images)
    first -= 3 * shapes.prod(axis=1)
    parts = [pool.submit(_mean_textures, flat, first, shapes, out, a, b) for a, b in itertools.pairwise(cuts)]
    for part in parts:
        part.result()
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


# nogil and threads of our own rather than numba's parallel loops: those abort the whole process when two sessions
# enter them at once on the thread layer that every platform has, and take four times as long to compile.
@njit(nogil=True, cache=True)
def _grey_row(flat, start, width, row):  # type: ignore[no-untyped-def]
    """Write one row of whole grey values into row[1 : width + 1], with the reflected pixel on each side."""
    for x in range(width):
        at = start + 3 * x
        row[x + 1] = 299 * np.int32(flat[at]) + 587 * np.int32(flat[at + 1]) + 114 * np.int32(flat[at + 2])
    row[0] = row[2 if width > 1 else 1]
    row[width + 1] = row[width - 1 if width > 1 else 1]


@njit(nogil=True, cache=True)
def _row_sum(above, here, below, width):  # type: ignore[no-untyped-def]
    """Return sum |Sobel_x| + |Sobel_y| over a row, in whole grey values."""
    total = np.int64(0)
    for start in range(0, width, CHUNK):
        part = np.int32(0)
        for x in range(start, min(start + CHUNK, width)):
            gx = (above[x + 2] - above[x]) + 2 * (here[x + 2] - here[x]) + (below[x + 2] - below[x])
            gy = (below[x] - above[x]) + 2 * (below[x + 1] - above[x + 1]) + (below[x + 2] - above[x + 2])
            part += np.int32(abs(gx)) + np.int32(abs(gy))
        total += part
    return total


@njit(nogil=True, cache=True)
def _mean_textures(flat, first, shapes, out, begin, end):  # type: ignore[no-untyped-def]
    """Write the mean texture of images begin .. end - 1, which lie one after the other in `flat`."""
    widest = 1
    for i in range(begin, end):
        widest = max(widest, shapes[i, 1])
    rows = np.empty((3, widest + 2), np.int32)
    for i in range(begin, end):
        height, width = shapes[i, 0], shapes[i, 1]
        total = np.int64(0)
        _grey_row(flat, first[i] + 3 * width * min(1, height - 1), width, rows[0])  # row -1 is row 1, reflected
        _grey_row(flat, first[i], width, rows[1])
        for y in range(height):
            above, here, below = rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]
            after = y + 1 if y + 1 < height else max(height - 2, 0)
            _grey_row(flat, first[i] + 3 * width * after, width, below)
            total += _row_sum(above, here, below, width)
        out[i] = total / (2.0 * WHITE * height * width)


@njit(nogil=True, cache=True)
def _texture_map(image):  # type: ignore[no-untyped-def]
    """Return (H, W) float32, the texture of every pixel of one contiguous image."""
    height, width = image.shape[0], image.shape[1]
    flat = image.reshape(-1)
    rows = np.empty((3, width + 2), np.int32)
    out = np.empty((height, width), np.float32)
    _grey_row(flat, 3 * width * min(1, height - 1), width, rows[0])
    _grey_row(flat, 0, width, rows[1])
    for y in range(height):
        above, here, below = rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]
        after = y + 1 if y + 1 < height else max(height - 2, 0)
        _grey_row(flat, 3 * width * after, width, below)
        for x in range(width):
            gx = (above[x + 2] - above[x]) + 2 * (here[x + 2] - here[x]) + (below[x + 2] - below[x])
            gy = (below[x] - above[x]) + 2 * (below[x + 1] - above[x + 1]) + (below[x + 2] - above[x + 2])
            out[y, x] = (abs(gx) + abs(gy)) / (2.0 * WHITE)
    return out
