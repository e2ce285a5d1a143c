"""The vector of an image that is not in the data set, to search for the images most similar to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset, make_thumbnail
from adq_core.errors import InputError
from adq_core.linalg import block_sums
from adq_core.models import encode, is_backbone, torch_threads
from adq_core.progress import Progress, no_progress
from adq_core.records import Image

from .neural import network_encoder
from .pixels import fitted_axes, pixel_sums
from .small import resized

ImageEncoder = Callable[[Image], NDArray[np.float32]]  # (H, W, 3) uint8 -> (d,)


def image_encoder(
    dataset: ImageDataset, *, name: str, weights: str | None = None, progress: Progress = no_progress
) -> ImageEncoder:
    """Return the function that gives another image its vector by the embedding of this name, fitted on this data set.

    An image of the data set gets its own vector, up to rounding. `lite0`, `timm:NAME` and `pixels` have principal axes
    that are not stored: they are fitted again, on at most 4,096 images.

    Raises
    ------
    InputError
        If the set has no images, or if the vectors come from a file: there is no network for another image.
    """
    if dataset.vectors is not None:
        raise InputError(f"{dataset.name} is a set of vectors without images, so it cannot be searched by an image.")
    if is_backbone(name):
        return network_encoder(dataset, name, weights, progress)
    if name == "small":

        def by_small(image: Image) -> NDArray[np.float32]:
            with torch_threads():
                return np.asarray(encode(resized(_thumbnail(image, dataset)[None]), weights=weights or "small")[0])

        return by_small
    if name == "pixels":
        axes = fitted_axes(dataset, np.arange(len(dataset)))
        return lambda image: axes.components(pixel_sums(_thumbnail(image, dataset)[None]))[0]
    raise InputError(
        "The embeddings come from a file, so there is no network that could embed another image. Choose the "
        "embeddings lite0, small or pixels to search by an image."
    )


def _thumbnail(image: Image, dataset: ImageDataset) -> NDArray[np.uint8]:
    """Return the thumbnail of an image at the side of the thumbnails of the data set."""
    side = dataset.thumbnails.shape[1]
    if image.shape[:2] == (side, side):
        return image
    large = make_thumbnail(image)
    factor = large.shape[0] // side
    if factor == 1:
        return np.asarray(large)
    return np.asarray(np.rint(block_sums(large[None], factor)[0] / factor**2), np.uint8)
