"""Similar images: cosines to one image, the most similar images among others, and images with equal pixels."""

from __future__ import annotations

import numpy as np

from adq_core.data import ImageDataset
from adq_core.digests import content_digest
from adq_core.linalg import unit_rows
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools, Floats, Ints

BLOCK = 8_192  # rows read at a time, so that a memory-mapped array is never in memory as a whole
BLOCK_VALUES = 2**21  # numbers of a block of long vectors: 16 MB as float64
PAIRS = 20_000  # random pairs whose cosines are computed
SAMPLE = 256  # images whose most similar image is searched
DUPLICATE_SHARE = 0.1  # of the median distance 1 - cosine to the most similar image


def cosines_to(vectors: Floats, row: int, progress: Progress = no_progress) -> Floats:
    """Return the cosine between every image's vector and this row's, (M,) float64 in [-1, 1]; 0 for a zero vector.

    How it misleads: vectors of networks that end in a ReLU have no negative entries, so no cosine is below 0 and most
    are high. Compare a cosine with those of `random_pair_cosines`.
    """
    return cosines_with(vectors, vectors[row], progress)


def cosines_with(vectors: Floats, vector: Floats, progress: Progress = no_progress) -> Floats:
    """Return the cosine between every image's vector (M, d) and one vector (d,), as `cosines_to`; exact, in blocks."""
    unit = unit_rows(np.asarray(vector)[None])[0]
    cosines = np.empty(len(vectors), np.float64)
    size = min(BLOCK, max(1, BLOCK_VALUES // vectors.shape[1]))
    for start in range(0, len(vectors), size):
        block = slice(start, start + size)
        cosines[block] = unit_rows(vectors[block]) @ unit
        progress(min(start + size, len(vectors)), len(vectors), "cosines")
    return np.clip(cosines, -1.0, 1.0)


def random_pair_cosines(vectors: Floats, pairs: int = PAIRS, seed: int = 0) -> Floats:
    """Return the cosines of random pairs of different images, (pairs,) float64, ascending; empty for M = 1.

    They show how similar two arbitrary images are under this embedding, for comparison with a given cosine.
    """
    m = len(vectors)
    if m < 2:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    first = rng.integers(0, m, pairs)
    second = (first + rng.integers(1, m, pairs)) % m
    blocks = [slice(start, start + BLOCK) for start in range(0, pairs, BLOCK)]
    cosines = [np.einsum("ij,ij->i", unit_rows(vectors[first[b]]), unit_rows(vectors[second[b]])) for b in blocks]
    return np.sort(np.concatenate(cosines))


def nearest_cosine_sample(vectors: Floats, sample: int = SAMPLE, seed: int = 0) -> Floats:
    """Return the cosine between each of `sample` random images and its most similar other image.

    (min(sample, M),) float64, ascending; empty for M = 1. Rows are compared in blocks, without an (M, M) array.
    """
    m = len(vectors)
    if m < 2:
        return np.empty(0)
    rows = np.sort(np.random.default_rng(seed).permutation(m)[:sample])
    unit, best = unit_rows(vectors[rows]), np.full(len(rows), -np.inf)
    for start in range(0, m, BLOCK):
        cosines = unit_rows(vectors[start : start + BLOCK]) @ unit.T
        own = np.flatnonzero((rows >= start) & (rows < start + BLOCK))
        cosines[rows[own] - start, own] = -np.inf
        best = np.maximum(best, cosines.max(axis=0))
    return np.sort(best)


def near_duplicate_threshold(nearest_cosines: Floats) -> float:
    """Return the cosine above which two images may be duplicates: 1 - 0.1 (1 - median of `nearest_cosines`).

    `nearest_cosines` is the result of `nearest_cosine_sample`. A fixed threshold does not fit every data set: half of
    the random pairs of `digits` have a cosine above 0.95, hardly any pair of photographs has. How it misleads:
    photographs taken in a series, crops of one image and images that a network does not distinguish are above the
    threshold too; a mirrored or recoloured copy may be below. If most images have an exact copy, the threshold is 1.
    """
    if not nearest_cosines.size:
        return 1.0
    return 1.0 - DUPLICATE_SHARE * (1.0 - float(np.median(nearest_cosines)))


def most_similar_rows(cosines: Floats, among: Bools, k: int) -> Ints:
    """Return the rows of the k largest cosines where `among` is true, (<= k,), largest first, ties by row."""
    rows = np.flatnonzero(among)
    if len(rows) > k:
        kth = np.partition(cosines[rows], len(rows) - k)[len(rows) - k] if k else np.inf
        rows = rows[cosines[rows] >= kth]
    return rows[np.lexsort((rows, -cosines[rows]))][:k]


def same_pixels(dataset: ImageDataset, row: int, candidates: Ints) -> Bools:
    """Return whether each candidate row has exactly the pixels of this row, (K,) bool.

    Compares digests of size and pixels: one image saved as JPEG at two qualities is not equal. For a data set of
    vectors, compares the vectors.
    """
    if dataset.vectors is not None:
        return np.asarray((dataset.vectors[candidates] == dataset.vectors[row]).all(axis=1))
    digest = content_digest(dataset.read(row))
    return np.array([content_digest(dataset.read(int(other))) == digest for other in candidates], np.bool_)
