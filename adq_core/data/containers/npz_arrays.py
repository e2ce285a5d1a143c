"""The arrays in an `.npz` file or a `.npy` file: headers first, values as a stream with a limit, no pickled objects."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Collection, Iterator
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from adq_core.data.bounded import TooLargeError, check_expansion, check_row_count
from adq_core.errors import InputError

from .npy import Header, read_header, read_values
from .zip_archives import check_count
from .zip_members import DAMAGE, Member, member_of, member_stream, unreadable_reason

PART_BYTES = 2**24  # of an array that is read in parts
MAX_ARRAYS = 10_000  # of one file
MAX_SMALL_BYTES = 2**28  # of labels, ids or class names
MAX_TEXT_BYTES = 2**16  # of one id, label or class name


class ArrayFile:
    """The arrays of one `.npz`, or the single one of a `.npy`, by name.

    Every method raises `InputError`, or one of `DAMAGE` and `InputError` for a file that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._members: dict[str, Member] = {}
        self.single = path.suffix.lower() == ".npy"
        if self.single:
            self.names = [""]
            return
        check_count(path, MAX_ARRAYS)
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(".npy"):
                    self._members[entry.filename.removesuffix(".npy")] = member_of(entry)
        self.names = sorted(self._members)

    def first_of(self, names: Collection[str]) -> str | None:
        """Return the first of these names that is an array of the file, or None."""
        return next((name for name in names if name in self.names), None)

    def open(self, name: str, what: str = "") -> tuple[IO[bytes], Header, IO[bytes]]:
        """Return the opened file, the header of an array, and the stream of its values; the caller closes the file."""
        file = self.path.open("rb")
        try:
            stream = file if self.single else self._stream(file, name)
            header = read_header(stream)
            if header.dtype.hasobject:
                what = name or "the array"
                raise InputError(
                    f"{self.path.name}: {what} holds pickled Python objects, which are never loaded because they can "
                    f"run programs. Save it as plain numbers or text, for example with np.array(list({name or 'a'}))."
                )
            self._check_size(name, header)
        except BaseException:
            file.close()
            raise
        return file, header, stream

    def _stream(self, file: IO[bytes], name: str) -> IO[bytes]:
        member = self._members[name]
        reason = unreadable_reason(member)
        if reason:
            raise InputError(f"{self.path.name}: its array {name} {reason}.")
        return member_stream(file, member)

    def _check_size(self, name: str, header: Header) -> None:
        """Raise an error if the array cannot be as large as its header says; called before memory is allocated."""
        if self.single:
            packed = stated = self.path.stat().st_size
        else:
            packed, stated = self._members[name].packed, self._members[name].size
        if header.start + header.n_bytes > stated:
            raise EOFError(f"the array {name} is cut off".replace("  ", " "))
        try:
            check_row_count(header.shape[0] if header.shape else 0)
            check_expansion(max(header.n_bytes, stated), packed)
        except TooLargeError as error:
            raise InputError(f"{self.path.name} cannot be opened: its array {name} {error}.") from None

    def header(self, name: str) -> Header:
        """Return the header of an array."""
        file, header, _ = self.open(name)
        file.close()
        return header

    def load(self, name: str) -> NDArray[Any]:
        """Return an array in memory."""
        file, header, stream = self.open(name)
        with file:
            return read_values(stream, header)

    def small(self, name: str) -> NDArray[Any]:
        """Return an array of labels, ids or class names. Raises `InputError` if it is too large to be one."""
        header = self.header(name)
        if header.n_bytes > MAX_SMALL_BYTES or (header.dtype.kind in "US" and header.dtype.itemsize > MAX_TEXT_BYTES):
            raise InputError(
                f"{self.path.name}: {name} must have short texts or numbers, at most {MAX_SMALL_BYTES // 2**20} MB, "
                f"got {header.dtype} of the shape {header.shape}."
            )
        values = self.load(name)
        if values.dtype.kind == "U" and values.size:
            codes = np.ascontiguousarray(values).reshape(-1).view(values.dtype.str[0] + "u4")
            if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any():  # Python cannot make texts of these
                raise InputError(f"{self.path.name}: {name} must have Unicode texts, but some are damaged.")
        return values

    def parts(self, name: str) -> Iterator[NDArray[Any]]:
        """Yield the rows of an array, about `PART_BYTES` at a time; an array in Fortran order as a whole."""
        file, header, stream = self.open(name)
        with file:
            if header.fortran:
                yield np.ascontiguousarray(read_values(stream, header))
                return
            row = max(1, prod(header.shape[1:]) * header.dtype.itemsize)
            step = max(1, PART_BYTES // row)
            for start in range(0, header.shape[0], step):
                shape = (min(step, header.shape[0] - start), *header.shape[1:])
                yield read_values(stream, header._replace(shape=shape))


UNREADABLE = (*DAMAGE, NotImplementedError, struct.error, IndexError, KeyError)  # what a damaged file raises
