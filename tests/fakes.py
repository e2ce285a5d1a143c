"""Stand-ins that several tests share, passed as plain values and functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adq_core.data.dataset import ImageDataset
from adq_core.errors import Cancelled


def fake_dataset(
    images: Sequence[np.ndarray], labels: Sequence[int] | None = None, ids: Sequence[str] | None = None
) -> ImageDataset:
    """Return a data set of these (H, W, 3) uint8 images; thumbnails by the nearest pixel."""
    labels = np.zeros(len(images), np.int64) if labels is None else np.asarray(labels, np.int64)
    return ImageDataset(
        name="fake",
        ids=tuple(f"{row:05}" for row in range(len(images))) if ids is None else tuple(ids),
        labels=labels,
        class_names=tuple(f"class {number}" for number in range(int(labels.max()) + 1)),
        read=lambda row: images[row],
        thumbnails=np.stack([_nearest(image, 64) for image in images]),
        sizes=np.array([image.shape[:2] for image in images]),
        skipped=(),
        key="fake",
    )


def _nearest(image: np.ndarray, side: int) -> np.ndarray:
    down, across = (np.arange(side) * length // side for length in image.shape[:2])
    return image[down][:, across]


class Cancels:
    """A progress that raises `Cancelled` when it is called for the nth time, and counts."""

    def __init__(self, at: int) -> None:
        self.at, self.calls = at, 0

    def __call__(self, done: int, total: int, what: str) -> None:
        self.calls += 1
        if self.calls >= self.at:
            raise Cancelled("stopped")
