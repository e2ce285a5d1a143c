"""Vectors of the user's own, from a .npy, .npz, .parquet or .csv file."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError

VECTOR_SUFFIXES = (".npy", ".npz", ".parquet", ".csv")
KEY = "vectors"  # the array's name in an .npz that holds several


class Table(NamedTuple):
    """What a file of vectors holds, in the file's own order."""

    vectors: NDArray[Any]  # (M, d) numbers of any type
    ids: list[str] | None = None
    labels: NDArray[Any] | None = None
    class_names: tuple[str, ...] | None = None


def file_digest(path: Path) -> str:
    """Return a 32-digit hex digest of a file's contents, read again only when its size or time has changed."""
    try:
        at = path.stat()
        return _digest(path.resolve(), at.st_size, at.st_mtime_ns)
    except OSError as error:
        raise InputError(f"Could not read {path}: {error.strerror or error}. Give a file that is there.") from None


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, changed: int) -> str:
    state = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            state.update(part)
    return state.hexdigest()


def read_vectors(path: Path, ids: Sequence[str]) -> NDArray[np.float32]:
    """Return the file's vectors in the order of `ids`, (M, d) float32, all finite.

    See `read_table` for the files. Where a file names its rows by id, these put the rows in order by themselves, and
    rows of images that the data set does not have are passed over; else the rows are in the data set's own order.
    """
    table = read_table(path, len(ids))
    array = table.vectors if table.ids is None else table.vectors[_rows_of(path, table.ids, ids)]
    vectors = as_float32(array)
    bad = np.flatnonzero(~finite_rows(vectors))
    if len(bad):
        raise InputError(
            f"{path.name} must hold finite numbers (float32), but the vectors of {len(bad)} of {len(vectors)} images "
            f"have NaN or infinity, the first of id {ids[bad[0]]!r}. Mend or leave out these images."
        )
    return vectors


def read_table(path: Path, expected: int | None = None) -> Table:
    """Return what a file of vectors holds, in its own order; `expected` rows where it does not name them by id.

    `.npy`: one (M, d) array, which stays on the disk. `.npz`: the array `vectors` with `ids`, `labels` and
    `class_names` where these are there, or the only array. `.parquet` and `.csv`: one column of lists, or one number
    column a dimension, with the columns `id` and `label` where these are there. Objects are never unpickled.
    """
    try:
        return _READERS[path.suffix.lower()](path, expected)
    except FileNotFoundError:
        raise InputError(f"There is no file {path}. Give the path of a {_SUFFIXES}.") from None
    except InputError:
        raise
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise InputError(f"{path.name} could not be read as vectors: {error}. Save it anew.") from None


def _check_header(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], expected: int | None) -> None:
    """Raise where an array, judged by its header alone, is not (M, d) numbers; so a bomb is refused unopened."""
    if dtype.hasobject or dtype.kind not in "fiu":
        raise InputError(f"{path.name} must hold numbers, got {dtype}. Save the vectors as float32.")
    if len(shape) != 2 or 0 in shape[1:]:
        raise InputError(f"{path.name} must hold one row an image and one column a dimension, got the shape {shape}.")
    if expected is not None and shape[0] != expected:
        raise InputError(
            f"{path.name} must have one row for each of the {expected} images, got {shape[0]}. "
            f"Use a .parquet with a column `id` if it belongs to more images or another order."
        )


def _npy(path: Path, expected: int | None) -> Table:
    with path.open("rb") as file:
        _check_header(path, *_header(file), expected)
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
            _check_header(path, *_header(member), None if "ids" in names else expected)
    with np.load(path, allow_pickle=False) as arrays:
        about = {other: arrays[other] for other in ("ids", "labels", "class_names") if other in names}
        ids, labels, class_names = (about.get(other) for other in ("ids", "labels", "class_names"))
        return Table(
            arrays[name],
            None if ids is None else [str(one) for one in ids.tolist()],
            labels,
            None if class_names is None else tuple(str(one) for one in class_names.tolist()),
        )


