"""Tables in Parquet files, read a few rows at a time with limits on what comes out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from adq_core.data.bounded import TooLargeError, check_expansion, check_row_count
from adq_core.errors import InputError, foreign_reason

from .columns import Field
from .parquet_footer import ColumnChunk, read_footer
from .parquet_pages import unpacked_page_bytes
from .thrift_compact import DAMAGED

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
                metadata, self.schema = file.metadata, file.schema_arrow
            names = list(self.schema.names)
            self._groups = read_footer(path)
            self._group_rows = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
            if len(self._groups) != len(self._group_rows):
                raise ValueError(DAMAGED)
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
        self.n_rows: int = metadata.num_rows
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
            for group in self._groups:
                for column in group:
                    if column.path[0] not in wanted:
                        continue
                    stated += max(column.unpacked, 0)
                    stated += max(column.num_values, 0) * WIDTHS.get(column.physical_type, 0)
                    self.check(stated)
                    unpacked += self._page_bytes(file, column)
                    self.check(unpacked)

    def _page_bytes(self, file: IO[bytes], column: ColumnChunk) -> int:
        if column.num_values <= 0:  # nothing is read
            return 0
        try:
            if column.start < 0:
                raise ValueError("its pages are not in the file")
            return unpacked_page_bytes(file, column.start, column.packed)
        except (ValueError, OSError, OverflowError) as error:
            raise InputError(f"{self.path.name} could not be read as a table: {error}. Save it again.") from None

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
                for group in range(len(self._groups)):
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
        wanted, largest = set(names), 1
        n_rows = self._group_rows[group]
        for column in self._groups[group]:
            if column.path[0] not in wanted:
                continue
            if column.physical_type not in WIDTHS:
                largest = max(largest, column.unpacked)
            elif len(column.path) == 1:
                largest = max(largest, 8 * len(wanted))
            else:  # of lists
                largest = max(largest, 8 * column.num_values // max(n_rows, 1))
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
