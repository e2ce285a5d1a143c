"""Data for the tests of training: smooth images that a network can learn, and tiny networks."""

from __future__ import annotations

import numpy as np

from adq_core.data.dataset import ImageDataset

TINY = {
    "encoder": {"width": 8, "depth": 1},
    "mae": {"width": 8, "n_values": 32, "depth": 1, "heads": 2},
    "unet": {"width": 8},
}


def some_images(n: int = 40, side: int = 32, seed: int = 0) -> np.ndarray:
    """Return smooth random images, in which dropped patches can be predicted."""
    import torch

    small = np.random.default_rng(seed).integers(0, 256, (n, 5, 5, 3), dtype=np.uint8)
    batch = torch.from_numpy(small).permute(0, 3, 1, 2).float()
    large = torch.nn.functional.interpolate(batch, (side, side), mode="bilinear", align_corners=True)
    return large.permute(0, 2, 3, 1).round().byte().contiguous().numpy()


def some_dataset(n: int = 40, size: int = 64) -> ImageDataset:
    thumbnails = some_images(n, 64)
    return ImageDataset(
        name="some",
        ids=tuple(map(str, range(n))),
        labels=np.zeros(n, np.int64),
        class_names=("all",),
        read=lambda row: thumbnails[row],
        thumbnails=thumbnails,
        sizes=np.full((n, 2), size),
        skipped=(),
        key="some-key",
    )
