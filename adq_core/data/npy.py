"""The header of a NumPy array file."""

from __future__ import annotations

from tokenize import TokenError
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy


class Header(NamedTuple):
    """The header of an .npy file."""

    shape: tuple[int, ...]
    fortran: bool  # Fortran order
    dtype: np.dtype[Any]


def read_header(stream: IO[bytes]) -> Header:
    """Return the header of an .npy file; the stream is then at the data.

    Raises
    ------
    ValueError
        If it is not an .npy file.
    """
    try:
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        return Header(*read(stream))
    except (ValueError, SyntaxError, TokenError, RecursionError, TypeError, OverflowError):  # their texts quote it
        raise ValueError("it has no valid header of a NumPy array") from None
