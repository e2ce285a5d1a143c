"""A small set of images of three classes, on which every stage takes about a second."""

from __future__ import annotations

from functools import cache

import numpy as np

from adq_core.data.arrays import dataset_from_arrays
from adq_core.data.dataset import ImageDataset


@cache
def pictures(n: int = 45) -> ImageDataset:
    """Return random images of three classes, each class with another contrast."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (n, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2)
    contrast = (1 + np.arange(n) % 3)[:, None, None, None] / 3
    images = (128 + (coarse - 128) * contrast + rng.normal(0, 4, coarse.shape)).clip(0, 255).astype(np.uint8)
    return dataset_from_arrays(images, np.arange(n) % 3, name="pictures")
