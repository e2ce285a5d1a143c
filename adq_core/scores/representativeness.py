"""Rivals of texture as representativeness: what else an image may stand for its bin by."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image as PillowImage

from adq_core.data import ImageDataset
from adq_core.progress import Progress, no_progress
from adq_core.records import Embeddings, Floats, ImageScores, Ints


def centre_closeness(
    dataset: ImageDataset, embeddings: Embeddings, bin_of: Ints, progress: Progress = no_progress
) -> Floats:
    """Return the cosine of every image's vector and the mean unit vector of its bin, (M,) in -1 to 1.

    Prototypes count, odd images do not: the opposite of diversity, so that the sum of both may cancel out (closeness
    to a class's centre as a score for pruning: Sorscher et al. 2022, "Beyond neural scaling laws").
    """
    vectors = np.asarray(embeddings.vectors, np.float64)
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norm, out=np.zeros_like(vectors), where=norm > 0)
    values = np.zeros(len(unit))
    for number in np.unique(bin_of):
        inside = bin_of == number
        centre = unit[inside].mean(axis=0)
        length = float(np.linalg.norm(centre))
        values[inside] = unit[inside] @ centre / length if length > 0 else 0.0
    progress(len(values), len(values), "representativeness")
    return values


def compressibility(
    dataset: ImageDataset, embeddings: Embeddings, bin_of: Ints, progress: Progress = no_progress
) -> Floats:
    """Return the bits a pixel that lossless WebP needs for every image, (M,) above 0, at most some 24.

    How much there is in an image that cannot be foretold from its neighbours (compressed size as image complexity: Yu
    and Winkler 2013, who find Sobel's mean to follow it). Noise costs the most bits; a file's header counts in small
    images; JPEG artefacts count as content.
    """
    values = np.empty(len(dataset), np.float64)
    for rows, images in dataset.batches(64):
        for row, image in zip(rows.tolist(), images, strict=True):
            file = io.BytesIO()
            PillowImage.fromarray(image).save(file, "webp", lossless=True, quality=0, method=0)
            values[row] = 8 * file.tell() / (image.shape[0] * image.shape[1])
        progress(int(rows[-1]) + 1, len(dataset), "representativeness")
    return values


def measure_representativeness(
    dataset: ImageDataset,
    embeddings: Embeddings,
    bin_of: Ints,
    *,
    name: str,
    key: str = "",
    progress: Progress = no_progress,
) -> ImageScores:
    """Return the representativeness of this name of every image."""
    return ImageScores(values=RIVALS[name](dataset, embeddings, bin_of, progress), name=name, key=key)


RIVALS: dict[str, Callable[[ImageDataset, Embeddings, Ints, Progress], Floats]] = {  # beside texture, the published
    "centre-closeness": centre_closeness,
    "compressibility": compressibility,
}
