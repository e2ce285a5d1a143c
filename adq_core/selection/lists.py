"""Selections made elsewhere: lists of indices or ids in files of other programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import InputError, foreign_reason
from adq_core.records import Ints

SUFFIXES = (".npy", ".csv", ".txt", ".json", ".jsonl")
KEYS = ("index", "indices", "selected_indices", "id", "ids", "selected_ids", "file", "path", "filename")
MAX_BYTES = 2**28
MAX_LINE = 2**16  # characters
EVEN = 1.0  # images by which a class may differ from its share in a list that was balanced on purpose
UNEVEN = 3.0  # images by which a class differs at least where the order is wrong


class ForeignSelection(NamedTuple):
    """A selection that was read from files."""

    rows: Ints  # (n,) rows of the data set, ascending
    by_index: bool  # the files have indices, not ids
    order_note: str  # which other order of the files the indices fit better; empty: none


def read_selection(paths: Sequence[Path], dataset: ImageDataset) -> ForeignSelection:
    """Return the images that lists in files name: indices or ids, of one or several files together.

    Files: `.npy` with whole numbers or a mask (as published code writes them), `.csv` with a column such as index or
    id, `.txt` with one entry per line, `.json` with a list, or `.jsonl`. Several files, such as the bins
    `select_indices_CIFAR10_exp0.npy` to `_exp9.npy`, are one selection; they are read in numeric order. An index counts
    as `dataset.indices` does: its position in torchvision's `ImageFolder`, or its row in an array.

    Raises
    ------
    InputError
        If a file cannot be read, or names images that the data set does not have, or one image twice. The text counts
        them.
    """
    ordered = sorted(
        paths, key=lambda path: [int(part) if part.isdigit() else -1 for part in re.split(r"(\d+)", path.name)]
    )
    entries: list[Any] = []
    for path in ordered:
        entries += _entries(path, len(dataset))
    if not entries:
        raise InputError(f"{_names(paths)} must name at least one image, got none.")
    numbers = [_number(entry) for entry in entries]
    ids = {name: row for row, name in enumerate(dataset.ids)}
    as_numbers = all(number is not None for number in numbers)
    by_index = as_numbers and (type(entries[0]) is int or not all(str(entry) in ids for entry in entries))
    if by_index:
        indices = np.array(numbers, np.int64)
        rows = _rows_of_indices(indices, dataset, paths)
        return ForeignSelection(np.sort(rows), True, _order_note(indices, rows, dataset))
    rows = _rows_of_ids([str(entry) for entry in entries], ids, dataset, paths)
    return ForeignSelection(np.sort(rows), False, "")


def _entries(path: Path, n_images: int) -> list[Any]:
    """Return the entries of one file: whole numbers or texts."""
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"{path.name} must end in {', '.join(SUFFIXES)}.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path.name} must have at most {MAX_BYTES / 2**20:.0f} MB.")
        return _READERS[kind](path, n_images)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path.name} could not be read as a list: {foreign_reason(error)}.") from None


def _read_npy(path: Path, n_images: int) -> list[Any]:
    values = np.load(path, mmap_mode="r", allow_pickle=False)
    if values.ndim != 1:
        raise InputError(f"{path.name} must be a list of indices, (n,), got the shape {values.shape}.")
    if values.dtype == np.bool_:
        if len(values) != n_images:
            raise InputError(f"{path.name} must have one value for each of {n_images:,} images, got {len(values):,}.")
        return np.flatnonzero(values).tolist()
    if values.dtype.kind not in "iuUS" and not (values.dtype.kind == "f" and np.all(values == np.rint(values))):
        raise InputError(f"{path.name} must have whole numbers, got {values.dtype!s:.40}.")
    if values.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in values.tolist()]
    return list(values.tolist() if values.dtype.kind != "f" else values.astype(np.int64).tolist())


def _read_text(path: Path, n_images: int) -> list[Any]:
    del n_images
    lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    return [_unescaped(line) for line in lines if line.strip()]


def _unescaped(line: str) -> str:
    """Return a line of `selected_ids.txt`, in which control characters and backslashes are JSON escapes."""
    if "\\" not in line:
        return line
    try:
        return str(json.loads(f'"{line}"'))
    except ValueError:
        return line


def _read_csv(path: Path, n_images: int) -> list[Any]:
    import pandas as pd

    del n_images
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline(MAX_LINE)
    separator = next((mark for mark in "\t;" if mark in first), ",")
    table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")
    named = [name for name in table.columns if str(name).strip().lower() in KEYS]
    if not named and len(table.columns) == 1:  # without a header
        return [str(table.columns[0]), *table[table.columns[0]].tolist()]
    if not named:
        raise InputError(f"{path.name} must have a column index, id or file; none of its {len(table.columns)} is one.")
    return [str(value) for value in table[named[0]].tolist()]


def _read_json(path: Path, n_images: int) -> list[Any]:
    del n_images
    return _from_json(json.loads(path.read_text(encoding="utf-8-sig")), path)


def _read_lines(path: Path, n_images: int) -> list[Any]:
    del n_images
    return _from_json([json.loads(line) for line in path.read_text(encoding="utf-8-sig").splitlines() if line], path)


def _from_json(content: Any, path: Path) -> list[Any]:
    if isinstance(content, dict):
        content = next((content[key] for key in KEYS if isinstance(content.get(key), list)), None)
    if isinstance(content, list) and content and all(isinstance(entry, dict) for entry in content):
        key = next((key for key in KEYS if all(key in entry for entry in content)), None)
        content = None if key is None else [entry[key] for entry in content]
    if not isinstance(content, list) or not all(type(entry) in (int, str) for entry in content):
        raise InputError(f"{path.name} must have a list of indices or ids, alone or under one of {', '.join(KEYS)}.")
    return content


_READERS: dict[str, Callable[[Path, int], list[Any]]] = {
    ".npy": _read_npy,
    ".csv": _read_csv,
    ".txt": _read_text,
    ".json": _read_json,
    ".jsonl": _read_lines,
}


def _number(entry: Any) -> int | None:
    if type(entry) is int:
        return entry
    text = str(entry).strip()
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None


def _rows_of_indices(indices: Ints, dataset: ImageDataset, paths: Sequence[Path]) -> Ints:
    """Return the row of each index; raise `InputError` with the numbers of those that name no image, or one twice."""
    position = {int(index): row for row, index in enumerate(dataset.indices.tolist())}
    rows = [position.get(int(index), -1) for index in indices.tolist()]
    missing = sum(row < 0 for row in rows)
    n_files = max(dataset.reading.n_indices, int(dataset.indices.max()) + 1)
    if missing:
        outside = int(((indices < 0) | (indices >= n_files)).sum())
        unreadable = missing - outside
        parts = [f"{outside:,} are outside 0 to {n_files - 1:,}"] if outside else []
        parts += [f"{unreadable:,} name files that cannot be read"] if unreadable else []
        raise InputError(
            f"{_names(paths)} must have indices of {dataset.name}, but of {len(rows):,} {' and '.join(parts)}."
        )
    return _without_duplicates(np.array(rows, np.int64), paths)


def _rows_of_ids(names: Sequence[str], ids: dict[str, int], dataset: ImageDataset, paths: Sequence[Path]) -> Ints:
    rows = [ids.get(name, ids.get(name.strip(), -1)) for name in names]
    missing = sum(row < 0 for row in rows)
    if missing:
        raise InputError(
            f"{_names(paths)} must have ids of {dataset.name}, but {missing:,} of {len(rows):,} are not. An id is the "
            "path of a file inside the data set, or a row number."
        )
    return _without_duplicates(np.array(rows, np.int64), paths)


def _without_duplicates(rows: Ints, paths: Sequence[Path]) -> Ints:
    double = len(rows) - len(np.unique(rows))
    if double:
        raise InputError(f"{_names(paths)} must name each image once, but {double:,} of {len(rows):,} are repeated.")
    return rows


def _names(paths: Sequence[Path]) -> str:
    return paths[0].name if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1:,} others"


def _order_note(indices: Ints, rows: Ints, dataset: ImageDataset) -> str:
    """Return which other order of the files the list was made for, as far as its classes show.

    A balanced selection has its share of every class. Read in another order than the one it was made for, its classes
    differ by chance. The published evaluation of ADQ read its lists in such a wrong order.
    """
    if _unevenness(rows, dataset) < UNEVEN:
        return ""
    for name, order in _other_orders(dataset).items():
        shift = 1 if name == "one-based" else 0
        inside = indices - shift
        if inside.min() >= 0 and inside.max() < len(order) and _unevenness(order[inside], dataset) <= EVEN:
            return (
                f"The list fits another order: {ORDERS[name]}. Read in that order, every class has its share of the "
                f"list; in the order of this data set, a class differs by {_unevenness(rows, dataset):.0f} images."
            )
    return ""


ORDERS = {
    "numbers": "the files sorted by the number in their name, over all classes",
    "paths": "the files sorted by their whole path",
    "natural": "the files sorted by class and then by the number in their name",
    "one-based": "the order of this data set, counted from 1",
}


def _other_orders(dataset: ImageDataset) -> dict[str, Ints]:
    """Return the rows of the data set in other orders, by name."""
    stems = [re.findall(r"\d+", Path(name).stem) for name in dataset.ids]
    orders: dict[str, Ints] = {
        "one-based": np.arange(len(dataset)),
        "paths": np.array(sorted(range(len(dataset)), key=lambda row: dataset.ids[row]), np.int64),
    }
    if all(stems):
        numbers = np.array([int(found[-1][:18]) for found in stems])
        orders["numbers"] = np.argsort(numbers, kind="stable")
        orders["natural"] = np.lexsort((numbers, dataset.labels))
    return orders


def _unevenness(rows: Ints, dataset: ImageDataset) -> float:
    """Return by how many images the class differs most from its share of the list."""
    counts = np.bincount(dataset.labels[rows], minlength=dataset.n_classes)
    return float(np.abs(counts - len(rows) * dataset.class_counts / len(dataset)).max())
