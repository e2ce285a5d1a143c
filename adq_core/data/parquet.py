"""Tables in Parquet files, read a few rows at a time with limits on what comes out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from adq_core.errors import InputError, foreign_reason

from .bounded import TooLargeError, check_expansion, check_row_count
from .columns import Field
from .parquet_pages import unpacked_page_bytes

BATCH_BYTES = 2**26  # of one column chunk that may come out of a batch
BATCH_ROWS = 4096
MAX_COLUMNS = 65_536
MAX_THRIFT_BYTES = 2**27  # of the description of a file, in memory


class ParquetTable:
    """A Parquet file.

    Raises
    ------
    InputError
        If it is damaged, has too many columns or two of one name, or unpacks to far more bytes than it has.
    """

    has_header = True

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = path
        self.packed = path.stat().st_size
        try:
            with pq.ParquetFile(
                path, thrift_string_size_limit=MAX_THRIFT_BYTES, thrift_container_size_limit=MAX_THRIFT_BYTES
            ) as file:
                self._metadata, self.schema = file.metadata, file.schema_arrow
            names = list(self.schema.names)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise InputError(
                f"{path.name} could not be read as a table: {foreign_reason(error)}. Save it again."
            ) from None
        if len(names) > MAX_COLUMNS:
            raise InputError(f"{path.name} must have at most {MAX_COLUMNS:,} columns, got {len(names):,}.")
        repeated = (
            next((name for number, name in enumerate(names) if name in names[:number]), None)
            if len(set(names)) < len(names)
            else None
        )
        if repeated is not None:
            raise InputError(
                f"{path.name} must have different column names, but {repeated!r:.60} occurs twice. Rename one."
            )
        self.n_rows: int = self._metadata.num_rows
        try:
            check_row_count(self.n_rows)
        except TooLargeError as error:
            raise InputError(f"{path.name} cannot be opened: it {error}.") from None
        self.fields = [Field(field.name, _kind(field.type)) for field in self.schema]

    def check_size(self, names: Sequence[str]) -> None:
        """Raise `InputError` if these columns unpack to too many bytes.

        That is the larger of what the description of the file states and what the headers of its pages state.
        """
        wanted, stated, unpacked = set(names), 0, 0
        with self.path.open("rb") as file:
            for group in range(self._metadata.num_row_groups):
                columns = self._metadata.row_group(group)
                for number in range(columns.num_columns):
                    column = columns.column(number)
                    if self._top(column) not in wanted:
                        continue
                    stated += max(column.total_uncompressed_size, 0)
                    stated += max(column.num_values, 0) * WIDTHS.get(column.physical_type, 0)
                    self.check(stated)
                    unpacked += self._page_bytes(file, column)
                    self.check(unpacked)

    def _page_bytes(self, file: IO[bytes], column: Any) -> int:
        if column.num_values <= 0:  # nothing is read
            return 0
        start = column.data_page_offset
        if column.dictionary_page_offset is not None and column.dictionary_page_offset > 0:
            start = min(start, column.dictionary_page_offset)
        try:
            if start < 0:
                raise ValueError("its pages are not in the file")
            return unpacked_page_bytes(file, start, column.total_compressed_size)
        except (ValueError, OSError, OverflowError) as error:
            raise InputError(f"{self.path.name} could not be read as a table: {error}. Save it again.") from None

    def _top(self, column: Any) -> str:
        """Return the name of the column of the table to which a column of values belongs."""
        try:
            return str(column.path_in_schema).split(".")[0]
        except UnicodeDecodeError:
            raise InputError(f"{self.path.name} must have column names in UTF-8, but some are not.") from None

    def check(self, unpacked: int) -> None:
        """Raise `InputError` if so many bytes may not come out of this file."""
        try:
            check_expansion(unpacked, self.packed)
        except TooLargeError as error:
            raise InputError(f"{self.path.name} cannot be opened: it {error}.") from None

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield record batches of pyarrow with these columns; texts and bytes are in dictionaries.

        Raises
        ------
        InputError
            If the file is damaged.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.check_size(names)
        texts = [name for name in names if _is_text(self.schema.field(name).type)]
        try:
            with pq.ParquetFile(self.path, read_dictionary=texts, pre_buffer=False) as file:
                for group in range(self._metadata.num_row_groups):
                    rows = self._batch_rows(group, names)
                    yield from file.iter_batches(rows, row_groups=[group], columns=list(names), use_threads=False)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{self.path.name} could not be read as a table: {foreign_reason(error)}. Save it again."
            ) from None

    def _batch_rows(self, group: int, names: Sequence[str]) -> int:
        """Return the number of rows per batch: few where a value can be large, as each row may repeat the largest."""
        columns, wanted, largest = self._metadata.row_group(group), set(names), 1
        for number in range(columns.num_columns):
            column = columns.column(number)
            if self._top(column) in wanted and column.physical_type not in WIDTHS:
                largest = max(largest, column.total_uncompressed_size)
            elif column.path_in_schema in wanted:
                largest = max(largest, 8 * len(wanted))
            elif self._top(column) in wanted:  # of lists
                largest = max(largest, 8 * column.num_values // max(columns.num_rows, 1))
        return max(1, min(BATCH_ROWS, BATCH_BYTES // largest))

    def class_names(self, name: str) -> list[str] | None:
        """Return the class names that the library `datasets` has stored for a column of class numbers, or None."""
        try:
            features = json.loads((self.schema.metadata or {})[b"huggingface"])["info"]["features"]
            names = features[name]["names"]
        except (KeyError, TypeError, ValueError, RecursionError):
            return None
        return names if isinstance(names, list) and all(isinstance(each, str) for each in names) and names else None

    def image_column(self) -> str | None:
        """Return the name of the first column of image files, `{bytes, path}` or plain bytes; None if there is none."""
        import pyarrow as pa

        for field in self.schema:
            kind = field.type
            if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
                if _is_bytes(kind.field("bytes").type):
                    return str(field.name)
            elif _is_bytes(kind) and field.name.lower() in IMAGE_NAMES:
                return str(field.name)
        return None


IMAGE_NAMES = ("image", "images", "img", "jpg", "jpeg", "png", "image_bytes", "bytes")  # of a column of plain bytes
WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}  # bytes of a value in memory


def _kind(kind: Any) -> str:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return _kind(kind.value_type)
    if types.is_floating(kind) or types.is_integer(kind):
        return "number"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_boolean(kind) or _is_string_view(kind):
        return "text"
    if is_list(kind):
        return "list"
    if _is_bytes(kind):
        return "bytes"
    return "other"


def _is_string_view(kind: Any) -> bool:
    return str(kind) == "string_view"


def is_list(kind: Any) -> bool:
    """Return whether a type of pyarrow is a list of values, not of pairs."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_bytes(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or _is_bytes(kind))