def _header(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and dtype from the head of an .npy file, before any data is read."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype


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
        as_text = pyarrow.csv.ConvertOptions(column_types={"id": pa.string()})  # 007 stays 007
        table = pyarrow.csv.read_csv(path, convert_options=as_text)
    except pa.ArrowException as error:
        raise ValueError(str(error).splitlines()[0]) from None
    names = [name for name in table.column_names if name]
    if not _are_words(names):
        raise InputError(f"{path.name} must name its columns in the first line, got {', '.join(names[:3])}. Add one.")
    return _columns(path, table, expected)


def _are_words(names: Sequence[str]) -> bool:
    """Return whether these can name columns: they are no numbers, or count 0, 1, 2, ... as pandas does."""
    if list(names) == [str(place) for place in range(len(names))]:
        return True
    try:
        return not [float(name) for name in names]
    except ValueError:
        return True


def _columns(path: Path, table: Any, expected: int | None) -> Table:
    """Return a pyarrow table as vectors with their ids and labels."""
    import pyarrow as pa

    about = {name: table.column(name).to_pylist() for name in ("id", "label") if name in table.column_names}
    for name, values in about.items():
        if None in values:
            raise InputError(f"{path.name} must have a value for every row in its column `{name}`, but some are empty.")
    ids = [str(one) for one in about["id"]] if "id" in about else None
    labels = np.array(about["label"]) if "label" in about else None
    # "__index_level_0__" is a pandas index without a name, in a .csv the empty name
    rest = [name for name in table.column_names if name and name not in about and not name.startswith("__index_level")]
    table = table.select(rest)
    kinds = [field.type for field in table.schema]
    if len(kinds) == 1 and pa.types.is_nested(kinds[0]) and hasattr(kinds[0], "value_type"):
        lists = table.column(0).combine_chunks()
        lengths = np.unique(lists.value_lengths().fill_null(-1).to_numpy(zero_copy_only=False))
        if len(lengths) > 1 or -1 in lengths:
            raise InputError(f"{path.name} must have vectors of one length, got {', '.join(map(str, lengths))}.")
        if not _is_number(pa, kinds[0].value_type):
            raise InputError(f"{path.name} must hold numbers, got lists of {kinds[0].value_type}.")
        array = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1)
    else:
        words = [field.name for field in table.schema if not _is_number(pa, field.type)]
        if words:
            raise InputError(f"{path.name} must hold numbers beside `id`, but its column {words[0]!r} does not.")
        empty = np.empty((table.num_rows if expected is None else expected, 0))
        array = np.stack([column.to_numpy() for column in table.columns], axis=1) if kinds else empty
    _check_header(path, array.shape, array.dtype, None if ids is not None else expected)
    return Table(array, ids, labels)


def _is_number(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _rows_of(path: Path, given: Sequence[str], ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the file's row of each of the data set's ids."""
    check_ids(path, given)
    row_of = {name: row for row, name in enumerate(given)}
    missing = [name for name in ids if name not in row_of]
    if missing:
        raise InputError(
            f"{path.name} must have a vector for each of the {len(ids)} images, but {len(missing)} ids are not in it, "
            f"the first {missing[0]!r}."
        )
    return np.array([row_of[name] for name in ids], np.int64)


def check_ids(path: Path, given: Sequence[str]) -> None:
    """Raise where an id is there twice."""
    seen: set[str] = set()
    for name in given:
        if name in seen:
            raise InputError(f"{path.name} must name each id once, but {name!r} is there twice.")
        seen.add(name)


def as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    """Return (M, d) float32, contiguous; the array itself, also on the disk, where it is that already."""
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, which callers say in a sentence
        return np.ascontiguousarray(array, dtype=np.float32)


def finite_rows(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return (M,) whether all numbers of a row are finite, a part of the rows at a time."""
    parts = [np.isfinite(vectors[start : start + 4096]).all(axis=1) for start in range(0, len(vectors), 4096)]
    return np.concatenate(parts) if parts else np.empty(0, np.bool_)


_READERS = {".npy": _npy, ".npz": _npz, ".parquet": _parquet, ".csv": _csv}
_SUFFIXES = f"{', '.join(VECTOR_SUFFIXES[:-1])} or {VECTOR_SUFFIXES[-1]}"
