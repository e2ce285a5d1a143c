"""Alternative representativeness scores of images, besides texture."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image as PillowImage

from adq_core.checking import check_per_image, check_vectors
from adq_core.data import ImageDataset
from adq_core.linalg import unit_rows
from adq_core.progress import Progress, no_progress
from adq_core.records import Embeddings, Floats, ImageScores, Ints

from .rounding import EPS, vector_error

BATCH = 64
VALUE_ERRORS = {  # measure: bound on the absolute error of its value for one image
    "texture": 4 * EPS,  # a quotient of whole numbers, at most 4
    "centre-closeness": 2 * vector_error(np.dtype(np.float32), 0),  # a cosine; both directions have this error
    "compressibility": 32 * EPS,  # a quotient of whole numbers, at most about 24
}


def centre_closeness(
    dataset: ImageDataset, embeddings: Embeddings, bin_of: Ints, progress: Progress = no_progress
) -> Floats:
    """Return the cosine between every image's vector and the mean unit vector of its bin, (M,) in [-1, 1].

    A zero vector has the value 0.

    How it misleads: typical images score high and unusual ones low, which is the opposite of diversity, so that the sum
    of both scores may cancel out. Closeness to the centre of a class is a pruning score in Sorscher et al. 2022,
    "Beyond neural scaling laws", https://arxiv.org/abs/2206.14486.
    """
    unit = unit_rows(embeddings.vectors)
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
    """Return the bits per pixel of every image as lossless WebP, (M,), above 0 and at most about 24.

    This is the information in an image that cannot be predicted from neighbouring pixels.

    How it misleads: noise needs the most bits; the header of the file counts in small images; JPEG artefacts count as
    content. Reference: Yu and Winkler 2013, "Image complexity and spatial information" (compressed size as complexity;
    it correlates with the mean Sobel gradient).
    """
    values = np.empty(len(dataset), np.float64)
    for rows, images in dataset.batches(BATCH):
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
    """Return the representativeness of every image by the score of this name in `ALTERNATIVES`.

    Raises `InputError` if the embeddings or `bin_of` do not have one row per image.
    """
    check_vectors(embeddings.vectors, n_images=len(dataset))
    check_per_image(bin_of, len(dataset), "bin_of")
    return ImageScores(values=ALTERNATIVES[name](dataset, embeddings, bin_of, progress), name=name, key=key)


ALTERNATIVES: dict[str, Callable[[ImageDataset, Embeddings, Ints, Progress], Floats]] = {  # to the published texture
    "centre-closeness": centre_closeness,
    "compressibility": compressibility,
}
