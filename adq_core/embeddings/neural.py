"""Embeddings by published networks: the images prepared as each network needs them, and their features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from adq_core.data import ImageDataset, release_pages
from adq_core.models import InputFormat, LoadedBackbone, find_backbone, load_backbone
from adq_core.parallel import cpu_count, map_ordered
from adq_core.progress import Progress
from adq_core.records import Image, Ints

from .pca import FeatureReduction

# Images per call of the network: its largest feature map then stays below 32 MB. The C library takes larger blocks from
# the system anew for every layer, which costs page faults.
BATCH = 16
SAMPLE = 4096  # rows that fit the principal axes
SAMPLE_SEED = 0  # not the run's seed: another random draw must not change the bins
LONG = 1.5  # an image whose sides have a larger ratio is covered by several squares
MAX_SQUARES = 8
MAX_THREADS = 2  # that prepare images: each may hold one image of 50 million pixels


def network_vectors(dataset: ImageDataset, name: str, weights: str | None, progress: Progress) -> NDArray[np.float32]:
    """Return the features before the last layer of a backbone, or their principal components, (M, k) float32.

    The components (`lite0` and `timm:NAME`, k at most 256) are fitted on a sample of at most 4,096 rows, drawn with a
    fixed seed. They are the same bytes for the same features on every machine; the features themselves depend on the
    processor in their last digits. Images are decoded in other threads while the network runs, and only the vectors
    are kept in memory. Raises as `load_backbone` does.

    How it misleads: features of ImageNet say little about images unlike photographs of things, tissue for example.
    """
    n_components = find_backbone(name).n_components
    backbone = load_backbone(name, weights, progress)
    m = len(dataset)
    sample = np.arange(m) if n_components is None else _sample_rows(m)
    progress(0, m, "embeddings")
    features = _features_of(dataset, backbone, sample, lambda done: progress(done, m, "embeddings"))
    if n_components is None:
        return features
    reduction = FeatureReduction(features, n_components)
    vectors = np.empty((m, reduction.width), np.float32)
    vectors[sample] = reduction.components(features)
    others = np.setdiff1d(np.arange(m), sample, assume_unique=True)
    done = len(sample)
    for rows, batch in feature_batches(dataset, backbone, others):
        vectors[rows] = reduction.components(batch)
        done += len(rows)
        progress(done, m, "embeddings")
    return vectors


def _sample_rows(m: int) -> Ints:
    """Return the rows that fit the principal axes of a set of m images, ascending."""
    if m <= SAMPLE:
        return np.arange(m)
    return np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, SAMPLE, replace=False))


def network_encoder(
    dataset: ImageDataset, name: str, weights: str | None, progress: Progress
) -> Callable[[Image], NDArray[np.float32]]:
    """Return the function that gives an image of any size the vector that it would have in this data set, (k,).

    Where the vectors are principal components, their axes are fitted again on the same sample of rows.
    """
    n_components = find_backbone(name).n_components
    backbone = load_backbone(name, weights, progress)
    side = backbone.input.side_for(dataset.sizes)
    reduction = None
    if n_components is not None:
        sample = _sample_rows(len(dataset))
        features = _features_of(dataset, backbone, sample, lambda done: progress(done, len(sample), "embeddings"))
        reduction = FeatureReduction(features, n_components)

    def encode(image: Image) -> NDArray[np.float32]:
        squares = np.stack(image_squares(image, backbone.input, side))
        features = np.asarray(backbone.encode(squares), np.float32).mean(axis=0, keepdims=True)
        vectors: NDArray[np.float32] = features if reduction is None else reduction.components(features)
        return np.asarray(vectors[0], np.float32)

    return encode


def _features_of(
    dataset: ImageDataset, backbone: LoadedBackbone, rows: Ints, report: Callable[[int], None]
) -> NDArray[np.float32]:
    """Return the features of these rows, (B, d); `report` is called with the number of rows that are done."""
    features: NDArray[np.float32] | None = None
    done = 0
    for _, batch in feature_batches(dataset, backbone, rows):
        if features is None:
            features = np.empty((len(rows), batch.shape[1]), np.float32)
        features[done : done + len(batch)] = batch
        done += len(batch)
        report(done)
    assert features is not None  # a data set has at least one image
    return features


def feature_batches(
    dataset: ImageDataset, backbone: LoadedBackbone, rows: Ints
) -> Iterator[tuple[Ints, NDArray[np.float32]]]:
    """Yield (rows, their features (B, d)) in order, at most 16 rows at a time; few batches are in memory."""
    side = backbone.input.side_for(dataset.sizes)
    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    prepare = partial(_prepared, dataset, backbone.input, side)
    with closing(map_ordered(prepare, parts, min(MAX_THREADS, cpu_count()))) as prepared:
        for part, (squares, counts) in zip(parts, prepared, strict=True):
            features = np.concatenate(
                [backbone.encode(squares[start : start + BATCH]) for start in range(0, len(squares), BATCH)]
            )
            release_pages(dataset.thumbnails)
            if len(features) > len(part):  # the mean over the squares of each image
                starts = np.cumsum(counts) - counts
                features = np.add.reduceat(features, starts, axis=0) / counts[:, None].astype(np.float32)
            yield part, features


def _prepared(dataset: ImageDataset, image_input: InputFormat, side: int, rows: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Return the squares of these rows at the side of the input, (Q, S, S, 3), and their number per row, (B,)."""
    squares: list[NDArray[np.uint8]] = []
    counts = []
    for row in rows:
        found = image_squares(dataset.pixels(int(row)), image_input, side)
        squares += found
        counts.append(len(found))
    return np.stack(squares), np.array(counts)


def image_squares(image: Image, image_input: InputFormat, side: int) -> list[NDArray[np.uint8]]:
    """Return the squares of an image that a network sees, each (S, S, 3) uint8, resized with bicubic interpolation.

    One central square, or, where the longer side is more than 1.5 times the shorter one and the input covers the whole
    image, as many evenly spaced squares as cover the longer side (at most 8). A square is cut out and the image is not
    squeezed, so that proportions stay: `benchmarks/bench_neighbours.py` compares both.
    """
    height, width = image.shape[:2]
    shorter, longer = min(height, width), max(height, width)
    count = min(MAX_SQUARES, -(-longer // shorter)) if image_input.covers and longer > LONG * shorter else 1
    cut = shorter * image_input.crop
    across = (shorter - cut) / 2
    starts = [(longer - cut) / 2] if count == 1 else np.linspace(across, longer - cut - across, count).tolist()
    whole = Pillow.fromarray(image)
    squares = []
    for start in starts:
        left, top = (start, across) if width > height else (across, start)
        part = whole.resize(
            (side, side), Pillow.Resampling.BICUBIC, box=(left, top, left + cut, top + cut), reducing_gap=2.0
        )
        squares.append(np.asarray(part))
    return squares
