"""Vectors from a .npy, .npz, .parquet or .csv file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError, foreign_reason

from .npy import Header, read_header

VECTOR_SUFFIXES = (".npy", ".npz", ".parquet", ".csv")
KEY = "vectors"  # name of the array in an .npz with several arrays


class Table(NamedTuple):
    """The contents of a file of vectors, in the order of the file."""

    vectors: NDArray[Any]  # (M, d) numbers of any type
    ids: list[str] | None = None
    labels: NDArray[Any] | None = None
    class_names: tuple[str, ...] | None = None


def read_vectors(path: Path, ids: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of a file in the order of `ids`, (M, d) float32, all finite.

    `read_table` describes the files. If a file has ids, its rows are sorted by them, and rows of images that the data
    set does not have are ignored; otherwise the rows must be in the order of the data set.

    Raises
    ------
    InputError
        If the file cannot be read as vectors, lacks an id, or has a value that is not finite.
    """
    table = read_table(path, len(ids))
    array = table.vectors if table.ids is None else table.vectors[_rows_of(path, table.ids, ids)]
    vectors = as_float32(array)
    bad = np.flatnonzero(~finite_rows(vectors))
    if len(bad):
        raise InputError(
            f"{path.name} must hold finite numbers (float32), but the vectors of {len(bad)} of {len(vectors)} images "
            f"have NaN or infinity, the first of id {ids[bad[0]]!r}. Correct these vectors or remove these images."
        )
    return vectors


def read_table(path: Path, expected: int | None = None) -> Table:
    """Return the contents of a file of vectors, in its order.

    A file without ids must have `expected` rows if that is given. `.npy`: one (M, d) array, which is memory-mapped.
    `.npz`: the array `vectors` with optional `ids`, `labels` and `class_names`, or a single array. `.parquet` and
    `.csv`: one column of lists, or one column of numbers per dimension, with optional columns `id` and `label`. Objects
    are never unpickled.

    Raises
    ------
    InputError
        If the file is not there, is damaged, or does not contain such vectors.
    """
    try:
        return _READERS[path.suffix.lower()](path, expected)
    except FileNotFoundError:
        raise InputError(f"There is no file {path}. Give the path of a {_SUFFIXES}.") from None
    except InputError:
        raise
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise InputError(f"{path.name} could not be read as vectors: {foreign_reason(error)}. Save it again.") from None


def _check_header(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], expected: int | None) -> None:
    """Raise `InputError` unless the array is (M, d) numbers. Called before the data are read, which may be huge."""
    if dtype.hasobject or dtype.kind not in "fiu":
        raise InputError(f"{path.name} must hold numbers, got {dtype}. Save the vectors as float32.")
    if len(shape) != 2 or 0 in shape[1:]:
        raise InputError(
            f"{path.name} must hold one row per image and one column per dimension, got the shape {shape}."
        )
    if expected is not None and shape[0] != expected:
        raise InputError(
            f"{path.name} must have one row for each of the {expected} images, got {shape[0]}. "
            f"Use a .parquet with a column `id` if it belongs to more images or another order."
        )


def _npy(path: Path, expected: int | None) -> Table:
    with path.open("rb") as file:
        header = read_header(file)
    _check_header(path, header.shape, header.dtype, expected)
    return Table(np.load(path, mmap_mode="r", allow_pickle=False))


def _npz(path: Path, expected: int | None) -> Table:
    with zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        if KEY not in names and len(names) != 1:
            raise InputError(
                f"{path.name} must have an array {KEY!r} or a single one, got {', '.join(names) or 'none'}. "
                f"Save it with numpy.savez(file, {KEY}=...)."
            )
        name = KEY if KEY in names else names[0]
        with archive.open(f"{name}.npy") as member:
            header: Header = read_header(member)
        _check_header(path, header.shape, header.dtype, None if "ids" in names else expected)
    with np.load(path, allow_pickle=False) as arrays:
        ids, labels, class_names = (
            arrays[optional] if optional in names else None for optional in ("ids", "labels", "class_names")
        )
        return Table(
            arrays[name],
            None if ids is None else [str(item) for item in ids.tolist()],
            labels,
            None if class_names is None else tuple(str(item) for item in class_names.tolist()),
        )


