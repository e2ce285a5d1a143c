"""The columns of a Parquet file as its footer describes them.

pyarrow's `RowGroupMetaData.column` ends the whole process (`std::terminate`) for some damaged descriptions, because an
error of C++ reaches a function that may not raise. So the footer is read here: field numbers are those of
parquet.thrift (https://github.com/apache/parquet-format).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from .thrift_compact import DAMAGED, CompactReader

MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 2**25  # 32 MB; reading it takes about 20 seconds
TYPES = ("BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")


class ColumnChunk(NamedTuple):
    """One column of one row group."""

    path: tuple[str, ...]  # names from the column of the table down to the values
    physical_type: str
    num_values: int
    unpacked: int  # bytes, as stated
    packed: int  # bytes
    start: int  # of its first page


def read_footer(path: Path) -> list[list[ColumnChunk]]:
    """Return the column chunks of each row group.

    Raises
    ------
    ValueError
        If the footer is damaged, too long or encrypted.
    """
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 8))
        end = file.read(8)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != MAGIC or length > size - 8:
            raise ValueError(DAMAGED)
        if length > MAX_FOOTER_BYTES:
            raise ValueError(f"its description has more than {MAX_FOOTER_BYTES / 2**20:.0f} MB")
        file.seek(size - 8 - length)
        data = file.read(length)
    try:
        groups = CompactReader(data).struct().get(4, [])
        return [[_chunk(column) for column in group.get(1, [])] for group in groups]
    except (IndexError, AttributeError, TypeError, KeyError, UnicodeDecodeError):
        raise ValueError(DAMAGED) from None


def _chunk(column: dict[int, Any]) -> ColumnChunk:
    if 8 in column or 9 in column:
        raise ValueError("a column of it is encrypted")
    values = column[3]
    dictionary = values.get(11)
    start = values[9] if not dictionary or dictionary < 0 else min(values[9], dictionary)
    numbers = (values[5], values[6], values[7], start)
    if not all(type(number) is int for number in numbers) or not 0 <= values[1] < len(TYPES):
        raise ValueError(DAMAGED)
    return ColumnChunk(tuple(part.decode("utf-8") for part in values[3]), TYPES[values[1]], *numbers)
