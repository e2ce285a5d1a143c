"""Arrays of a data set as they are pickled: a memory map as the name of its file, other arrays by value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError


@dataclass(frozen=True)
class PackedArray:
    """An array that can be pickled; `unpack` returns an equal read-only array.

    Repeated values of a broadcast array are stored once. Two packed views of one array share its values.
    """

    values: NDArray[Any] | None  # None: the array is a memory map
    file: Path | None
    offset: int  # bytes, in the file
    dtype: np.dtype[Any]
    stored_shape: tuple[int, ...]
    shape: tuple[int, ...]

    def unpack(self) -> NDArray[Any]:
        """Return the array.

        Raises
        ------
        InputError
            If it was a memory map and the file is not there or too short.
        """
        if self.file is not None:
            try:
                array: NDArray[Any] = np.memmap(
                    self.file, dtype=self.dtype, mode="r", offset=self.offset, shape=self.stored_shape
                )
            except (OSError, ValueError) as error:
                raise InputError(
                    f"A data set needs its file {self.file}, which cannot be read ({error}). Open the data set again."
                ) from None
        else:
            assert self.values is not None
            array = self.values.reshape(self.stored_shape)
        result = np.broadcast_to(array, self.shape) if self.shape != self.stored_shape else array.view()
        result.flags.writeable = False
        return result


def pack(array: NDArray[Any]) -> PackedArray:
    """Return an array in the form in which it is pickled."""
    once = array[tuple(slice(0, 1) if step == 0 else slice(None) for step in array.strides)] if array.size else array
    owner: NDArray[Any] = once
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    values: NDArray[Any] | None = np.asarray(once)
    file, offset = None, 0
    if once.flags.c_contiguous:
        if isinstance(owner, np.memmap) and owner.filename is not None:
            values, file = None, Path(owner.filename)
            offset = owner.offset + once.ctypes.data - owner.ctypes.data
        elif owner.nbytes == once.nbytes and owner.dtype == once.dtype and owner.flags.c_contiguous:
            values = np.asarray(owner)
    return PackedArray(values, file, offset, array.dtype, once.shape, array.shape)
