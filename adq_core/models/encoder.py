"""The bundled encoder: feature vectors of images of 32 to 64 px, without a download."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.linalg import block_sums, repeat_pixels
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats

from .weights import load_network, weights_identity

if TYPE_CHECKING:
    from torch import nn

BATCH = 256
SIDE = 32  # pixels of the images that the bundled encoder was trained on


def encode(images: NDArray[np.float32], *, weights: str | Path = "small") -> NDArray[np.float32]:
    """Return one vector per image, (B, 3, H, W) in [0, 1] -> (B, d) float32, values >= 0, not of unit length.

    The vector is the mean over the positions of the last layer, averaged over the image and its mirror image. H and W
    must be at least 16; the encoder was trained at 32 pixels, so objects should have about that scale. Compare vectors
    by cosine.

    How it misleads: it was trained to recognise crops of the same image, on ten kinds of animals and vehicles. Similar
    vectors mean similar shapes and layouts of such objects; a detail that matters in other images, such as a small
    lesion, may not change them.
    """
    return _encode(_loaded(str(weights), weights_identity(weights)), images)


def small(dataset: ImageDataset, weights: str | None = None, progress: Progress = no_progress) -> Floats:
    """Return the vectors of a data set's thumbnails at 32 x 32 pixels, (M, d) float32.

    Larger thumbnails are averaged, smaller ones repeated. `weights` is a file from `python -m adq_core train encoder`;
    None means the bundled weights. Raises as `load_network` does.
    """
    name = weights or "small"
    network = _loaded(name, weights_identity(name))
    parts = []
    for start in range(0, len(dataset), BATCH):
        batch = np.asarray(dataset.thumbnails[start : start + BATCH])
        parts.append(_encode(network, resized(batch)))
        progress(start + len(batch), len(dataset), "embeddings")
    return np.concatenate(parts)


def resized(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (n, 3, 32, 32) float32 in [0, 1]; each pixel is the mean over a square of the thumbnail."""
    if thumbnails.shape[1] < SIDE:
        thumbnails = repeat_pixels(thumbnails, SIDE // thumbnails.shape[1])
    factor = thumbnails.shape[1] // SIDE
    means = block_sums(thumbnails, factor).astype(np.float32) / np.float32(factor**2) / np.float32(255)
    return np.ascontiguousarray(means.transpose(0, 3, 1, 2))


@lru_cache(maxsize=4)
def _loaded(name: str, identity: str) -> nn.Module:
    """Return the network; `identity` is part of the key of the memory cache, so a changed file is read again."""
    del identity
    return load_network(name, ("encoder",))


def _encode(network: Callable[..., object], images: NDArray[np.float32]) -> NDArray[np.float32]:
    import torch

    with torch.inference_mode():
        batch = torch.from_numpy(images)
        batch_and_mirrored = torch.cat([batch, batch.flip(3)]).contiguous(memory_format=torch.channels_last)
        vectors = network(batch_and_mirrored)
        assert isinstance(vectors, torch.Tensor)
        first, second = vectors.chunk(2)
        mean: NDArray[np.float32] = ((first + second) / 2).numpy()
    return mean
