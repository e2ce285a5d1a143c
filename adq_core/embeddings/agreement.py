"""How well an embedding fits a data set: whether neighbours have the same class, compared with raw pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.data import ImageDataset
from adq_core.linalg import exact_knn, unit_rows
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Ints

from .pixels import pixel_vectors

NEIGHBOURS = 5
SAMPLE = 5000  # images that are compared, at most
SAMPLE_SEED = 0
SHARE_NEIGHBOURS = 10  # of one image, whose classes are compared with its own
SHARE_SAMPLE = 20_000  # images among which these neighbours are found, at most
BLOCK = 512  # images that are compared at a time


class NeighbourAgreement(NamedTuple):
    """How often the nearest neighbours of an image have its class, by two embeddings of the same images."""

    n_images: int  # images that were compared with each other
    accuracy: float  # share of images whose class is that of most of their 5 nearest neighbours
    pixels_accuracy: float | None  # the same with the embedding `pixels`; None for vectors without images
    largest_class: float  # share of the largest class: the accuracy of always naming this class
    shared: float | None  # share of the 5 nearest neighbours that are also nearest by `pixels`; None without images


def neighbour_agreement(
    dataset: ImageDataset, vectors: Floats, *, progress: Progress = no_progress
) -> NeighbourAgreement:
    """Return the leave-one-out accuracy of 5 nearest neighbours by cosine, for these vectors (M, d) and for `pixels`.

    At most 5,000 images are compared, drawn with a fixed seed. Each image gets the class of most of its 5 nearest
    other images; among classes with equally many, the one with the nearest image.

    How it misleads: near duplicates and images of one series find each other under any embedding, so the accuracy of
    such a set is high without understanding. With one class the accuracy is always 1; then read `shared`.
    Reference: Cover and Hart 1967, "Nearest neighbor pattern classification".
    """
    m = len(dataset)
    rows = np.arange(m)
    if m > SAMPLE:
        rows = np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, SAMPLE, replace=False))
    labels = dataset.labels[rows]
    progress(0, 3, "comparing neighbours")
    near = nearest(vectors[rows])
    progress(1, 3, "comparing neighbours")
    near_pixels = nearest(pixel_vectors(dataset, rows)) if dataset.has_images else None
    progress(2, 3, "comparing neighbours")
    shared = None
    if near_pixels is not None and near.shape[1]:
        shared = float((near[:, :, None] == near_pixels[:, None, :]).any(axis=2).mean())
    return NeighbourAgreement(
        n_images=len(rows),
        accuracy=vote_accuracy(near, labels),
        pixels_accuracy=None if near_pixels is None else vote_accuracy(near_pixels, labels),
        largest_class=float(np.bincount(labels).max() / len(labels)),
        shared=shared,
    )


def nearest(vectors: Floats) -> Ints:
    """Return the 5 nearest other rows of every row by cosine, nearest first, (n, k); k is at most n - 1."""
    k = min(NEIGHBOURS, len(vectors) - 1)
    if k < 1:
        return np.empty((len(vectors), 0), np.int64)
    unit = unit_rows(vectors, np.float32)
    return np.concatenate([found for _, found in exact_knn(unit, np.arange(len(unit)), k)])


def vote_accuracy(near: Ints, labels: Ints) -> float:
    """Return the share of rows whose label is that of most of their neighbours (n, k); ties go to the nearest one."""
    n, k = near.shape
    if k == 0:
        return 0.0
    votes = np.zeros((n, int(labels.max()) + 1))
    for place in range(k):  # a nearer neighbour counts a little more, which decides ties and nothing else
        votes[np.arange(n), labels[near[:, place]]] += 1 + (k - place) / (10 * k * k)
    return float((votes.argmax(axis=1) == labels).mean())


def same_class_share(vectors: Floats, labels: Ints, *, progress: Progress = no_progress) -> Floats:
    """Return the share of the 10 nearest other images by cosine that have the class of the image, (M,) in 0 to 1.

    The neighbours are found among at most 20,000 images, drawn with a fixed seed; all M images get a share. Fewer than
    ten other images: the share of all of them, 0 for a single image.

    How it misleads: images of a rare class have few images of their class to be near to, and near duplicates raise the
    share. Compare images of one class.
    """
    m = len(labels)
    known = np.arange(m)
    if m > SHARE_SAMPLE:
        known = np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, SHARE_SAMPLE, replace=False))
    place = np.full(m, -1)
    place[known] = np.arange(len(known))
    unit = unit_rows(vectors[known], np.float32)
    k = min(SHARE_NEIGHBOURS, len(known) - 1)
    share = np.zeros(m)
    if k < 1:
        return share
    for start in range(0, m, BLOCK):
        rows = np.arange(start, min(start + BLOCK, m))
        cosine = unit_rows(vectors[rows], np.float32) @ unit.T
        inside = np.flatnonzero(place[rows] >= 0)
        cosine[inside, place[rows[inside]]] = -np.inf
        near = np.argpartition(cosine, len(known) - k, axis=1)[:, len(known) - k :]
        share[rows] = (labels[known[near]] == labels[rows, None]).mean(axis=1)
        progress(int(rows[-1]) + 1, m, "comparing neighbours")
    return share
