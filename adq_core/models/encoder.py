"""The shipped encoder: images of 32 to 64 px to vectors, offline."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats

from .weights import load_network, weights_path

if TYPE_CHECKING:
    from torch import nn

BATCH = 256
SIDE = 32  # the size of the images the shipped encoder was trained on


def encode(images: NDArray[np.float32], *, weights: str | Path = "small") -> NDArray[np.float32]:
    """Return one vector an image, (B, 3, H, W) in [0, 1] -> (B, d), the mean over the last layer's places.

    H and W may be any from 16 on; the encoder has seen objects at the scale of 32-pixel images, and larger images show
    it larger ones. The mean of an image and its mirror image is returned, so mirroring changes nothing. The values are
    not negative and not of unit length: compare by cosine.

    How it misleads: it was trained to find a crop of an image among others, on ten kinds of animals and vehicles. Near
    means alike in shape and layout there; what decides in your images (a small lesion, a stain) may be nothing to it.
    """
    path = weights_path(weights)
    return _encode(_loaded(str(weights), path.stat().st_mtime_ns), images)


def small(dataset: ImageDataset, weights: str | None = None, progress: Progress = no_progress) -> Floats:
    """Return the vectors of a data set's thumbnails at 32 x 32, (M, d) float32: larger ones averaged, smaller repeated.

    `weights` names a file trained with `python -m adq_core train encoder`; the shipped one where it is None.
    """
    name = weights or "small"
    network = _loaded(name, weights_path(name).stat().st_mtime_ns)
    parts = []
    for start in range(0, len(dataset), BATCH):
        batch = np.asarray(dataset.thumbnails[start : start + BATCH])
        parts.append(_encode(network, _averaged(batch)))
        progress(start + len(batch), len(dataset), "embeddings")
    return np.concatenate(parts)


def _averaged(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (n, 3, 32, 32) float32 in [0, 1], each pixel the mean of a square of the thumbnail."""
    n, side = thumbnails.shape[:2]
    if side < SIDE:
        factor = SIDE // side
        thumbnails = thumbnails.repeat(factor, axis=1).repeat(factor, axis=2)
        side *= factor
    factor = side // SIDE
    cells = thumbnails.reshape(n, side // factor, factor, side // factor, factor, 3)
    means = cells.mean(axis=(2, 4), dtype=np.float32) / np.float32(255)  # (n, 32, 32, 3)
    return np.ascontiguousarray(means.transpose(0, 3, 1, 2), np.float32)


@lru_cache(maxsize=4)
def _loaded(name: str, modified: int) -> nn.Module:
    """Return the network; `modified` is there so that a file trained anew under the same name is read anew."""
    del modified
    return load_network(name, ("encoder",))


def _encode(network: Callable[..., object], images: NDArray[np.float32]) -> NDArray[np.float32]:
    import torch

    with torch.inference_mode():
        batch = torch.from_numpy(images)
        both = torch.cat([batch, batch.flip(3)]).contiguous(memory_format=torch.channels_last)
        vectors = network(both)
        assert isinstance(vectors, torch.Tensor)
        first, second = vectors.chunk(2)
        mean: NDArray[np.float32] = ((first + second) / 2).numpy()
    return mean
