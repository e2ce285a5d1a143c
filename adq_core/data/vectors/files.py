"""Vectors from a .npy, .npz, .parquet, .csv or .tsv file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.containers.npz_arrays import UNREADABLE, ArrayFile
from adq_core.data.dataset import ImageDataset
from adq_core.data.labels.classes import label_texts
from adq_core.data.npz import CLASS_NAMES, LABELS, VECTORS
from adq_core.data.tables.columns import span
from adq_core.errors import InputError, SettingsError, foreign_reason

from .tables import ExpectedRows, Table, check_rows, read_columns

VECTOR_SUFFIXES = (".npy", ".npz", ".parquet", ".csv", ".tsv")
TABLE_SUFFIXES = (".parquet", ".csv", ".tsv")
IDS = ("ids", "id", "filenames", "paths")


def aligned_table(path: Path, dataset: ImageDataset, vector_columns: str | None = None) -> Table:
    """Return the contents of a file of vectors in the order of the data set; the vectors are float32 and finite.

    `read_table` describes the files. If a file has ids, its rows are sorted by them, and rows of images that the data
    set does not have are ignored. Otherwise the rows must be in the order of the data set: of image files, that of
    torchvision's `ImageFolder`. They are one row per image, or one per index, also for images that cannot be read.

    Raises
    ------
    InputError
        If the file cannot be read as vectors, lacks an id, or has a value that is not finite.
    SettingsError
        If `vector_columns` fits no column, or the file has no columns.
    """
    ids, n_indices = dataset.ids, dataset.reading.n_indices or len(dataset)
    table = read_table(path, ExpectedRows(len(ids), n_indices, dataset.reading.order), vector_columns)
    array = table.vectors
    if table.ids is not None:
        array = array[_rows_of(path, table.ids, ids)]
    elif len(array) == n_indices and not np.array_equal(dataset.indices, np.arange(len(ids))):
        array = array[dataset.indices]
    vectors = as_float32(array)
    bad = np.flatnonzero(~finite_rows(vectors))
    if len(bad):
        raise InputError(
            f"{path.name} must hold finite numbers (float32), but the vectors of {len(bad)} of {len(vectors)} images "
            f"have NaN or infinity, the first of id {ids[bad[0]]!r}. Correct these vectors or remove these images."
        )
    return table._replace(vectors=vectors)


def read_table(path: Path, expected: ExpectedRows | None = None, vector_columns: str | None = None) -> Table:
    """Return the contents of a file of vectors, in its order.

    A file without ids must have as many rows as `expected` says, if that is given. `.npy`: one (M, d) array, which is
    memory-mapped. `.npz`: the array `vectors` (or another usual name) with optional `ids`, `labels` and `class_names`,
    or a single array. `.parquet`, `.csv` and `.tsv`: see `read_columns`. Objects are never unpickled.

    Raises
    ------
    InputError
        If the file is not there, is damaged, or does not contain such vectors.
    SettingsError
        If `vector_columns` fits no column, or the file has no columns.
    """
    kind = path.suffix.lower()
    if vector_columns is not None and kind not in TABLE_SUFFIXES:
        raise SettingsError(
            f"vector_columns is for tables ({', '.join(TABLE_SUFFIXES)}), got {path.name}. Leave vector_columns out.",
            "vector_columns",
        )
    try:
        return read_columns(path, expected, vector_columns) if kind in TABLE_SUFFIXES else _arrays(path, expected)
    except FileNotFoundError:
        raise InputError(f"There is no file {path}. Give the path of a {_SUFFIXES}.") from None
    except (InputError, SettingsError):
        raise
    except UNREADABLE as error:
        raise InputError(f"{path.name} could not be read as vectors: {foreign_reason(error)}. Save it again.") from None


def _check_header(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], expected: ExpectedRows | None) -> None:
    """Raise `InputError` unless the array is (M, d) numbers. Called before the data are read, which may be huge."""
    if dtype.hasobject or dtype.kind not in "fiu":
        raise InputError(f"{path.name} must hold numbers, got {dtype!s:.60}. Save the vectors as float32.")
    if len(shape) != 2 or 0 in shape[1:]:
        raise InputError(
            f"{path.name} must hold one row per image and one column per dimension, got the shape {shape}."
        )
    check_rows(path, shape[0], expected)


def _arrays(path: Path, expected: ExpectedRows | None) -> Table:
    arrays = ArrayFile(path)
    name = "" if arrays.single else arrays.first_of(VECTORS)
    if name is None:
        if len(arrays.names) != 1:
            raise InputError(
                f"{path.name} must have an array {VECTORS[0]!r} or a single one, got "
                f"{span(arrays.names) or 'none'}. Save it with numpy.savez(file, {VECTORS[0]}=...)."
            )
        name = arrays.names[0]
    header = arrays.header(name)
    m = header.shape[0] if header.shape else 0
    for names, what in ((IDS, "id"), (LABELS, "label")):
        known = None if arrays.single else arrays.first_of(names)
        rows = None if known is None else (arrays.header(known).shape or (0,))[0]
        if rows is not None and rows != m:
            raise InputError(f"{path.name} must have one {what} for each of its {m} vectors, got {rows}.")
    ids, labels, class_names = (
        None if arrays.single or (known := arrays.first_of(names)) is None else arrays.small(known)
        for names in (IDS, LABELS, CLASS_NAMES)
    )
    _check_header(path, header.shape, header.dtype, None if ids is not None else expected)
    if arrays.single and header.shape[0]:
        vectors: NDArray[Any] = np.memmap(
            path, header.dtype, "r", header.start, header.shape, "F" if header.fortran else "C"
        )
    else:
        vectors = arrays.load(name)
    return Table(
        vectors,
        None if ids is None else label_texts(ids, path.name),
        labels,
        None if class_names is None else tuple(label_texts(class_names, path.name)),
    )


def _rows_of(path: Path, file_ids: Sequence[str], ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the row in the file of each of `ids`, (M,)."""
    check_ids(path, file_ids)
    row_of = {name: row for row, name in enumerate(file_ids)}
    missing = [name for name in ids if name not in row_of]
    if missing:
        raise InputError(
            f"{path.name} must have a vector for each of the {len(ids)} images, but {len(missing)} ids are not in it, "
            f"the first {missing[0]!r}."
        )
    return np.array([row_of[name] for name in ids], np.int64)


def check_ids(path: Path, ids: Sequence[str]) -> None:
    """Raise `InputError` if an id occurs twice."""
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise InputError(f"{path.name} must name each id once, but {name!r} occurs twice.")
        seen.add(name)


def as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    """Return (M, d) contiguous float32: the array itself, also if memory-mapped, where it is that already."""
    with np.errstate(over="ignore"):  # values too large for float32 become infinite; callers check for that
        return np.ascontiguousarray(array, dtype=np.float32)


def finite_rows(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return whether all numbers of a row are finite, (M,) bool; reads a part of the rows at a time."""
    parts = [np.isfinite(vectors[start : start + 4096]).all(axis=1) for start in range(0, len(vectors), 4096)]
    return np.concatenate(parts) if parts else np.empty(0, np.bool_)


_SUFFIXES = f"{', '.join(VECTOR_SUFFIXES[:-1])} or {VECTOR_SUFFIXES[-1]}"
