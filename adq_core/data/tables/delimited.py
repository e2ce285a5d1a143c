"""Tables in text files, `.csv` and `.tsv`: separator, encoding and decimal sign are found from the first rows.

No error quotes the content of a file except column names: a link can name any file of the server.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from adq_core.errors import InputError

from .columns import Field

HEAD_BYTES = 2**22  # from which the form of the table is found
SAMPLE_ROWS = 1000
BLOCK_BYTES = 2**24  # one row must fit into a block
MAX_COLUMNS = 65_536
NO_NUMBER = ("", "nan", "na", "n/a", "null", "none")
LIST = re.compile(r"\s*\[[-+0-9eE.,\snaif]*\]\s*")


class DelimitedFile:
    """A `.csv` or `.tsv` file, read in blocks.

    Raises
    ------
    InputError
        If it is empty, in another encoding than UTF-8 and UTF-16, or has no or repeated column names.
    """

    n_rows: int | None = None  # not known before all rows are read

    def __init__(self, path: Path, *, names_needed: bool = True) -> None:
        self.path = path
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES + 1)
        self._encoding = _encoding(head)
        text = self._decoded(head)
        self._delimiter, rows, self._header_lines = _rows(text, path.suffix.lower(), whole=len(head) <= HEAD_BYTES)
        if not rows and text.strip():
            raise InputError(
                f"{path.name} must have short values, but one in its first rows has over 100,000 characters."
            )
        if not rows:
            raise InputError(f"{path.name} is empty. Give a table with one row per image.")
        if len(rows) == 1 and len(head) > HEAD_BYTES:
            raise InputError(
                f"{path.name} must have rows of at most {HEAD_BYTES // 2**21} MB, but its first is longer."
            )
        if len(rows[0]) > MAX_COLUMNS:
            raise InputError(f"{path.name} must have at most {MAX_COLUMNS:,} columns, got {len(rows[0]):,} or more.")
        one = not names_needed and len(rows[0]) == 1  # a projector's metadata of one column has no name
        self.has_header = not one and are_column_names(rows[0])
        if self.has_header:
            self._names = [name.strip() or f"unnamed {place}" for place, name in enumerate(rows.pop(0))]
        elif one or path.suffix.lower() == ".tsv" or any(not cell.strip().lstrip("+-").isdigit() for cell in rows[0]):
            self._names, self._header_lines = [f"column {number}" for number in range(len(rows[0]))], 0
        else:  # whole numbers could be names
            raise InputError(
                f"{path.name} must name its columns in the first line, but that has numbers only. Add one."
            )
        self._check_names()
        self._decimal = "," if self._delimiter != "," and _decimal_commas(rows) else "."
        self.fields = [
            Field(name, _kind([row[place] for row in rows if place < len(row)], self._decimal))
            for place, name in enumerate(self._names)
        ]

    def _decoded(self, head: bytes) -> str:
        try:
            text = head.decode(self._encoding)
        except UnicodeDecodeError as error:
            if len(head) <= HEAD_BYTES or error.start < len(head) - 4:  # not a character that the head cuts in two
                raise self._wrong_encoding() from None
            text = head[: error.start].decode(self._encoding)
        return text.removeprefix("\ufeff")

    def _wrong_encoding(self) -> InputError:
        return InputError(f"{self.path.name} must be text in UTF-8 or UTF-16. Save it again as CSV UTF-8.")

    def _check_names(self) -> None:
        seen: set[str] = set()
        for name in self._names:
            if name in seen:
                raise InputError(
                    f"{self.path.name} must have different column names, but {name!r:.60} occurs twice. Rename one."
                )
            seen.add(name)

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield record batches of pyarrow with these columns: float64, or text.

        Raises
        ------
        InputError
            If a row has too few or too many columns, or a column of numbers has other text.
        """
        import pyarrow as pa
        import pyarrow.csv

        kinds = dict(self.fields)
        wrong: list[Any] = []

        def handle(row: Any) -> str:
            wrong.append(row)
            return "error"

        types = {name: pa.float64() if kinds[name] == "number" else pa.string() for name in names}
        try:
            reader = pyarrow.csv.open_csv(
                self.path,
                pyarrow.csv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK_BYTES,
                    skip_rows=self._header_lines,
                    column_names=self._names,
                    encoding=self._encoding,
                ),
                pyarrow.csv.ParseOptions(
                    delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=handle
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=types,
                    include_columns=list(names),
                    decimal_point=self._decimal,
                    null_values=sorted(
                        {form(text) for text in NO_NUMBER for form in (str, str.upper, str.title)} | {"NaN", "#N/A"}
                    ),
                ),
            )
            yield from reader
        except (pa.ArrowException, UnicodeError) as error:
            raise self._error(str(error), wrong) from None

    def _error(self, text: str, wrong: Sequence[Any]) -> InputError:
        """Return the error for an error of pyarrow, whose text can quote the file."""
        name = self.path.name
        if wrong:
            place = f"row {wrong[0].number}" if wrong[0].number is not None else "a row"
            return InputError(
                f"{name} must have {wrong[0].expected_columns} columns in each row, but {place} has "
                f"{wrong[0].actual_columns}."
            )
        column = re.search(r"column #(\d+)", text)
        if column and "conversion error" in text and "UTF8" not in text:
            return InputError(
                f"{name} must hold numbers in its column {self._names[int(column[1])]!r:.60}, but some are not."
            )
        if "UTF8" in text or "utf" in text or "decode" in text:
            return self._wrong_encoding()
        if "straddl" in text:
            return InputError(f"{name} must have rows of at most {BLOCK_BYTES // 2**20} MB, but one is longer.")
        if "Empty" in text:
            return InputError(f"{name} is empty. Give a table with one row per image.")
        return InputError(f"{name} could not be read as a table with the separator {self._delimiter!r}. Save it again.")


