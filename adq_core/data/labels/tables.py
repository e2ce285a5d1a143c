"""A table of labels, as CSV or JSON, to its columns and rows. No error quotes the content of the file."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from adq_core.errors import InputError

from .classes import label_texts
from .columns import LabelColumns, find_columns, normal_name

MAX_TABLE_BYTES = 2**28
DELIMITERS = ",;\t|"
NESTED = "\0"  # the text of a JSON list or object, which is neither a file name nor a label
BOMS = (  # the BOM of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
WAY_OUT = "Write a CSV in UTF-8 whose first line is file,label."


class Row(NamedTuple):
    """One row of a table."""

    line: int  # in the file, from 1
    cells: list[str]


class LabelRow(NamedTuple):
    """A file name as it is in a table, and its label: "" if there is none."""

    line: int
    file: str
    label: str
    others: tuple[str, ...] = ()  # the values of the other columns


class LabelTable(NamedTuple):
    """The rows of a table, and the names of its other columns."""

    rows: list[LabelRow]
    other_names: tuple[str, ...] = ()
    has_labels: bool = True


def table_bytes(path: Path) -> bytes:
    """Return the content of a table. Raises `InputError` if it cannot be read, is too large or is not a file."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"The table of labels must be a file, but {path.name} is not one. {WAY_OUT}")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TABLE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        raise InputError(f"The table of labels {path} cannot be read: {reason}. {WAY_OUT}") from None
    if len(content) > MAX_TABLE_BYTES:
        raise InputError(f"{path.name} must have at most {MAX_TABLE_BYTES >> 20} MB to be a table of labels. {WAY_OUT}")
    return content


def label_rows(content: bytes, name: str, images: Iterable[str]) -> list[LabelRow]:
    """Return the rows of a table; see `label_table`."""
    return label_table(content, name, images).rows


def label_table(content: bytes, name: str, images: Iterable[str], *, label_needed: bool = True) -> LabelTable:
    """Return file name and label of each row of a table, and its other columns.

    `images` help to tell which column has the file names. Unless `label_needed`, a table of other columns is accepted.

    A CSV has its column names in the first line, with commas, semicolons, tabs or vertical bars between them; a table
    of two columns whose first line is already a file and its label needs no names. JSON is one object per line
    (`.jsonl`), a list of objects, or one object whose keys are the files. Text is UTF-8, or UTF-16 with a byte order
    mark. Blank rows are ignored, and so are spaces around a value. `find_columns` describes the columns.

    Raises
    ------
    InputError
        If the content is not such a table.
    """
    text = _decoded(content, name)
    if text.lstrip()[:1] in ("{", "["):
        header, rows = _json_rows(text, name)
        columns = find_columns(header, rows, name, images, label_needed=label_needed)
    else:
        header, rows, columns = _csv_rows(text, name, list(images), label_needed=label_needed)
    has_labels = columns.label >= 0
    others = [place for place in range(len(header)) if place not in (columns.file, columns.label)]
    found = [
        LabelRow(
            line,
            cells[columns.file],
            cells[columns.label] if has_labels else "",
            tuple("" if cells[place] == NESTED else cells[place] for place in others),
        )
        for line, cells in rows
        if any(cells)
    ]
    nested = [row.line for row in found if NESTED in (row.file, row.label)]
    if nested:
        raise InputError(
            f"{name} must have text or a number as the file and as the label, but line {nested[0]} has a list or an "
            f"object. {WAY_OUT}"
        )
    return LabelTable(found, () if columns.headless else tuple(header[place] for place in others), has_labels)


def _decoded(content: bytes, name: str) -> str:
    encoding = next((encoding for bom, encoding in BOMS if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(
            f"{name} must be text in UTF-8, or in UTF-16 with a byte order mark, but is not. Save it as CSV UTF-8."
        ) from None
    if "\0" in text:
        raise InputError(f"{name} must be text to be a table of labels, but has zero bytes. {WAY_OUT}")
    return text


def _csv_rows(
    text: str, name: str, images: list[str], *, label_needed: bool
) -> tuple[list[str], list[Row], LabelColumns]:
    """Return the column names, the rows and the columns of a CSV, with the first separator that gives both columns."""
    first, _, rest = text.partition("\n")
    skipped = 0
    if normal_name(first).startswith("sep=") and len(first.strip()) == 5:  # Excel writes such a line
        text, skipped = rest, 1
    problem: InputError | None = None
    for delimiter in sorted(DELIMITERS, key=lambda mark: -text.split("\n", 1)[0].count(mark)):
        rows = _split(text, delimiter, name, skipped)
        if not rows:
            break
        header = rows[0].cells
        try:
            columns = find_columns(header, rows[1:], name, images, label_needed=label_needed)
        except InputError as error:
            problem = problem or error
            continue
        rows = rows if columns.headless else rows[1:]
        _check_widths(rows, len(header), name)
        return header, rows, columns
    raise problem or InputError(f"{name} has no rows. {WAY_OUT}")


def _split(text: str, delimiter: str, name: str, skipped: int) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1 + skipped
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1 + skipped
    except csv.Error:
        raise InputError(f"{name} cannot be read as a table at line {line}. {WAY_OUT}") from None
    return rows


def _check_widths(rows: list[Row], width: int, name: str) -> None:
    """Fill rows that are too short with empty cells; raise `InputError` if one has too many values."""
    for row in rows:
        if any(row.cells[width:]):
            raise InputError(
                f"{name} must have {width} values in every row, as in its first line, but line {row.line} has "
                f"{len(row.cells)}. Put quotation marks around a value that contains the separator."
            )
        row.cells.extend([""] * (width - len(row.cells)))


def _json_rows(text: str, name: str) -> tuple[list[str], list[Row]]:
    """Return the column names and the rows of JSON Lines, of a list of objects, or of an object of files."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict) and not _is_record(whole):
        return ["file", "label"], [Row(1, [file, _json_text(label, name, 1)]) for file, label in whole.items()]
    objects = _json_lines(text, name) if not isinstance(whole, list) else [(1, item) for item in whole]
    for line, item in objects:
        if not isinstance(item, dict):
            raise InputError(f"{name} must have one JSON object per row, but line {line} has something else. {WAY_OUT}")
    header = list(dict.fromkeys(key for _, item in objects for key in item))
    width = {key: place for place, key in enumerate(header)}
    rows = []
    for line, item in objects:
        cells = [""] * len(header)
        for key, value in item.items():
            cells[width[key]] = _json_text(value, name, line)
        rows.append(Row(line, cells))
    return header, rows


def _is_record(item: dict[str, Any]) -> bool:
    """Return whether a single JSON object is a row with the file and the label, not a table of files."""
    return any(normal_name(key) in ("file", "filename", "path", "image") for key in item)


def _json_lines(text: str, name: str) -> list[tuple[int, Any]]:
    objects = []
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            try:
                objects.append((line, json.loads(content)))
            except (ValueError, RecursionError):
                raise InputError(f"{name} must be JSON, but line {line} is not. {WAY_OUT}") from None
    return objects


def _json_text(value: Any, name: str, line: int) -> str:
    if isinstance(value, (list, dict)):
        return NESTED
    if isinstance(value, float) and not value.is_integer():
        return "" if math.isnan(value) else repr(value)  # a number in another column, or a name such as 1.5
    return label_texts([value], f"{name}, line {line}")[0].strip()
