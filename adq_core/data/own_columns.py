"""Own columns of a data set: the other columns of a table of labels or of a Parquet file, one value per image.

They change no result: no key depends on them. Filters, sorting, colours and exports read them by name from
`ImageDataset.columns`, as float64 with nan for a missing number, or as objects of str with "" for a missing text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Columns of exports and parts of filters; an own column with such a name gets `own_` before it.
RESERVED = {
    "id", "index", "path", "file", "file_name", "image", "label", "class", "class_name", "bin", "rank", "draw_position",
    "gain", "texture", "umap_x", "umap_y", "projection_x", "projection_y", "neighbors", "selected", "doubtful",
    "duplicate", "margin", "agreement", "width", "height", "representativeness",
}  # fmt: skip
PREFIX = "own_"
MAX_COLUMNS = 64
MAX_RENAMED = 3  # columns that are named one by one
MAX_NAME = 100  # characters
MISSING = {"", "nan", "na", "n/a", "null", "none"}  # in a column of numbers, in any case
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
CODE = re.compile(r"[+-]?0\d", re.ASCII)  # 007 is a text: as a number it would lose its zeros


class OwnColumns(NamedTuple):
    """The columns by name, and sentences about names that were changed and columns that were left out."""

    columns: dict[str, NDArray[Any]]
    notes: tuple[str, ...] = ()


def own_columns(
    named: Sequence[tuple[str, Sequence[Any]]], source: str, taken: Mapping[str, Any] | None = None
) -> OwnColumns:
    """Return the columns with their names and types; `source` is the name of the file, for the notes.

    taken: columns that the data set has already.

    named: the name and the M values of each column: texts, numbers or None. A column is one of numbers if all its
    values are, apart from missing ones; otherwise it is one of texts. A column without a name or without any value is
    left out.
    """
    columns: dict[str, NDArray[Any]] = {}
    notes: list[str] = []
    renamed: list[tuple[str, str, str]] = []  # name, new name, reason
    for written, values in named:
        name = "".join(character if character.isprintable() else "?" for character in written.strip())[:MAX_NAME]
        array = _typed(values) if name else None
        if array is None:
            continue
        known = {**(taken or {}), **columns}
        if len(known) == MAX_COLUMNS:
            notes.append(
                f"{source} has more than {MAX_COLUMNS} further columns; only the first {MAX_COLUMNS} are used."
            )
            break
        free = _free_name(name, known)
        if free != name:
            why = "a column of this name" if name.casefold() in RESERVED else "two columns of this name"
            renamed.append((name, free, why))
        columns[free] = array
    return OwnColumns(columns, (*_renamed_notes(renamed, source), *notes))


def _renamed_notes(renamed: Sequence[tuple[str, str, str]], source: str) -> list[str]:
    """Return the sentences about columns with new names; one sentence if there are many, as in an export."""
    if len(renamed) > MAX_RENAMED:
        names = ", ".join(free for _, free, _ in renamed)
        return [f"{len(renamed)} columns of {source} are called {names}, because the app has columns of their names."]
    return [
        f"The column {name} of {source} is called {free}, because the app or the file has {why}."
        for name, free, why in renamed
    ]


def rows_of_columns(columns: Mapping[str, NDArray[Any]], rows: Any) -> dict[str, NDArray[Any]]:
    """Return these rows of every column."""
    return {name: values[rows] for name, values in columns.items()}


def write_columns(columns: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the columns as JSON: null is a missing number."""
    lists = {name: [None if value != value else value for value in values.tolist()] for name, values in columns.items()}
    return json.dumps([[name, is_numeric(columns[name]), lists[name]] for name in columns]).encode()


def read_columns(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the columns that `write_columns` has written."""
    columns: dict[str, NDArray[Any]] = {}
    for name, has_numbers, values in json.loads(content):
        if has_numbers:
            columns[name] = np.array([np.nan if value is None else value for value in values], np.float64)
        else:
            columns[name] = np.empty(len(values), object)
            columns[name][:] = values
    return columns


def is_numeric(values: NDArray[Any]) -> bool:
    """Return whether a column has numbers, not texts."""
    return values.dtype.kind == "f"


def _typed(values: Sequence[Any]) -> NDArray[Any] | None:
    """Return the values as float64 with nan or as objects of str, "" for a missing one; None if all are missing."""
    cells = [_cell(value) for value in values]
    if all(cell.casefold() in MISSING for cell in cells):
        return None
    different = {cell: _number(cell) for cell in set(cells)}
    if None not in different.values():
        return np.array([different[cell] for cell in cells], np.float64)
    array = np.empty(len(cells), object)
    array[:] = cells
    return array


def _cell(value: Any) -> str:
    """Return a value of a table as text; "" if it is missing."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value).strip() if not isinstance(value, float) else repr(value)


def _number(cell: str) -> float | None:
    """Return the number of a cell, nan for a missing one, None for a text."""
    if cell.casefold() in MISSING:
        return float("nan")
    if NUMBER.fullmatch(cell) is None or CODE.match(cell) is not None:
        return None
    value = float(cell)
    return value if np.isfinite(value) else None


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    """Return the name with `own_` before it, as often as needed to differ from our names and from those before."""
    known = {other.casefold() for other in taken} | RESERVED
    while name.casefold() in known:
        name = PREFIX + name
    return name
