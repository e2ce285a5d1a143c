"""A file of vectors without images to an `ImageDataset`; all stages but those that need pixels work on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adq_core.data.arrays import number_labels
from adq_core.data.dataset import ImageDataset, Reading, SkippedFile, no_images_error
from adq_core.data.own_columns import own_columns, rows_of_columns
from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.records import Image

from .files import as_float32, check_ids, finite_rows, read_table
from .projector import with_metadata
from .tables import read_others

ORDER = "in the order of the rows of the data set's file"


@dataclass(frozen=True)
class NoImages:
    """Raise `InputError` for every row: the data set has no images."""

    name: str

    def __call__(self, row: int) -> Image:
        """Raise `InputError`."""
        raise no_images_error(self.name)


def open_vectors(path: Path, vector_columns: str | None = None) -> ImageDataset:
    """Return the vectors of a file as a data set without images.

    `read_table` describes the files. Rows are in the order of their ids, so the order in the file has no effect;
    without ids the number of a row is its id. Without labels all vectors are one class. A vector with NaN or infinity
    is skipped, like an unreadable image. Beside the vectors of the TensorBoard projector, a .tsv without column names,
    `metadata.tsv` has the labels.

    Raises
    ------
    InputError
        If the file cannot be read as vectors, ids or labels do not fit, or no vector is finite.
    SettingsError
        If `vector_columns` fits no column, or the file has no columns.
    """
    table = with_metadata(path, read_table(path, None, vector_columns))
    m = len(table.vectors)
    ids = table.ids if table.ids is not None else [str(row) for row in range(m)]
    if len(ids) != m:
        raise InputError(f"{path.name} must have one id for each of its {m} vectors, got {len(ids)}.")
    check_ids(path, ids)
    numbers, class_names = number_labels(table.labels, table.class_names, m, path.name)
    vectors = as_float32(table.vectors)
    finite = finite_rows(vectors)
    if not finite.any():
        raise InputError(f"{path.name} must have at least one vector of finite numbers (float32), got none of {m}.")
    rows = np.flatnonzero(finite)
    if table.ids is not None:
        rows = rows[np.argsort(np.array(ids)[rows], kind="stable")]
    if not np.array_equal(rows, np.arange(m)):
        vectors = vectors[rows]
    names = tuple(ids[row] for row in rows)
    left, numbers = np.unique(numbers[rows], return_inverse=True)  # a class may have no row left
    class_names = tuple(class_names[number] for number in left)
    own = own_columns(read_others(path, table.other_names), path.name)
    description = f"{len(rows):,} vectors of {vectors.shape[1]:,} numbers from {path.name}, without images."
    return ImageDataset(
        name=path.name,
        ids=names,
        labels=numbers.astype(np.int64),
        class_names=class_names,
        read=NoImages(path.name),
        thumbnails=np.broadcast_to(np.uint8(128), (len(rows), 1, 1, 3)),
        sizes=np.zeros((len(rows), 2), np.int64),
        skipped=tuple(SkippedFile(ids[row], "has NaN or infinity in its vector") for row in np.flatnonzero(~finite)),
        key=content_digest("vectors", names, numbers.astype(np.int64), class_names, vectors),
        description=" ".join(filter(None, (description, table.note))),
        vectors=vectors,
        indices=rows.astype(np.int64),
        reading=Reading(index=f"index is the number of the row in {path.name}, from 0.", n_indices=m, order=ORDER),
        notes=own.notes,
        columns=rows_of_columns(own.columns, rows),
    )
