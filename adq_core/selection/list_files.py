"""Files with lists of indices or ids, as other programs write them: their entries, not yet compared with a data set."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from adq_core.errors import InputError, foreign_reason

SUFFIXES = (".npy", ".csv", ".txt", ".json", ".jsonl")
KEYS = ("index", "indices", "selected_indices", "id", "ids", "selected_ids", "file", "path", "filename")
MAX_BYTES = 2**28
MAX_LINE = 2**16  # characters


def read_entries(path: Path, n_images: int, name: str) -> list[Any]:
    """Return the entries of one file: whole numbers or texts.

    name: of the file in error texts; its ending says how the file is read. A mask in a `.npy` must have `n_images`
    values. Raises `InputError` if the file cannot be read.
    """
    kind = Path(name).suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"{name} must end in {', '.join(SUFFIXES)}.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{name} must have at most {MAX_BYTES / 2**20:.0f} MB.")
        return _READERS[kind](path, n_images, name)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{name} could not be read as a list: {foreign_reason(error)}.") from None


def _read_npy(path: Path, n_images: int, name: str) -> list[Any]:
    values = np.load(path, mmap_mode="r", allow_pickle=False)
    if values.ndim != 1:
        raise InputError(f"{name} must be a list of indices, (n,), got the shape {values.shape}.")
    if values.dtype == np.bool_:
        if len(values) != n_images:
            raise InputError(f"{name} must have one value for each of {n_images:,} images, got {len(values):,}.")
        return np.flatnonzero(values).tolist()
    is_float = values.dtype.kind == "f"
    is_whole = is_float and bool((np.abs(values) < 2**62).all()) and bool((values % 1 == 0).all())
    if values.dtype.kind not in "iuUS" and not is_whole:
        raise InputError(f"{name} must have whole numbers, got {values.dtype!s:.40}.")
    if values.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in values.tolist()]
    return list(values.astype(np.int64).tolist() if is_float else values.tolist())


def _read_text(path: Path, n_images: int, name: str) -> list[Any]:
    lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    return [_unescaped(line) for line in lines if line.strip()]


def _unescaped(line: str) -> str:
    """Return a line of `selected_ids.txt`, in which control characters and backslashes are JSON escapes."""
    if "\\" not in line:
        return line
    try:
        return str(json.loads('"' + line.replace('"', '\\"') + '"'))
    except ValueError:
        return line


def _read_csv(path: Path, n_images: int, name: str) -> list[Any]:
    import pandas as pd

    with path.open(encoding="utf-8-sig") as file:
        first = file.readline(MAX_LINE)
    separator = next((mark for mark in "\t;" if mark in first), ",")
    table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")
    named = [name for name in table.columns if str(name).strip().lower() in KEYS]
    if not named and len(table.columns) == 1:  # without a header
        return [str(table.columns[0]), *table[table.columns[0]].tolist()]
    if not named:
        raise InputError(f"{name} must have a column index, id or file; none of its {len(table.columns)} is one.")
    return [str(value) for value in table[named[0]].tolist()]


def _read_json(path: Path, n_images: int, name: str) -> list[Any]:
    return _from_json(json.loads(path.read_text(encoding="utf-8-sig")), name)


def _read_lines(path: Path, n_images: int, name: str) -> list[Any]:
    return _from_json([json.loads(line) for line in path.read_text(encoding="utf-8-sig").splitlines() if line], name)


def _from_json(content: Any, name: str) -> list[Any]:
    if isinstance(content, dict):
        content = next((content[key] for key in KEYS if isinstance(content.get(key), list)), None)
    if isinstance(content, list) and content and all(isinstance(entry, dict) for entry in content):
        key = next((key for key in KEYS if all(key in entry for entry in content)), None)
        content = None if key is None else [entry[key] for entry in content]
    if not isinstance(content, list) or not all(type(entry) in (int, str) for entry in content):
        raise InputError(f"{name} must have a list of indices or ids, alone or under one of {', '.join(KEYS)}.")
    return content


_READERS: dict[str, Callable[[Path, int, str], list[Any]]] = {
    ".npy": _read_npy,
    ".csv": _read_csv,
    ".txt": _read_text,
    ".json": _read_json,
    ".jsonl": _read_lines,
}