def _parquet(path: Path, expected: int | None) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return _columns(path, pq.read_table(path), expected)
    except pa.ArrowException as error:
        raise ValueError(str(error).splitlines()[0]) from None


def _csv(path: Path, expected: int | None) -> Table:
    import pyarrow as pa
    import pyarrow.csv

    try:
        ids_as_text = pyarrow.csv.ConvertOptions(column_types={"id": pa.string()})  # 007 stays 007
        table = pyarrow.csv.read_csv(path, convert_options=ids_as_text)
    except pa.ArrowException:  # its text quotes the line
        raise ValueError("its lines do not all have as many values as the first one") from None
    names = [name for name in table.column_names if name]
    if not _are_column_names(names):
        raise InputError(f"{path.name} must name its columns in the first line, got numbers. Add names.")
    return _columns(path, table, expected)


def _are_column_names(names: Sequence[str]) -> bool:
    """Return whether these can be column names: not numbers, or 0, 1, 2, ... as pandas writes them."""
    if list(names) == [str(number) for number in range(len(names))]:
        return True
    try:
        return not [float(name) for name in names]
    except ValueError:
        return True


def _columns(path: Path, table: Any, expected: int | None) -> Table:
    """Return a pyarrow table as vectors, with ids and labels where it has them."""
    ids, labels = _values(path, table, "id"), _values(path, table, "label")
    names = [
        name
        for name in table.column_names
        if name not in ("", "id", "label")  # pandas writes an index without a name as "" to .csv
        and not name.startswith("__index_level")  # and as __index_level_0__ to .parquet
    ]
    values = table.select(names)
    array = _list_column(path, values) if _is_list_column(values.schema) else _number_columns(path, values, expected)
    _check_header(path, array.shape, array.dtype, None if ids is not None else expected)
    return Table(
        array, None if ids is None else [str(item) for item in ids], None if labels is None else np.array(labels)
    )


def _values(path: Path, table: Any, name: str) -> list[Any] | None:
    """Return the values of a column, or None if there is no such column. Raises `InputError` if one is missing."""
    if name not in table.column_names:
        return None
    values: list[Any] = table.column(name).to_pylist()
    if None in values:
        raise InputError(f"{path.name} must have a value for every row in its column `{name}`, but some are empty.")
    return values


def _is_list_column(schema: Any) -> bool:
    """Return whether a table is one column of lists."""
    import pyarrow as pa

    return len(schema) == 1 and pa.types.is_nested(schema[0].type) and hasattr(schema[0].type, "value_type")


def _list_column(path: Path, table: Any) -> NDArray[Any]:
    """Return one column of lists of numbers as (M, d)."""
    lists = table.column(0).combine_chunks()
    lengths = np.unique(lists.value_lengths().fill_null(-1).to_numpy(zero_copy_only=False))
    if len(lengths) > 1 or -1 in lengths:
        raise InputError(f"{path.name} must have vectors of one length, got {', '.join(map(str, lengths))}.")
    if not _is_number(lists.type.value_type):
        raise InputError(f"{path.name} must hold numbers, got lists of {lists.type.value_type}.")
    array: NDArray[Any] = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1)
    return array


def _number_columns(path: Path, table: Any, expected: int | None) -> NDArray[Any]:
    """Return columns of numbers as (M, d)."""
    other = [number for number, field in enumerate(table.schema, 1) if not _is_number(field.type)]
    if other:
        raise InputError(
            f"{path.name} must hold numbers beside `id` and `label`, but column {other[0]} of the others does not."
        )
    if not table.num_columns:
        return np.empty((table.num_rows if expected is None else expected, 0))
    return np.stack([column.to_numpy() for column in table.columns], axis=1)


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


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


_READERS = {".npy": _npy, ".npz": _npz, ".parquet": _parquet, ".csv": _csv}
_SUFFIXES = f"{', '.join(VECTOR_SUFFIXES[:-1])} or {VECTOR_SUFFIXES[-1]}"
