"""Whether the rows of a file of vectors without ids can be in the order of the images of a data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from adq_core.data import ImageDataset
from adq_core.linalg import unit_rows
from adq_core.records import Floats, Ints

from .agreement import nearest
from .pixels import pixel_vectors

SAMPLE = 2000  # images that are compared, at most
FEWEST = 30  # images with which shuffled rows can be told from rows in order
PERMUTATIONS = 199
LEVEL = 0.05  # of both tests: of files in a wrong order, this share is not noticed
SEED = 0
NEIGHBOURS = 3
CLEAR, UNCLEAR = (
    4.0,
    1.5,
)  # standard scores: third quartile of the classes; a class whose rows seem to be in another order
MAX_LISTED = 3  # classes in one note
WAY_OUT = (
    "To be certain, give the ids: a table with the columns id and one per dimension, or an .npz with the arrays "
    "vectors and ids."
)


class PixelAgreement(NamedTuple):
    """The p-value over all images, and the standard score of each class (NaN where it has no variation)."""

    p: float
    scores: Floats  # (C,)


def order_note(dataset: ImageDataset, vectors: Floats, file: str) -> str:
    """Return sentences on the order of the rows of a file without ids; a warning if it looks like another order.

    Permutation tests compare the given order with shuffled rows, on at most 2,000 images: whether the nearest
    images by these vectors have the same class, and whether, inside the classes and in each class, images with similar
    pixels have similar vectors. Rows in a wrong order are like shuffled ones. A set without images, or with fewer than
    30, is not tested.

    How it misleads: rows in the right order fail where vectors have to do neither with the classes nor with the pixels;
    rows of which only a few are displaced pass.
    Reference: Good 2005, "Permutation, Parametric and Bootstrap Tests of Hypotheses".
    """
    taken = f"{file} has no ids. Its rows are taken {dataset.reading.order}."
    if not dataset.has_images or len(dataset) < FEWEST:
        return f"{taken} {WAY_OUT}"
    rows = np.arange(len(dataset))
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(SEED).choice(len(rows), SAMPLE, replace=False))
    labels, unit = dataset.labels[rows], unit_rows(vectors[rows], np.float32)
    failed = []
    if class_agreement_p(unit, labels) > LEVEL:
        failed.append("neighbours by these vectors have the same class no more often")
    within = pixel_agreement(unit, pixel_vectors(dataset, rows), labels)
    if within.p > LEVEL:
        failed.append("images of a class with similar pixels have no more similar vectors")
    if failed:
        reason = f"{' and '.join(failed)} than in shuffled rows"
        return f"Warning: {taken} This is probably not their order: {reason}. {WAY_OUT}"
    displaced = displaced_classes(within.scores)
    if len(displaced):
        names = ", ".join(dataset.class_names[number] for number in displaced[:MAX_LISTED])
        more = ", ..." if len(displaced) > MAX_LISTED else ""
        return (
            f"Warning: {taken} This may not be their order in {len(displaced)} of {dataset.n_classes} classes ({names}"
            f"{more}), whose images with similar pixels have no more similar vectors than in shuffled rows. {WAY_OUT}"
        )
    return taken


def class_agreement_p(unit: Floats, labels: Ints) -> float:
    """Return the p-value of the share of nearest neighbours with the same class, against shuffled labels.

    0 for a single class, which agrees in any order.
    """
    if len(np.unique(labels)) < 2:
        return 0.0
    near = nearest(unit)
    rng = np.random.default_rng(SEED)

    def agreement(values: Ints) -> float:
        return float((values[near] == values[:, None]).mean())

    shuffled = (agreement(rng.permutation(labels)) for _ in range(PERMUTATIONS))
    return _p_value(agreement(labels), shuffled)


def pixel_agreement(unit: Floats, pixels: Floats, labels: Ints) -> PixelAgreement:
    """Return how much more similar the vectors of neighbours by pixels are than those of rows shuffled in their class.

    The mean cosine of each image and its 3 nearest images of the same class by pixels is compared with its values for
    rows that are shuffled inside the classes, over all images (p-value) and in each class (standard scores). If no two
    images of a class differ in their vectors, any order is the same: p is 0.
    """
    rng = np.random.default_rng(SEED)
    sums = np.zeros((int(labels.max()) + 1, 1 + PERMUTATIONS))  # of the given order, then of the shuffled ones
    y = unit_rows(pixels, np.float32)
    for number in np.unique(labels):
        rows = np.flatnonzero(labels == number)
        if len(rows) < 3:
            continue
        by_pixels = y[rows] @ y[rows].T
        np.fill_diagonal(by_pixels, -np.inf)
        near = np.argsort(-by_pixels, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(rows) - 1)]
        cosines = unit[rows] @ unit[rows].T
        orders = [np.arange(len(rows)), *(rng.permutation(len(rows)) for _ in range(PERMUTATIONS))]
        sums[number] = [float(cosines[order[:, None], order[near]].sum()) for order in orders]
    deviation = sums[:, 1:].std(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = (sums[:, 0] - sums[:, 1:].mean(axis=1)) / deviation
    scores[deviation <= 1e-6 * np.maximum(np.abs(sums).max(axis=1), 1.0)] = np.nan
    totals = sums.sum(axis=0)
    same = np.ptp(totals) <= 1e-6 * max(np.abs(totals).max(), 1.0)
    return PixelAgreement(0.0 if same else _p_value(totals[0], iter(totals[1:])), scores)


def displaced_classes(scores: Floats) -> Ints:
    """Return the classes that are like shuffled rows, while the vectors of some classes fit their images clearly."""
    known = scores[np.isfinite(scores)]
    if not len(known) or np.quantile(known, 0.75) < CLEAR:
        return np.zeros(0, np.int64)
    return np.flatnonzero(scores < UNCLEAR)


def _p_value(observed: float, shuffled: Iterator[float]) -> float:
    """Return (1 + number of shuffled values that are not below the observed one) / (1 + number of values)."""
    values = list(shuffled)
    return (1 + sum(value >= observed for value in values)) / (1 + len(values))
