"""Compressed data to a stream that never gives more bytes than it may, with little memory at any time.

The decompressors of the standard library return everything that one piece of input contains, unless they are given a
maximum: 100 bytes of bzip2 can be 90 MB. Here every step has a maximum.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any

STEP_BYTES = 2**16  # of input at a time, and the least output of a step
MAX_EXPANSION = 200  # times its packed size, of an array or a table that unpacks to more than FREE_BYTES
FREE_BYTES = 2**28  # 256 MB may be unpacked from a file of any size
MAX_UNPACKED_BYTES = 16 * 2**30  # of one file or archive
MAX_ROWS = 5_000_000  # of an array or a table


class TooLargeError(ValueError):
    """More bytes come out than may. The text is the end of a sentence that begins with the name of the file."""


def check_expansion(unpacked: int, packed: int) -> None:
    """Raise `TooLargeError` if `packed` bytes of a file may not become `unpacked` bytes."""
    if unpacked > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES / 2**30
        raise TooLargeError(f"unpacks to {unpacked / 2**30:,.3g} GB, more than {limit:,.3g} GB")
    if unpacked > FREE_BYTES and unpacked > MAX_EXPANSION * packed:
        raise TooLargeError(
            f"unpacks to {unpacked / 2**20:,.0f} MB, more than {MAX_EXPANSION} times its size; "
            "unpack it, if you trust it"
        )


def check_row_count(rows: int) -> None:
    """Raise `TooLargeError` for more rows than an array or a table may have."""
    if rows > MAX_ROWS:
        raise TooLargeError(f"has {rows:,} rows, more than {MAX_ROWS:,}")


class Inflate:
    """Deflate without a header (`wbits` -15) or with that of gzip (31); several gzip members are joined."""

    def __init__(self, wbits: int = -15) -> None:
        self._wbits = wbits
        self._inner = zlib.decompressobj(wbits)
        self.eof, self.needs_input = False, True

    def step(self, data: bytes, max_bytes: int) -> bytes:
        """Return at most `max_bytes` bytes."""
        result = self._inner.decompress(self._inner.unconsumed_tail + data, max_bytes)
        self.needs_input = not self._inner.unconsumed_tail
        self.eof = self._inner.eof
        return result

    @property
    def unused_data(self) -> bytes:
        """The input after the end."""
        return self._inner.unused_data


class Bounded:
    """A decompressor of `bz2` or `lzma`, which keep their input themselves."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.eof, self.needs_input = False, True

    def step(self, data: bytes, max_bytes: int) -> bytes:
        """Return at most `max_bytes` bytes."""
        result: bytes = self._inner.decompress(data, max_bytes)
        self.eof = self._inner.eof
        self.needs_input = not self.eof and self._inner.needs_input
        return result

    @property
    def unused_data(self) -> bytes:
        """The input after the end."""
        data: bytes = self._inner.unused_data
        return data


class Section(io.RawIOBase):
    """A part of an open file as a stream; nothing else may move the position of the file meanwhile.

    Raises `EOFError` where the file ends before the part does.
    """

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._left = file, size
        file.seek(start)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes, and return their number; 0 at the end."""
        data = self._file.read(min(len(buffer), self._left))
        if not data and self._left and len(buffer):
            raise EOFError("it is cut off")
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class BoundedStream(io.RawIOBase):
    """The decompressed bytes of `source`, which may have several compressed parts after each other.

    `limit(n)` is called with the number of bytes that have come out so far and raises to stop the reading. Memory: one
    step of input, and the bytes that were asked for.
    """

    def __init__(
        self,
        source: Callable[[int], bytes],
        make: Callable[[], Inflate | Bounded],
        limit: Callable[[int], None] = lambda count: None,
        *,
        many: bool = False,
    ) -> None:
        self._source, self._make, self._limit, self._many = source, make, limit, many
        self._inner: Inflate | Bounded = make()
        self._count = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes, and return their number; 0 at the end."""
        wanted = len(buffer)
        while True:
            data, at_end = b"", False
            if self._inner.eof:
                data = self._inner.unused_data or self._source(STEP_BYTES)
                if not self._many or not data.strip(b"\0"):
                    return 0
            elif self._inner.needs_input:
                data = self._source(STEP_BYTES)
                at_end = not data
            try:
                result = self._inner.step(data, wanted)
            except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:  # bz2 raises OSError
                raise ValueError(f"the compressed data are damaged ({error})") from None
            if at_end and not result and not self._inner.eof:
                raise EOFError("the compressed data are cut off")
            if result:
                self._count += len(result)
                self._limit(self._count)
                buffer[: len(result)] = result
                return len(result)


def read_all(stream: IO[bytes] | io.RawIOBase, max_bytes: int) -> bytes:
    """Return all bytes of a stream. Raises `TooLargeError` if there are more than `max_bytes`."""
    whole = io.BytesIO()  # its value is not copied
    while part := stream.read(min(2**20, max_bytes + 1 - whole.tell())):
        whole.write(part)
        if whole.tell() > max_bytes:
            raise TooLargeError(f"unpacks to more than {max_bytes / 2**20:,.3g} MB")
    return whole.getvalue()


def bunzip2() -> Bounded:
    """Return a decompressor of bzip2."""
    return Bounded(bz2.BZ2Decompressor())


def unxz() -> Bounded:
    """Return a decompressor of xz and of the older .lzma; it may use 128 MB at most."""
    return Bounded(lzma.LZMADecompressor(memlimit=2**27))
