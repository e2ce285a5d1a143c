"""Texture: the mean Sobel gradient of an image, the published representativeness."""

from __future__ import annotations

import itertools
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np

from adq_core.checking import check_image
from adq_core.data import ImageDataset, release_pages
from adq_core.errors import SettingsError
from adq_core.parallel import cpu_count
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Image, Ints, Texture

BATCH_PIXELS = 4_000_000  # decoded per batch, so that memory does not grow with the data set
BATCH_ROWS = 2048  # images per batch, at most
SMALL_IMAGE_BYTES = 3 * 96 * 96  # images up to this size are stacked
CALL_SIZE = 8  # larger images per call; constant, because the loops are compiled for a number of images
PADDING_IMAGE = np.zeros((1, 1, 3), np.uint8)  # fills the last call


def texture_map(image: Image) -> Floats:
    """Return the texture of every pixel, (H, W) float32: 0.5 |Sobel_x| + 0.5 |Sobel_y| of the grey image in [0, 1].

    image: (H, W, 3) uint8. 3 x 3 kernels; the border is reflected without repeating the edge pixel (OpenCV's default,
    as in the published code). Range 0 to 4. How it misleads: noise, JPEG blocks and upscaling count like outlines.
    """
    from ._compiled_loops import pixel_textures

    check_image(image)

    return np.asarray(pixel_textures(np.ascontiguousarray(image)))


def sobel_gradients(image: Image) -> tuple[Floats, Floats]:
    """Return the Sobel gradients of the grey image in [0, 1], (H, W) float64 each: gx to the right, gy downwards.

    image: (H, W, 3) uint8. Range -4 to 4. The texture of a pixel is 0.5 |gx| + 0.5 |gy|; `texture_map` computes it much
    faster. Grey values and border as there. For images that are small enough to show each pixel.
    """
    check_image(image)
    grey = image.astype(np.float64) @ np.array([0.299, 0.587, 0.114]) / 255
    padded = np.pad(grey, [(1, 1) if side > 1 else (0, 0) for side in grey.shape], mode="reflect")
    padded = np.pad(padded, [(0, 0) if side > 1 else (1, 1) for side in grey.shape], mode="edge")
    smooth_down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    smooth_across = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return smooth_down[:, 2:] - smooth_down[:, :-2], smooth_across[2:] - smooth_across[:-2]


def texture_patches(image: Image, patch_size: int = 32) -> Floats:
    """Return the mean of `texture_map` in every L x L patch, (rows, columns) float64.

    L is patch_size. The patches of the last row and column may be smaller; an image smaller than L is one patch. The
    paper cuts images into patches first (L = 32); the published code sets L but does not use it. Here gradients at the
    border of a patch include pixels of the next one, so that the mean over the patches, weighted by their numbers of
    pixels, is the value of the image. Raises `SettingsError` for patch_size below 1.
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

    Memory: one batch of a few million decoded pixels. How it misleads: the values differ far less between bins than
    between classes (on CIFAR-10 by 5 % and 45 %); min-max normalisation amplifies these small differences.
    """
    values = np.empty(len(dataset), np.float64)
    pixels = np.maximum(dataset.sizes.astype(np.int64).prod(axis=1), 1)
    starts = _batch_starts(pixels, BATCH_PIXELS)
    workers = min(cpu_count(), 8)
    with ThreadPoolExecutor(workers) as pool:
        for start, stop in itertools.pairwise(starts):
            images = [dataset.pixels(row) for row in range(start, stop)]
            for row, image in enumerate(images, start=start):
                check_image(image, f"Image {dataset.ids[row]!r}")
            values[start:stop] = mean_textures(images, pool, workers)
            release_pages(dataset.thumbnails)
            progress(int(stop), len(dataset), "texture")
    return Texture(values=values, key=key)


def mean_textures(images: list[Image], pool: ThreadPoolExecutor, workers: int) -> Floats:
    """Return the mean of `texture_map` of each of these decoded images, (K,) float64, with one part per worker.

    Small images of equal shape are stacked, so that a part is one compiled call without the interpreter lock. Large
    images are not copied, because a copy would cost as much as the texture.
    """
    from ._compiled_loops import image_textures

    out, begin = np.empty(len(images), np.float64), 0
    futures: list[Future[None]] = []
    for shape, images_of_shape in itertools.groupby(images, key=_shape_if_small):
        group = list(images_of_shape)
        stack = None if shape is None else np.ascontiguousarray(np.concatenate(group)).reshape(-1, *shape)
        cuts = np.linspace(0, len(group), min(workers, len(group)) + 1).astype(int).tolist()
        for a, b in itertools.pairwise(cuts):
            into = out[begin + a : begin + b]
            work = (
                partial(_large_textures, group[a:b], into)
                if stack is None
                else partial(image_textures, stack[a:b], into)
            )
            if b < len(group):
                futures.append(pool.submit(work))
            else:
                work()  # this thread computes the last part
        begin += len(group)
    for future in futures:
        future.result()
    return out


def _shape_if_small(image: Image) -> tuple[int, ...] | None:
    """Return the shape of a small image, None for a large one."""
    return image.shape if image.size <= SMALL_IMAGE_BYTES else None


def _large_textures(images: list[Image], out: Floats) -> None:
    """Write the mean textures of images into `out`, several per call, because each call costs microseconds."""
    from ._compiled_loops import several_textures

    values = np.empty(CALL_SIZE, np.float64)
    for begin in range(0, len(images), CALL_SIZE):
        group = [np.ascontiguousarray(image) for image in images[begin : begin + CALL_SIZE]]
        several_textures((*group, *[PADDING_IMAGE] * (CALL_SIZE - len(group))), values)
        out[begin : begin + len(group)] = values[: len(group)]


def _batch_starts(pixels: Ints, limit: int) -> list[int]:
    """Return the first row of every batch, and the end; a batch has at most `limit` pixels, or one larger image."""
    starts, held = [0], 0
    for row, size in enumerate(pixels.tolist()):
        if held and (held + size > limit or row - starts[-1] >= BATCH_ROWS):
            starts.append(row)
            held = 0
        held += size
    return [*starts, len(pixels)]
