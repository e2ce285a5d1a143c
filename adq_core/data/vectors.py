"""A file of vectors without images to an `ImageDataset`: the whole path works on the vectors alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.records import Image

from .arrays import number_labels
from .dataset import ImageDataset, SkippedFile
from .vector_files import Table, as_float32, check_ids, finite_rows, read_table

ALL = "all"  # the one class of vectors without labels, as of a flat folder


def open_vectors(path: Path) -> ImageDataset:
    """Return the vectors of a .npy, .npz, .parquet or .csv as a data set without images.

    What the files may hold: `read_table`. Rows go in the order of their ids, so that the order in the file changes
    nothing; without ids the row's number is its id. Without labels all are one class. A vector with NaN or infinity is
    left out, as an unreadable image would be.
    """
    table = read_table(path)
    m = len(table.vectors)
    ids = table.ids if table.ids is not None else [str(row) for row in range(m)]
    if len(ids) != m:
        raise InputError(f"{path.name} must have one id for each of its {m} vectors, got {len(ids)}.")
    check_ids(path, ids)
    vectors = as_float32(table.vectors)
    good = finite_rows(vectors)
    if not good.any():
        raise InputError(f"{path.name} must have at least one vector of finite numbers (float32), got none of {m}.")
    rows = np.flatnonzero(good)
    if table.ids is not None:
        rows = rows[np.argsort(np.array(ids)[rows], kind="stable")]
    if not np.array_equal(rows, np.arange(m)):
        vectors = vectors[rows]
    names = tuple(ids[row] for row in rows)
    numbers, class_names = _labels(path, table, m, rows)

    def read(row: int) -> Image:
        dataset.need_images()
        raise AssertionError

    dataset = ImageDataset(
        name=path.name,
        ids=names,
        labels=numbers,
        class_names=class_names,
        read=read,
        thumbnails=np.broadcast_to(np.uint8(128), (len(rows), 1, 1, 3)),
        sizes=np.zeros((len(rows), 2), np.int64),
        skipped=tuple(SkippedFile(ids[row], "has NaN or infinity in its vector") for row in np.flatnonzero(~good)),
        key=content_digest("vectors", names, numbers, class_names, vectors),
        about=f"{len(rows):,} vectors of {vectors.shape[1]:,} numbers from {path.name}, without images.",
        vectors=vectors,
    )
    return dataset


def _labels(path: Path, table: Table, m: int, rows: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (len(rows),) labels and the names they count into; every class has a row."""
    if table.labels is None:
        return np.zeros(len(rows), np.int64), (ALL,)
    if table.labels.ndim == 1 and len(table.labels) == m:
        return number_labels(table.labels[rows], table.class_names, len(rows), path.name)
    return number_labels(table.labels, table.class_names, m, path.name)  # which says what is wrong
