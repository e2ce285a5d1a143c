"""Images like one image: cosines to it, its nearest among some, and which have the very same pixels."""

from __future__ import annotations

import numpy as np

from adq_core.data import ImageDataset
from adq_core.digests import content_digest
from adq_core.progress import Progress, no_progress
from adq_core.records import Bools, Floats, Ints

BLOCK = 8_192  # rows at a time, so that a memory map is never in memory as a whole
PAIRS = 20_000  # drawn to know how alike any two images are
SAMPLE = 256  # images whose nearest is looked for to know how near that usually is
DUPLICATE_SHARE = 0.1


def cosines_to(vectors: Floats, row: int, progress: Progress = no_progress) -> Floats:
    """Return the cosine of every image's vector and this row's, (M,) float64 in [-1, 1]; 0 where a vector is zero.

    Vectors of networks that end in a ReLU have no negative entries, so that no cosine is below 0 and most are high:
    only beside `random_pair_cosines` does a cosine say anything.
    """
    unit = _unit(vectors[row : row + 1])[0]
    found = np.empty(len(vectors), np.float64)
    for start in range(0, len(vectors), BLOCK):
        block = slice(start, start + BLOCK)
        found[block] = _unit(vectors[block]) @ unit
        progress(min(start + BLOCK, len(vectors)), len(vectors), "cosines")
    return np.clip(found, -1.0, 1.0)


def random_pair_cosines(vectors: Floats, pairs: int = PAIRS, seed: int = 0) -> Floats:
    """Return the cosines of randomly drawn pairs of different images, (pairs,) float64, ascending; empty for M = 1.

    How alike any two images of the set are under this embedding: the ground against which a neighbour counts as near.
    """
    m = len(vectors)
    if m < 2:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    one = rng.integers(0, m, pairs)
    other = (one + rng.integers(1, m, pairs)) % m
    found = [
        np.einsum("ij,ij->i", _unit(vectors[one[at : at + BLOCK]]), _unit(vectors[other[at : at + BLOCK]]))
        for at in range(0, pairs, BLOCK)
    ]
    return np.sort(np.concatenate(found))


def nearest_cosine_sample(vectors: Floats, sample: int = SAMPLE, seed: int = 0) -> Floats:
    """Return the cosine of each of `sample` random images with its nearest other image, ascending; empty for M = 1.

    (min(sample, M),) float64; rows are compared block by block, so that nothing of M x M is ever held.
    """
    m = len(vectors)
    if m < 2:
        return np.empty(0)
    rows = np.sort(np.random.default_rng(seed).permutation(m)[:sample])
    unit, best = _unit(vectors[rows]), np.full(len(rows), -np.inf)
    for start in range(0, m, BLOCK):
        found = _unit(vectors[start : start + BLOCK]) @ unit.T
        own = np.flatnonzero((rows >= start) & (rows < start + BLOCK))
        found[rows[own] - start, own] = -np.inf
        best = np.maximum(best, found.max(axis=0))
    return np.sort(best)


def near_duplicate_threshold(usual: Floats) -> float:
    """Return the cosine above which two images may be duplicates: 1 - a tenth of the usual 1 - cosine to the nearest.

    `usual` is the result of `nearest_cosine_sample`; its median counts. No fixed threshold would do: of random pairs of
    `digits` half have a cosine above 0.95, of photographs hardly any. Bursts, crops of one picture and images that a
    network cannot tell apart are above it too; a mirrored or recoloured copy may be below. In a set most images of
    which have a twin it is 1.
    """
    return 1.0 - DUPLICATE_SHARE * (1.0 - float(np.median(usual))) if usual.size else 1.0


def most_similar_rows(cosines: Floats, among: Bools, k: int) -> Ints:
    """Return the rows of the k largest cosines among those marked, largest first, a tie to the lower row, (<= k,)."""
    rows = np.flatnonzero(among)
    if len(rows) > k:
        kth = np.partition(cosines[rows], len(rows) - k)[len(rows) - k] if k else np.inf
        rows = rows[cosines[rows] >= kth]
    return rows[np.lexsort((rows, -cosines[rows]))][:k]


def same_pixels(dataset: ImageDataset, row: int, candidates: Ints) -> Bools:
    """Return which of these rows decode to the very pixels of this row, (K,) bool.

    By digest of size and pixels: the same picture saved twice as JPEG at two qualities is not the same. Where there
    are no images, which are the very vector of this row.
    """
    if dataset.vectors is not None:
        return np.asarray((dataset.vectors[candidates] == dataset.vectors[row]).all(axis=1))
    wanted = content_digest(dataset.read(row))
    return np.array([content_digest(dataset.read(int(other))) == wanted for other in candidates], np.bool_)


def _unit(vectors: Floats) -> Floats:
    """Return the rows at length one, float64; a row of zeros stays what it is."""
    rows = np.asarray(vectors, np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0))