def are_column_names(names: Sequence[str]) -> bool:
    """Return whether these can be column names: not numbers, or 0, 1, 2, ... as pandas writes them."""
    given = [name for name in names if name.strip()]
    if given == [str(number) for number in range(len(given))]:
        return True
    return not all(_is_number(name, ".") or _is_number(name, ",") for name in given)


def _is_number(text: str, decimal: str) -> bool:
    try:
        float(text.replace(",", ".") if decimal == "," else text)
    except ValueError:
        return False
    return "_" not in text


def _encoding(head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in head[:1000]:  # UTF-16 without its mark: one half of the bytes of ASCII is 0
        return "utf-16-le" if head[1:1000:2].count(0) > head[:1000:2].count(0) else "utf-16-be"
    return "utf-8"


def _rows(text: str, suffix: str, *, whole: bool) -> tuple[str, list[list[str]], int]:
    """Return the separator, the first rows, and the number of lines up to the end of the first row.

    The separator is the first of tab, semicolon, comma and bar that divides every row into the same number of columns.
    """
    del suffix
    skipped = 0
    named = re.match(r"sep=(.)\r?\n", text)  # as Excel writes it
    if named:
        text, skipped = text[named.end() :], 1
    best: tuple[str, list[list[str]], int] = (",", [], 0)
    for delimiter in (named[1],) if named else ("\t", ";", ",", "|"):
        try:
            reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
            first = next((row for row in reader if row), [])
            lines = reader.line_num + skipped
            rows = [first] + [row for row in islice(reader, SAMPLE_ROWS) if row] if first else []
        except csv.Error:
            continue
        if not whole and len(rows) > 1 and len(rows) <= SAMPLE_ROWS:
            rows.pop()  # cut off by the end of the head
        if len(rows) and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows):
            return delimiter, rows, lines
        if len(rows) and len(rows[0]) > len(best[1][0] if best[1] else ()):
            best = delimiter, rows, lines
    return best


def _decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip() for row in rows for cell in row]
    return any(re.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?", cell) for cell in cells) and not any(
        re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", cell) for cell in cells
    )


def _kind(cells: Sequence[str], decimal: str) -> str:
    values = [cell for cell in cells if cell.strip().lower() not in NO_NUMBER]
    if not values:
        return "number"
    if all(_is_number(cell, decimal) for cell in values):
        return "number"
    return "list" if all(LIST.fullmatch(cell) for cell in values) else "text"


def parsed_list(text: str, file: str) -> np.ndarray:
    """Return the numbers of a list in a text, "[0.5, 1]". Raises `InputError` if it is none."""
    try:
        return np.array([float(part) for part in text.strip().strip("[]").replace(",", " ").split()], np.float32)
    except ValueError:
        raise InputError(f"{file} must hold lists of numbers in its column of vectors, but some are not.") from None
