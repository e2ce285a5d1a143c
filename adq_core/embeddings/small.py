"""The embedding `small`: the bundled encoder on thumbnails of 32 x 32 pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset
from adq_core.linalg import block_sums, repeat_pixels
from adq_core.models import ENCODER_SIDE, encode, torch_threads
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats

# Images per call of the network. Larger batches make feature maps of more than 32 MB, which the C library takes from
# the system anew for every layer, which costs system time.
BATCH = 16


def small(dataset: ImageDataset, weights: str | None = None, progress: Progress = no_progress) -> Floats:
    """Return the vectors of a data set's thumbnails at 32 x 32 pixels, (M, d) float32.

    Larger thumbnails are averaged, smaller ones repeated. `weights` is a file from `python -m adq_core train encoder`;
    None means the bundled weights. Raises as `load_network` does.

    How it misleads: the network was trained on CIFAR-10. On photographs of other things its neighbours agree on the
    class no better than those of `pixels`.
    """
    vectors: Floats | None = None
    done = 0
    for batch in dataset.thumbnail_batches(BATCH):
        with torch_threads():
            found = encode(resized(batch), weights=weights or "small")
        if vectors is None:
            vectors = np.empty((len(dataset), found.shape[1]), np.float32)
        vectors[done : done + len(found)] = found
        done += len(found)
        progress(done, len(dataset), "embeddings")
    assert vectors is not None  # a data set has at least one image
    return vectors


def resized(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (n, 3, 32, 32) float32 in [0, 1]; each pixel is the mean over a square of the thumbnail."""
    if thumbnails.shape[1] < ENCODER_SIDE:
        thumbnails = repeat_pixels(thumbnails, ENCODER_SIDE // thumbnails.shape[1])
    factor = thumbnails.shape[1] // ENCODER_SIDE
    means = block_sums(thumbnails, factor).astype(np.float32) / np.float32(factor**2) / np.float32(255)
    return np.ascontiguousarray(means.transpose(0, 3, 1, 2))
