"""A part of a data set: some of its rows as a data set of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from adq_core.digests import content_digest, derive_key
from adq_core.errors import InputError
from adq_core.records import Image, Ints

from .dataset import ImageDataset
from .own_columns import rows_of_columns


@dataclass(frozen=True)
class RowReader:
    """Decode rows of another data set; can be pickled."""

    read: Callable[[int], Image]
    rows: Ints

    def __call__(self, row: int) -> Image:
        """Return the pixels of a row, (H, W, 3) uint8."""
        return self.read(int(self.rows[row]))

    def file_bytes(self, row: int) -> bytes | None:
        """Return the bytes of the image file of a row; None if there is none."""
        read_file: Callable[[int], bytes | None] | None = getattr(self.read, "file_bytes", None)
        return None if read_file is None else read_file(int(self.rows[row]))

    def file_path(self, row: int) -> str | None:
        """Return the path of the image file of a row; None if there is none."""
        path_of: Callable[[int], str | None] | None = getattr(self.read, "file_path", None)
        return None if path_of is None else path_of(int(self.rows[row]))


def part_of(dataset: ImageDataset, rows: Ints) -> ImageDataset:
    """Return the data set of these rows, in this order, with the same classes.

    Its key follows from the key of the whole and the rows. It has no thumbnails (0 x 0 pixels), because a copy of most
    of them could be larger than the memory. Raises `InputError` if a class has no image left.
    """
    missing = np.setdiff1d(np.arange(dataset.n_classes), dataset.labels[rows])
    if len(missing):
        raise InputError(f"The part has no image of the class {dataset.class_names[missing[0]]!r}.")
    return replace(
        dataset,
        ids=tuple(dataset.ids[row] for row in rows),
        labels=dataset.labels[rows],
        read=RowReader(dataset.read, np.asarray(rows)),
        thumbnails=np.zeros((len(rows), 0, 0, 3), np.uint8),
        sizes=dataset.sizes[rows],
        skipped=(),
        key=derive_key("part", dataset.key, content_digest(np.asarray(rows, np.int64))),
        paths=None if dataset.paths is None else tuple(dataset.paths[row] for row in rows),
        held_out=dataset.held_out[rows],
        vectors=None if dataset.vectors is None else dataset.vectors[rows],
        check_files=None,
        indices=dataset.indices[rows],
        thumbnail_sums=None,
        columns=rows_of_columns(dataset.columns, rows),
    )
