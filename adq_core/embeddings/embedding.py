"""Images to feature vectors: by name from `EMBEDDINGS`, or from a file of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adq_core.data import VECTOR_SUFFIXES, ImageDataset, file_digest, read_vectors
from adq_core.errors import InputError, SettingsError, unknown_name
from adq_core.linalg import fix_signs, one_blas_thread, principal_axes
from adq_core.models import backbone_identity, resnet18, resnet50, small, vit_b_16, weights_identity
from adq_core.progress import Progress, no_progress
from adq_core.records import Embeddings, Floats

SIDE = 32  # pixels are compared at 32 x 32
SAMPLE = 3000  # rows that fit the pixel axes; on CIFAR-10 they hold 86.0 % of the variance, fitted on all 86.5 %
SAMPLE_SEED = 0  # not the run's seed: another random draw must not move the bins
DIMENSIONS = 64
BATCH = 1024


def embedding_identity(name: str, weights: str | None) -> str:
    """Return what goes into the key: the name, the digest of the contents of any file, the device and its precision.

    Refuses a name that is neither in `EMBEDDINGS` nor a file of vectors, and weights for an embedding without any.
    """
    if name in BACKBONES:
        return backbone_identity(name, weights)
    if name == "small":
        return f"small:{weights_identity(weights or name)}"
    if weights is not None:
        raise SettingsError(
            f"weights are read by {', '.join(['small', *BACKBONES])} only, got embeddings {name!r}. Leave weights out.",
            "weights",
            "embeddings",
        )
    if name in EMBEDDINGS:
        return name
    if Path(name).suffix.lower() not in VECTOR_SUFFIXES:
        raise unknown_name("embedding", name, [*EMBEDDINGS, "a file of your own (.npy, .npz, .parquet or .csv)"])
    return f"vectors-2:{file_digest(Path(name))}"


def embed(
    dataset: ImageDataset, *, name: str, weights: str | None = None, key: str = "", progress: Progress = no_progress
) -> Embeddings:
    """Return one vector an image, (M, d) float32, all finite.

    They are features, not unit vectors: who compares by cosine divides by the length. Distances mean what the
    embedding was made for; ImageNet features say little about, say, tissue.
    """
    embedding_identity(name, weights)
    if name in EMBEDDINGS:
        if name != "own":
            dataset.need_images()
        vectors = EMBEDDINGS[name](dataset, weights, progress)
    else:
        vectors, name = read_vectors(Path(name), dataset.ids), Path(name).name
    if not np.isfinite(vectors).all():
        raise InputError(
            f"All vectors must be finite, but {name} made NaN or infinite ones. Try other weights, or `pixels`."
        )
    progress(len(dataset), len(dataset), "embeddings")
    return Embeddings(vectors=vectors, name=name, key=key)


def pixels(dataset: ImageDataset, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return the principal components of the images' pixels, (M, k) float32, k = 64 at most.

    x (3,072 values): the thumbnail averaged to 32 x 32 RGB, less the sample's mean image, divided by the sample's
    standard deviation of its colour channel. Result: x W, W the axes of largest variance. Sample: 3,000 rows at most,
    drawn with a fixed seed. k is smaller than 64 where the sample has less than that many axes.

    How it misleads: near in pixels is not near in meaning; brightness and the place of the thing weigh most.

    The thumbnails are used because they are decoded already. All large products are of whole numbers below 2^53, which
    float64 adds up exactly in any order: batches, threads and the library of linear algebra change no bit of them. Only
    W itself is rounded arithmetic, and is then cut to 20 bits.
    """
    del weights
    m = len(dataset)
    rows = np.arange(m)
    if m > SAMPLE:
        rows = np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, SAMPLE, replace=False))
    sample = np.concatenate([_block_sums(part) for part in dataset.thumbnail_batches(BATCH // 8, rows)])
    whole, offset, step = _pixel_axes(sample)
    del sample
    vectors = np.empty((m, whole.shape[1]), np.float32)
    done = 0
    for thumbnails in dataset.thumbnail_batches(BATCH):
        x = _block_sums(thumbnails)
        vectors[done : done + len(x)] = (x @ whole - offset) * step
        done += len(x)
        progress(done, m, "embeddings")
    return vectors


def own(dataset: ImageDataset, weights: str | None, progress: Progress) -> Floats:
    """Return the vectors that the data set consists of, (M, d) float32, for a set of vectors without images."""
    del weights
    if dataset.vectors is None:
        raise SettingsError(
            f"embeddings own are the vectors of a set without images, but {dataset.name} has images. "
            f"Choose one of: {', '.join(name for name in EMBEDDINGS if name != 'own')}.",
            "embeddings",
        )
    progress(len(dataset), len(dataset), "embeddings")
    return dataset.vectors


def _block_sums(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (n, 3072) float64 whole numbers: the sum of the thumbnail's pixels in each cell of a 32 x 32 grid."""
    n, side = thumbnails.shape[:2]
    if side < SIDE and SIDE % side == 0:
        thumbnails = thumbnails.repeat(SIDE // side, axis=1).repeat(SIDE // side, axis=2)
    factor = thumbnails.shape[1] // SIDE
    if thumbnails.shape[1] != factor * SIDE:
        raise ValueError(f"thumbnails must have a side that divides 32 or is a multiple of it, got {side}.")
    total = np.zeros((n, SIDE, SIDE, 3), np.uint16 if factor <= 16 else np.uint32)
    for down in range(factor):
        for across in range(factor):
            total += thumbnails[:, down::factor, across::factor]
    return total.reshape(n, -1).astype(np.float64)


def _pixel_axes(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return W as whole numbers (3072, k), the sample mean's place under it (k,), and the size of one whole number."""
    n = len(x)
    mean = x.mean(axis=0)  # (3072,)
    # Gram matrix of the standardised sample, channel by channel: whole numbers before anything is divided.
    gram = np.zeros((n, n))
    scale = np.empty(3)
    for channel in range(3):
        part = np.ascontiguousarray(x[:, channel::3])  # (n, 1024)
        raw = part @ part.T
        at = raw.mean(axis=0)
        centred = raw - at[:, None] - at[None, :] + at.mean()
        spread = float(np.sqrt(max(raw.diagonal().mean() / 1024 - part.mean() ** 2, 0.0)))
        scale[channel] = 1 / spread if spread > 0 else 1.0
        gram += centred * scale[channel] ** 2
    _, places = principal_axes(gram, DIMENSIONS)  # (n, k)
    if places.shape[1] == 0:  # all images equal
        return np.zeros((x.shape[1], 1)), np.zeros(1), 1.0
    by_pixel = np.tile(scale, SIDE * SIDE)  # (3072,)
    with one_blas_thread():
        axes = ((x - mean) * by_pixel).T @ places
    axes = fix_signs(axes / np.linalg.norm(axes, axis=0)) * by_pixel[:, None]
    step = 2.0 ** (np.ceil(np.log2(np.abs(axes).max())) - 20)
    whole = np.rint(axes / step)
    offset = x.sum(axis=0).astype(np.int64) @ whole.astype(np.int64) / n
    return whole, offset, float(step)


Embedding = Callable[[ImageDataset, str | None, Progress], Floats]

BACKBONES: dict[str, Embedding] = {  # need weights: published ones, or a file
    "resnet18": resnet18,
    "resnet50": resnet50,
    "vit_b_16": vit_b_16,
}
EMBEDDINGS: dict[str, Embedding] = {
    "small": small,
    "pixels": pixels,
    **BACKBONES,
    "own": own,  # of a set of vectors without images
}
