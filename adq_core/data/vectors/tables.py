"""Vectors, ids and labels from a table: a `.csv`, `.tsv` or `.parquet` file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.data.bounded import TooLargeError, check_row_count
from adq_core.data.labels.classes import label_texts
from adq_core.data.own_columns import MAX_COLUMNS
from adq_core.data.tables.columns import Choice, Field, Statistics, choose, chosen, id_column, label_column, span
from adq_core.data.tables.delimited import DelimitedFile, parsed_list
from adq_core.data.tables.parquet import ParquetTable
from adq_core.errors import InputError

LISTS = ("vector", "vectors", "embedding", "embeddings", "features", "feature", "emb")  # names of a column of lists
MAX_TEXT_BYTES = 2**16  # of one id, label or class name
MAX_TEXTS_BYTES = 2**28  # of all ids or all labels


class Table(NamedTuple):
    """The contents of a file of vectors, in the order of the file."""

    vectors: NDArray[Any]  # (M, d) numbers of any type
    ids: list[str] | None = None
    labels: NDArray[Any] | list[str] | None = None
    class_names: tuple[str, ...] | None = None
    note: str = ""  # which columns of a table were taken, as a sentence for the user
    other_names: tuple[str, ...] = ()  # further columns of numbers and texts; `read_others` reads them


def open_table(path: Path) -> DelimitedFile | ParquetTable:
    """Return the table in a file. Raises `InputError` if it cannot be read."""
    return ParquetTable(path) if path.suffix.lower() == ".parquet" else DelimitedFile(path)


class ExpectedRows(NamedTuple):
    """The numbers of rows that a file of vectors without ids can have, and the order that its rows must have."""

    n_images: int
    n_indices: int  # with the files or rows that cannot be read
    order: str  # end of a sentence


def read_columns(path: Path, expected: ExpectedRows | None, vector_columns: str | None) -> Table:
    """Return the contents of a table; `columns.py` describes which columns are what.

    A table without ids must have as many rows as `expected` says, if that is given. `vector_columns` names the columns
    of the vectors; by default they are found.

    Raises
    ------
    InputError
        If the file has no vectors, or a column is damaged.
    SettingsError
        If `vector_columns` fits no column.
    """
    table = open_table(path)
    fields = table.fields if table.has_header else [Field(name, kind) for name, kind in table.fields]
    id_name, label_name = (id_column(fields), label_column(fields)) if table.has_header else (None, None)
    possible = [field.name for field in fields if field.kind in ("number", "list")]
    given = None if vector_columns is None else chosen(vector_columns, possible, path.name)
    id_name, label_name = (None if given and name in given else name for name in (id_name, label_name))
    lists = [name for name, kind in fields if kind == "list" and (given is None or name in given)]
    reader = _Reader(path, table, id_name, label_name)
    if table.n_rows is not None and id_name is None:
        check_rows(path, table.n_rows, expected)
    if lists and (given is None or not [name for name in given if name not in lists]):
        choice, vectors = _lists(path, reader, lists, fields, given)
    else:
        numbers = list(given or [name for name in possible if name not in (*lists, id_name, label_name)])
        if given and lists:
            raise InputError(
                f"{path.name}: vector_columns must be one column of lists, or columns of numbers, not both."
            )
        choice, vectors = _numbers(path, reader, numbers, given, table.has_header)
    if id_name is None:
        check_rows(path, len(vectors), expected)
    labels, class_names = _labels(table, reader, label_name)
    others = [
        *choice.left_out,
        *(
            (name, "not numbers")
            for name, kind in fields
            if kind in ("text", "bytes", "other") and name not in (id_name, label_name)
        ),
    ]
    if label_name is not None and labels is None:
        others.append((label_name, "numbers with decimals are no classes"))
    note = Choice(choice.names, tuple(others)).sentence()
    taken = {*choice.names, id_name, None if labels is None else label_name}
    names = [name for name, kind in fields if kind in ("number", "text") and name not in taken]
    names = [name for name in names if table.has_header and not name.startswith("__index_level")]
    return Table(vectors, reader.ids, labels, class_names, note if table.has_header else "", tuple(names[:MAX_COLUMNS]))


def read_others(path: Path, names: Sequence[str]) -> list[tuple[str, list[Any]]]:
    """Return the values of further columns of a table, in the order of the file."""
    columns: list[tuple[str, list[Any]]] = [(name, []) for name in names]
    if columns:
        for batch in open_table(path).batches(list(names)):
            for number, (_, values) in enumerate(columns):
                values += batch.column(number).to_pylist()
    return columns


class _Reader:
    """Reads a table once: `columns` yields arrays of the wanted columns, and ids and labels are kept."""

    def __init__(
        self, path: Path, table: DelimitedFile | ParquetTable, id_name: str | None, label_name: str | None
    ) -> None:
        self.path, self.table, self.id_name, self.label_name = path, table, id_name, label_name
        self.label_is_number = label_name is not None and dict(table.fields)[label_name] == "number"
        self.ids: list[str] | None = None if id_name is None else []
        self.labels: list[Any] | None = None if label_name is None else []
        self._bytes = 0
        self._texts: dict[str, str] = {}  # equal texts are one object
        if isinstance(table, DelimitedFile):  # ids and labels are texts, so that 007 stays 007
            table.fields = [
                Field(name, "text") if name in (id_name, label_name) else Field(name, kind)
                for name, kind in table.fields
            ]

    def batches(self, names: Sequence[str]) -> Any:
        extra = [name for name in (self.id_name, self.label_name) if name is not None]
        rows = 0
        for batch in self.table.batches([*names, *extra]):
            rows += len(batch)
            try:
                check_row_count(rows)
            except TooLargeError as error:
                raise InputError(f"{self.path.name} cannot be opened: it {error}.") from None
            if self.ids is not None:
                self.ids += label_texts(self._values(batch, self.id_name), self.path.name)
            if self.labels is not None:
                self.labels += self._values(batch, self.label_name)
            yield batch

    def _values(self, batch: Any, name: str | None) -> list[Any]:
        """Return the values of a column of ids or labels. Raises `InputError` if one is missing or too long."""
        import pyarrow as pa

        column = batch.column(batch.schema.get_field_index(name))
        texts = column.dictionary if pa.types.is_dictionary(column.type) else column
        self._check_texts(texts, name, len(column))
        values = [
            self._texts.setdefault(value, value) if isinstance(value, str) else value for value in texts.to_pylist()
        ]
        if texts is not column:
            values = [None if place is None else values[place] for place in column.indices.to_pylist()]
        if any(value is None or value == "" or value != value for value in values):
            raise InputError(
                f"{self.path.name} must have a value for every row in its column `{name}`, but some are empty."
            )
        return values

    def _check_texts(self, texts: Any, name: str | None, rows: int) -> None:
        import pyarrow.compute as pc

        if not _is_text(texts.type) or not len(texts):
            return
        longest = pc.max(pc.binary_length(texts)).as_py() or 0
        self._bytes += longest * rows
        if longest > MAX_TEXT_BYTES or self._bytes > MAX_TEXTS_BYTES:
            raise InputError(
                f"{self.path.name} must have short texts in its column `{name}`, at most {MAX_TEXT_BYTES:,} bytes each "
                f"and {MAX_TEXTS_BYTES // 2**20} MB together."
            )


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


def _numbers(
    path: Path, reader: _Reader, names: Sequence[str], given: Sequence[str] | None, has_header: bool
) -> tuple[Choice, NDArray[np.float32]]:
    """Return which columns of numbers are the vectors, and these as (M, d) float32."""
    if not names:
        raise InputError(
            f"{path.name} must have columns of numbers or one column of lists of numbers; none of its "
            f"{len(reader.table.fields):,} columns is one."
        )
    statistics, parts = Statistics(), []
    for batch in reader.batches(names):
        columns = [batch.column(place).to_numpy(zero_copy_only=False) for place in range(len(names))]
        # Values too large for float32 become infinite, and damaged ones are not numbers; callers check for both.
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.stack([np.asarray(column, np.float64) for column in columns], axis=1)
            parts.append(values.astype(np.float32))
        statistics.add(values)
    if not parts or not statistics.rows:
        raise InputError(f"{path.name} must have at least one row, got only the names of columns.")
    choice = Choice(tuple(names)) if given is not None or not has_header else choose(names, statistics)
    if not choice.names:
        raise InputError(
            f"{path.name} must have columns of numbers beside {span([name for name, _ in choice.left_out])}, which are "
            "left out by their names. The setting vector_columns takes them nevertheless."
        )
    places = [names.index(name) for name in choice.names]
    if len(places) < len(names):
        parts = [part[:, places] for part in parts]
    return choice, np.concatenate(parts)


def _lists(
    path: Path, reader: _Reader, lists: Sequence[str], fields: Sequence[Field], given: Sequence[str] | None
) -> tuple[Choice, NDArray[np.float32]]:
    """Return one column of lists of numbers as (M, d) float32."""
    name = next((each for each in LISTS if each in lists), None) if len(lists) > 1 else lists[0]
    if name is None:
        raise InputError(
            f"{path.name} must have one column of lists, got {span(lists)}. The setting vector_columns chooses one."
        )
    left_out = [
        (field.name, "beside the column of lists")
        for field in fields
        if field.kind in ("number", "list") and field.name not in (name, reader.id_name, reader.label_name)
    ]
    parts, lengths, n_bytes = [], set[int](), 0
    for batch in reader.batches([name]):
        values, sizes = _list_values(path, batch.column(0))
        lengths |= sizes
        if len(lengths) > 1 or -1 in lengths:
            listed = ", ".join(map(str, sorted(lengths)[:5])).replace("-1", "none")
            raise InputError(f"{path.name} must have vectors of one length, got {listed}.")
        if lengths == {0}:
            raise InputError(f"{path.name} must have vectors of at least one number, but its lists are empty.")
        n_bytes += values.nbytes
        if isinstance(reader.table, ParquetTable):
            reader.table.check(n_bytes)
        parts.append(values)
    if not parts:
        raise InputError(f"{path.name} must have at least one row, got only the names of columns.")
    return Choice((name,), () if given is not None else tuple(left_out)), np.concatenate(parts)


def _list_values(path: Path, column: Any) -> tuple[NDArray[np.float32], set[int]]:
    """Return a column of lists as (n, d) float32 and the lengths of the lists; -1 for a missing one."""
    import pyarrow as pa

    if pa.types.is_string(column.type):
        rows = [
            np.zeros(0, np.float32) if text is None else parsed_list(text, path.name) for text in column.to_pylist()
        ]
        sizes = {len(row) for row in rows}
        return (np.stack(rows) if len(sizes) == 1 else np.zeros((0, 0), np.float32)), sizes
    kind = column.type.value_type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        raise InputError(f"{path.name} must hold numbers, got lists of {kind}.")
    sizes = set(np.unique(column.value_lengths().fill_null(-1).to_numpy(zero_copy_only=False)).tolist())
    if len(sizes) > 1 or -1 in sizes:
        return np.zeros((0, 0), np.float32), sizes
    with np.errstate(over="ignore"):
        flat = np.asarray(column.flatten().to_numpy(zero_copy_only=False)).astype(np.float32)
    return flat.reshape(len(column), *sizes), sizes


def _labels(
    table: DelimitedFile | ParquetTable, reader: _Reader, name: str | None
) -> tuple[list[str] | None, tuple[str, ...] | None]:
    """Return one label per row, and the class names if the labels are numbers of these."""
    if reader.labels is None or name is None:
        return None, None
    if reader.label_is_number and any(not float(value).is_integer() for value in set(reader.labels)):
        return None, None
    names = table.class_names(name) if isinstance(table, ParquetTable) else None
    return label_texts(np.array(reader.labels, dtype=object), reader.path.name), None if names is None else tuple(names)


def check_rows(path: Path, rows: int, expected: ExpectedRows | None) -> None:
    """Raise `InputError` unless a file without ids has one row for each image, or for each file with an index."""
    if expected is not None and rows not in expected[:2]:
        unreadable = expected.n_indices - expected.n_images
        others = f" (or {expected.n_indices}, with the {unreadable} that cannot be read)" if unreadable else ""
        raise InputError(
            f"{path.name} must have one row for each of the {expected.n_images} images{others}, {expected.order}, got "
            f"{rows}. Use a table with a column `id` if it belongs to more images or another order."
        )
