"""Sizes of the pages of a Parquet file, from their own headers: the description at its end may state others.

A page is decompressed at once, so its size is the memory that it takes. Headers are structures of Thrift's compact
protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md); of `PageHeader` in
parquet.thrift, the second and third field are the sizes after and before decompression.
"""

from __future__ import annotations

from typing import IO

HEADER_BYTES = 512  # that are read first; statistics can make a header longer
MAX_HEADER_BYTES = 2**20
MAX_DEPTH = 8
STOP, TRUE, FALSE, BYTE, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 12


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
        reader = _Compact(data)
        try:
            fields = reader.struct()
        except IndexError:
            if len(data) < size or size >= MAX_HEADER_BYTES:
                raise ValueError("the header of a page is damaged") from None
            size *= 16
            continue
        unpacked, length = fields.get(2, -1), fields.get(3, -1)
        if unpacked < 0 or length < 0:
            raise ValueError("the header of a page is damaged")
        return reader.place, unpacked, length


class _Compact:
    """Reads a structure of the compact protocol; raises `IndexError` at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def struct(self, depth: int = 0) -> dict[int, int]:
        """Return the whole numbers of a structure by field number; all other values are skipped."""
        if depth > MAX_DEPTH:
            raise ValueError("the header of a page is damaged")
        fields: dict[int, int] = {}
        number = 0
        while True:
            head = self._byte()
            kind, step = head & 15, head >> 4
            if kind == STOP:
                if self.place > len(self.data):  # a text reached over the end
                    raise IndexError
                return fields
            number = number + step if step else self._zigzag()
            if kind in (4, 5, I64):
                fields[number] = self._zigzag()
            elif kind not in (TRUE, FALSE):  # whose value is the kind
                self._skip(kind, depth)

    def _skip(self, kind: int, depth: int) -> None:
        if kind in (TRUE, FALSE, BYTE):  # in a list
            self._byte()
        elif kind in (4, 5, I64):
            self._varint()
        elif kind == DOUBLE:
            self.place += 8
        elif kind == BINARY:
            length = self._varint()  # moves the place, so it must be read before the sum
            self.place += length
        elif kind in (LIST, SET):
            head = self._byte()
            for _ in range(head >> 4 if head >> 4 < 15 else self._varint()):
                self._skip(head & 15, depth + 1)
                if self.place > len(self.data):
                    raise IndexError
        elif kind == STRUCT:
            self.struct(depth + 1)
        else:
            raise ValueError("the header of a page is damaged")

    def _byte(self) -> int:
        value = self.data[self.place]
        self.place += 1
        return value

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("the header of a page is damaged")

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
