"""NumPy array files: the header, and the values as a stream; pickled objects are never loaded."""

from __future__ import annotations

import io
import tokenize
from math import prod
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

MAX_HEADER_BYTES = 2**16  # NumPy reads as many bytes as a file says, at most 4 GB


class Header(NamedTuple):
    """The header of an .npy file."""

    shape: tuple[int, ...]
    fortran: bool  # Fortran order
    dtype: np.dtype[Any]
    start: int  # of the values, in bytes from the beginning of the file

    @property
    def n_bytes(self) -> int:
        """The number of bytes of the values."""
        return prod(self.shape) * self.dtype.itemsize


def read_header(stream: IO[bytes]) -> Header:
    """Return the header of an .npy file; the stream is then at the values.

    Raises
    ------
    ValueError
        If it is not an .npy file, or its shape or type cannot be one.
    """
    begin = stream.read(npy.MAGIC_LEN)
    major, minor = npy.read_magic(io.BytesIO(begin))
    size = stream.read(2 if major == 1 else 4)
    length = int.from_bytes(size, "little")
    if (major, minor) not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"version {major}.{minor} of the format is not known")
    if length > MAX_HEADER_BYTES:
        raise ValueError("its header is too long")
    header = size + stream.read(length)
    read = npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0
    try:
        shape, fortran, dtype = read(io.BytesIO(header))
        if dtype.hasobject or dtype.kind == "V":  # callers refuse these; their size does not matter
            return Header(shape, fortran, dtype, len(begin) + len(header))
        if not all(type(side) is int and 0 <= side < 2**62 for side in shape):
            raise ValueError("its shape is not possible")
    except (SyntaxError, TypeError, KeyError, RecursionError, MemoryError, OverflowError, tokenize.TokenError):
        raise ValueError("its header is damaged") from None
    except ValueError as error:
        # NumPy's text may quote the whole header.
        known = str(error) if "EOF" in str(error) or "shape" in str(error)[:20] else "its header is damaged"
        raise ValueError(known) from None
    return Header(shape, fortran, dtype, len(begin) + len(header))


def read_values(stream: IO[bytes], header: Header) -> NDArray[Any]:
    """Return the values of an .npy file whose header has been read.

    Raises
    ------
    EOFError
        If there are less than the header says.
    """
    values = np.empty(prod(header.shape), header.dtype)
    if header.n_bytes:
        read_into(stream, values.view(np.uint8).data)
    shaped: NDArray[Any] = values.reshape(header.shape, order="F" if header.fortran else "C")
    return shaped


def read_into(stream: IO[bytes], buffer: memoryview) -> None:
    """Fill a buffer from a stream. Raises `EOFError` if the stream ends before."""
    done = 0
    while done < len(buffer):
        part = stream.read(min(len(buffer) - done, 2**20))
        if not part:
            raise EOFError("the array is cut off")
        buffer[done : done + len(part)] = part
        done += len(part)
