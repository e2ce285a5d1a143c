"""Text files of an export that other programs read safely: lists of ids, JSON Lines and CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from adq_core.data import ImageDataset
from adq_core.records import Ints

if TYPE_CHECKING:
    import pandas as pd

# Backslashes, characters at which a reader may end a line, other control characters, and marks of text direction.
ESCAPED = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\\\\]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # spreadsheets run a cell that begins with one of these


def escaped(text: str) -> str:
    """Return a text in one line: a backslash and each control character are written as JSON escapes (`\\\\`, `\\n`).

    Most texts have neither and stay as they are. In Python, `json.loads` of the line gives the text back, with
    quotation marks around the line and a backslash before each `"` in it; `selected.jsonl` has the same ids.
    """
    return ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], text)


def unescaped(line: str) -> str:
    """Return the text of which `escaped` returned this line."""
    return str(json.loads('"' + line.replace('"', '\\"') + '"')) if "\\" in line else line


def lines(texts: Iterable[str]) -> bytes:
    """Return one escaped text per line, in UTF-8."""
    return "".join(f"{escaped(text)}\n" for text in texts).encode("utf-8", "surrogatepass")


def json_lines(dataset: ImageDataset, rows: Ints) -> bytes:
    """Return one JSON object per row, each in one line: id, index, label (the name of the class) and file.

    `file` is the path of the image below the folder of the data set; null if the images are not files.
    """
    return "".join(
        json.dumps(
            {
                "id": dataset.ids[row],
                "index": int(dataset.indices[row]),
                "label": dataset.class_names[dataset.labels[row]],
                "file": None if dataset.paths is None else dataset.paths[row],
            }
        )
        + "\n"
        for row in rows.tolist()
    ).encode()


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV; texts that a spreadsheet would run as a formula are made harmless (see `safe_cell`)."""
    from pandas.api.types import is_numeric_dtype

    safe = frame.rename(columns=safe_cell)
    for name in [name for name in safe if not is_numeric_dtype(safe[name])]:
        safe[name] = safe[name].map(safe_cell)
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8", "surrogatepass")


def safe_cell(value: object) -> object:
    """Return a cell of a CSV: a text that begins with = + - @, a tab or a line end gets an apostrophe before it.

    A text that begins with apostrophes before such a character gets one more, so taking one apostrophe from the front
    of `'=`, `''=` and so on gives the value back. Numbers stay as they are.
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip("'").startswith(FORMULA) else value
