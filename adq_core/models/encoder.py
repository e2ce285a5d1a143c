"""The bundled encoder: feature vectors of images of 32 to 64 px, without a download."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .weights import load_network, weights_identity

if TYPE_CHECKING:
    from torch import nn

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
