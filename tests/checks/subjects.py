"""Selections from `shapes` for the tests: a sound one, and ones with a planted fault."""

from __future__ import annotations

from functools import cache

import numpy as np

from adq_core import Run, Settings
from adq_core.checks import CHECKS, Subject, Verdict
from adq_core.data import ImageDataset
from adq_core.data.shapes import shapes_truth
from adq_core.storage import Store


@cache
def whole_run() -> Run:
    return Run(Settings(dataset="shapes", embeddings="pixels", diversity="vectors", keep_ratio=0.1), Store())


@cache
def clean_rows() -> np.ndarray:
    """Return the rows of 2,000 images of `shapes` without near duplicates and outliers."""
    truth = shapes_truth()
    return np.flatnonzero((truth.duplicate_group < 0) & (truth.outlier == 0))[::4][:2000]


def some_images(rows: np.ndarray, labels: np.ndarray | None = None) -> ImageDataset:
    """Return these images of `shapes` with their thumbnails; an image may be there twice."""
    whole = whole_run().dataset
    return ImageDataset(
        name="some shapes",
        ids=tuple(f"{place:05d}-{row}" for place, row in enumerate(rows)),
        labels=whole.labels[rows] if labels is None else labels,
        class_names=whole.class_names,
        read=lambda place: whole.read(int(rows[place])),
        thumbnails=whole.thumbnails[rows],
        sizes=whole.sizes[rows],
        skipped=(),
        key=f"some {hash(rows.tobytes())}",
    )


def balanced(labels: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Return a class-balanced random selection of about n images, (M,) bool."""
    rng = np.random.default_rng(seed)
    selected = np.zeros(len(labels), np.bool_)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        selected[rng.permutation(rows)[: round(n * len(rows) / len(labels))]] = True
    return selected


def sound(seed: int = 0, n: int = 200) -> Subject:
    rows = clean_rows()
    dataset = some_images(rows)
    return Subject(dataset, whole_run().embeddings.vectors[rows], balanced(dataset.labels, n, seed), seed=seed)


def verdict(subject: Subject, name: str) -> Verdict:
    """Return the verdict with this name."""
    return next(one for one in CHECKS[name.split(".")[0]](subject) if one.check == name)
