"""Structures of Thrift's compact protocol, in which Parquet files describe themselves.

Specification: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 16
DAMAGED = "its description is damaged"
STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, STRUCT = (*range(11), 12)


class CompactReader:
    """Reads values from bytes, from `place` on.

    Raises `ValueError` for damaged bytes and `IndexError` where they end too early.
    """

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Return the values of a structure by field number: numbers, bytes, lists and structures."""
        if depth > MAX_DEPTH:
            raise ValueError(DAMAGED)
        fields: dict[int, Any] = {}
        number = 0
        while True:
            head = self._byte()
            kind, step = head & 15, head >> 4
            if kind == STOP:
                return fields
            number = number + step if step else self._zigzag()
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind, depth)

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (I16, I32, I64):
            return self._zigzag()
        if kind in (TRUE, FALSE, BYTE):  # in a list
            return self._byte()
        if kind == DOUBLE:
            return self._bytes(8)
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind in (LIST, SET):
            head = self._byte()
            length = head >> 4 if head >> 4 < 15 else self._varint()
            if length > len(self.data):
                raise IndexError
            return [self._value(head & 15, depth + 1) for _ in range(length)]
        if kind == STRUCT:
            return self.struct(depth + 1)
        raise ValueError(DAMAGED)

    def _byte(self) -> int:
        value = self.data[self.place]
        self.place += 1
        return value

    def _bytes(self, length: int) -> bytes:
        begin = self.place
        self.place += length
        if self.place > len(self.data):
            raise IndexError
        return self.data[begin : self.place]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError(DAMAGED)

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
