"""Selections made elsewhere: lists of indices or ids in files of other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import InputError
from adq_core.records import Ints

from .list_files import read_entries
from .list_orders import ORDERS, fitting_order, rows_in_order, unevenness

LARGEST = 2**62  # larger numbers are no index of any data set, and this one neither


class ForeignSelection(NamedTuple):
    """A selection that was read from files."""

    rows: Ints  # (n,) rows of the data set, ascending
    by_index: bool  # the files have indices, not ids
    order_note: str  # which other order of the files the indices fit better; empty: none
    other_order: str = ""  # name of that order in `ORDERS`
    read_in: str = ""  # name of the order in which the indices were read on request; empty: that of the data set


def read_selection(
    paths: Sequence[Path], dataset: ImageDataset, *, names: Sequence[str] = (), order: str | None = None
) -> ForeignSelection:
    """Return the images that lists in files name: indices or ids, of one or several files together.

    Files: `.npy` with whole numbers or a mask (as published code writes them), `.csv` with a column such as index or
    id, `.txt` with one entry per line, `.json` with a list, or `.jsonl`. Several files, such as the bins
    `select_indices_CIFAR10_exp0.npy` to `_exp9.npy`, are one selection; they are read in numeric order. An index counts
    as `dataset.indices` does: its position in torchvision's `ImageFolder`, or its row in an array. names: of the files,
    if they are stored under others. order: a name in `ORDERS`, if the indices were made for that order of the files.

    Raises
    ------
    InputError
        If a file cannot be read, or names images that the data set does not have, or one image twice. The text counts
        them.
    SettingsError
        If the order is unknown.
    """
    files = sorted(zip(names or [path.name for path in paths], paths, strict=True), key=lambda file: _parts(file[0]))
    entries: list[Any] = []
    for name, path in files:
        entries += read_entries(path, len(dataset), name)
    title = files[0][0]
    if len(files) > 1:
        title += f" and {len(files) - 1:,} other{'s' if len(files) > 2 else ''}"
    if not entries:
        raise InputError(f"{title} must name at least one image, got none.")
    numbers = [_number(entry) for entry in entries]
    ids = {name: row for row, name in enumerate(dataset.ids)}
    as_numbers = all(number is not None for number in numbers)
    by_index = as_numbers and (type(entries[0]) is int or not all(str(entry) in ids for entry in entries))
    if not by_index:
        return ForeignSelection(np.sort(_rows_of_ids(list(map(str, entries)), ids, dataset, title)), False, "")
    indices = np.array(numbers, np.int64)
    rows = _rows_of_indices(indices, dataset, title, order)
    if order is not None:
        return ForeignSelection(np.sort(rows), True, "", read_in=order)
    other = fitting_order(indices, rows, dataset)
    return ForeignSelection(np.sort(rows), True, _order_note(rows, other, dataset), other)


def _parts(name: str) -> list[tuple[int, str]]:
    """Return the parts of a file name, with its numbers as numbers: `exp10` is sorted after `exp9`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _number(entry: Any) -> int | None:
    if type(entry) is int:
        return max(-LARGEST, min(entry, LARGEST))
    text = str(entry).strip()
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None


def _rows_of_indices(indices: Ints, dataset: ImageDataset, title: str, order: str | None) -> Ints:
    """Return the row of each index; raise `InputError` with the numbers of those that name no image, or one twice."""
    if order is None:
        position = {int(index): row for row, index in enumerate(dataset.indices.tolist())}
        rows: Ints = np.array([position.get(int(index), -1) for index in indices.tolist()], np.int64)
        first, end = 0, max(dataset.reading.n_indices, int(dataset.indices.max()) + 1)
    else:
        rows = rows_in_order(indices, order, dataset)
        first, end = (1, len(dataset) + 1) if order == "one-based" else (0, len(dataset))
    missing = int((rows < 0).sum())
    if missing:
        outside = int(((indices < first) | (indices >= end)).sum())
        unreadable = missing - outside
        parts = [f"{outside:,} {_are(outside)} outside {first} to {end - 1:,}"] if outside else []
        parts += [f"{unreadable:,} {'names a file' if unreadable == 1 else 'name files'} that cannot be read"] * (
            unreadable > 0
        )
        raise InputError(
            f"{title} must have indices of {dataset.name}, but of {_entries(len(rows))}, {' and '.join(parts)}."
        )
    return _without_duplicates(rows, title)


def _rows_of_ids(names: Sequence[str], ids: dict[str, int], dataset: ImageDataset, title: str) -> Ints:
    rows = [ids.get(name, ids.get(name.strip(), -1)) for name in names]
    missing = sum(row < 0 for row in rows)
    if missing:
        raise InputError(
            f"{title} must have ids of {dataset.name}, but {missing:,} of {_entries(len(rows))} {_are(missing)} not. "
            "An id is the path of a file inside the data set, or a row number."
        )
    return _without_duplicates(np.array(rows, np.int64), title)


def _without_duplicates(rows: Ints, title: str) -> Ints:
    double = len(rows) - len(np.unique(rows))
    if double:
        raise InputError(
            f"{title} must name each image once, but {double:,} of {_entries(len(rows))} {_are(double)} repeated."
        )
    return rows


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _order_note(rows: Ints, other: str, dataset: ImageDataset) -> str:
    """Return the sentence about the other order that the list fits; empty if it fits none."""
    if not other:
        return ""
    return (
        f"The list fits another order: {ORDERS[other]}. Read in that order, every class has its share of the "
        f"list; in the order of this data set, a class differs by {unevenness(rows, dataset):.0f} images."
    )
