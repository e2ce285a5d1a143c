"""Sizes of the pages of a Parquet file, from their own headers: the description at its end may state others.

A page is decompressed at once, so its size is the memory that it takes. Of `PageHeader` in parquet.thrift, the second
and third field are the sizes after and before decompression.
"""

from __future__ import annotations

from typing import IO

from .thrift_compact import CompactReader

HEADER_BYTES = 512  # that are read first; statistics can make a header longer
MAX_HEADER_BYTES = 2**20
DAMAGED = "the header of a page is damaged"


def unpacked_page_bytes(file: IO[bytes], start: int, packed: int) -> int:
    """Return the number of bytes that the pages in `packed` bytes from `start` have after decompression.

    Raises
    ------
    ValueError
        If a header is damaged.
    """
    total, place = 0, start
    while place < start + packed:
        header, unpacked, length = _page_header(file, place)
        total += unpacked
        place += header + length
    return total


def _page_header(file: IO[bytes], place: int) -> tuple[int, int, int]:
    """Return the length of the header, and the sizes of the page after and before decompression."""
    size = HEADER_BYTES
    while True:
        file.seek(place)
        data = file.read(size)
        reader = CompactReader(data)
        try:
            fields = reader.struct()
        except ValueError:
            raise ValueError(DAMAGED) from None
        except IndexError:
            if len(data) < size or size >= MAX_HEADER_BYTES:
                raise ValueError(DAMAGED) from None
            size *= 16
            continue
        unpacked, length = fields.get(2, -1), fields.get(3, -1)
        if not (type(unpacked) is int and type(length) is int and unpacked >= 0 and length >= 0):
            raise ValueError(DAMAGED)
        return reader.place, unpacked, length
