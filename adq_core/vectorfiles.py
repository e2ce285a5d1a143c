"""Vectors of the user's own, from a .npy, .npz or .parquet file."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

VECTOR_SUFFIXES = (".npy", ".npz", ".parquet")
KEY = "vectors"  # the array's name in an .npz that holds several


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

    `.npy`: one (M, d) array. `.npz`: the array `vectors`, or the only one. Both in the data set's own row order.
    `.parquet`: one column of lists, or one number column a dimension; a column `id` puts the rows in order by itself,
    and rows of images that the data set does not have are passed over. Objects are never unpickled.
    """
    try:
        vectors = _READERS[path.suffix.lower()](path, ids)
    except FileNotFoundError:
        raise InputError(f"There is no file {path}. Give the path of a .npy, .npz or .parquet.") from None
    except InputError:
        raise
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise InputError(f"{path.name} could not be read as vectors: {error}. Save it anew.") from None
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InputError(
            f"{path.name} must hold finite numbers (float32), but the vectors of {len(bad)} of {len(vectors)} images "
            f"have NaN or infinity, the first of id {ids[bad[0]]!r}. Mend or leave out these images."
        )
    return vectors


def _check_header(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], n_images: int) -> None:
    """Raise where an array, judged by its header alone, is not (M, d) numbers; so a bomb is refused unopened."""
    if dtype.hasobject or dtype.kind not in "fiu":
        raise InputError(f"{path.name} must hold numbers, got {dtype}. Save the vectors as float32.")
    if len(shape) != 2 or 0 in shape[1:]:
        raise InputError(f"{path.name} must hold one row an image and one column a dimension, got the shape {shape}.")
    if shape[0] != n_images:
        raise InputError(
            f"{path.name} must have one row for each of the {n_images} images, got {shape[0]}. "
            f"Use a .parquet with a column `id` if it belongs to more images or another order."
        )


def _npy(path: Path, ids: Sequence[str]) -> NDArray[np.float32]:
    with path.open("rb") as file:
        _check_header(path, *_header(file), len(ids))
    return _float32(np.load(path, mmap_mode="r", allow_pickle=False))


def _npz(path: Path, ids: Sequence[str]) -> NDArray[np.float32]:
    with zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        if KEY not in names and len(names) != 1:
            raise InputError(
                f"{path.name} must have an array {KEY!r} or a single one, got {', '.join(names) or 'none'}. "
                f"Save it with numpy.savez(file, {KEY}=...)."
            )
        name = KEY if KEY in names else names[0]
        with archive.open(f"{name}.npy") as member:
            _check_header(path, *_header(member), len(ids))
    with np.load(path, allow_pickle=False) as arrays:
        return _float32(arrays[name])


def _header(file: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and dtype from the head of an .npy file, before any data is read."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype


def _parquet(path: Path, ids: Sequence[str]) -> NDArray[np.float32]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise ValueError(str(error).splitlines()[0]) from None
    order = None if "id" not in table.column_names else _rows_of(path, table.column("id").to_pylist(), ids)
    # "__index_level_0__" is a pandas index without a name
    table = table.select([name for name in table.column_names if name != "id" and not name.startswith("__index_level")])
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
        array = np.stack([column.to_numpy() for column in table.columns], axis=1) if kinds else np.empty((len(ids), 0))
    _check_header(path, array.shape if order is None else (len(ids), array.shape[1]), array.dtype, len(ids))
    return _float32(array if order is None else array[order])


def _is_number(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _rows_of(path: Path, given: list[object], ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the file's row of each of the data set's ids."""
    row_of: dict[str, int] = {}
    for row, name in enumerate(map(str, given)):
        if row_of.setdefault(name, row) != row:
            raise InputError(f"{path.name} must name each id once, but {name!r} is there twice.")
    missing = [name for name in ids if name not in row_of]
    if missing:
        raise InputError(
            f"{path.name} must have a vector for each of the {len(ids)} images, but {len(missing)} ids are not in it, "
            f"the first {missing[0]!r}."
        )
    return np.array([row_of[name] for name in ids], np.int64)


def _float32(array: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, which is refused below with a sentence
        return np.ascontiguousarray(array, dtype=np.float32)


_READERS = {".npy": _npy, ".npz": _npz, ".parquet": _parquet}
