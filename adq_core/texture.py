"""Representativeness at the texture level: how much edge there is in an image."""

from __future__ import annotations

import numpy as np

from .progress import Progress, silent
from .records import Floats, Image, ImageDataset, Texture

GREY = np.array([0.299, 0.587, 0.114], np.float32)


def texture_map(image: Image) -> Floats:
    """Return (H, W) float32, 0.5|Sobel_x| + 0.5|Sobel_y| of the grey image in [0, 1], border reflected."""
    grey = (image.astype(np.float32) / 255) @ GREY
    p = np.pad(grey, 1, mode="reflect" if min(grey.shape) > 1 else "edge")
    across = p[:-2] + 2 * p[1:-1] + p[2:]
    down = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
    return 0.5 * np.abs(across[:, 2:] - across[:, :-2]) + 0.5 * np.abs(down[2:] - down[:-2])


def measure_texture(dataset: ImageDataset, *, key: str = "", progress: Progress = silent) -> Texture:
    """Return the mean of `texture_map` of every image, (M,) float64."""
    values = np.empty(len(dataset), np.float64)
    for rows, images in dataset.batches(256):
        values[rows] = [texture_map(image).mean(dtype=np.float64) for image in images]
        progress(int(rows[-1]) + 1, len(dataset), "texture")
    return Texture(values=values, key=key)
