"""Files that lie one behind the other in larger files, such as those of a tar archive; read by their places."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.data.pickling import PackedArray, pack
from adq_core.data.pixels.decoding import MAX_FILE_BYTES, UnreadableImageError
from adq_core.storage import atomic_folder, scratch_file

PACKED = "packed.bin"
INDEX = "index.json"


class Place(NamedTuple):
    """Where a file lies."""

    container: int  # number of the larger file
    start: int  # bytes
    size: int


@dataclass(frozen=True, eq=False)
class PackedReader:
    """The bytes of files inside larger files, by name; can be pickled.

    A larger file is a path, or the bytes of an unnamed temporary file.
    """

    containers: tuple[Path | NDArray[np.uint8], ...]
    places: dict[str, Place]

    def __call__(self, file: str) -> bytes:
        """Return the bytes of a file. Raises `UnreadableImageError` if it is too large or cut off, or `OSError`."""
        place = self.places.get(file)
        if place is None:
            raise UnreadableImageError("is not in the archive any more")
        if place.size > MAX_FILE_BYTES:
            raise UnreadableImageError(f"has {place.size / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        container = self.containers[place.container]
        if isinstance(container, Path):
            with container.open("rb") as opened:
                opened.seek(place.start)
                data = opened.read(place.size)
        else:
            data = container[place.start : place.start + place.size].tobytes()
        if len(data) < place.size:
            raise UnreadableImageError("is cut off")
        return data

    def __getstate__(self) -> dict[str, Any]:
        packed = tuple(each if isinstance(each, Path) else pack(each) for each in self.containers)
        return {"containers": packed, "places": self.places}

    def __setstate__(self, state: dict[str, Any]) -> None:
        unpacked = tuple(each.unpack() if isinstance(each, PackedArray) else each for each in state["containers"])
        object.__setattr__(self, "containers", unpacked)
        object.__setattr__(self, "places", state["places"])


class ArrayFile(io.RawIOBase):
    """The bytes of an array as a file that can be read."""

    def __init__(self, values: NDArray[np.uint8]) -> None:
        self._values, self._place = values, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place and return it."""
        self._place = offset + (0, self._place, len(self._values))[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there are bytes, and return their number; 0 at the end."""
        part = self._values[self._place : self._place + len(buffer)]
        buffer[: len(part)] = part.tobytes()
        self._place += len(part)
        return len(part)


def write_packed(
    parts: Iterable[bytes], folder: Path | None, index: Callable[[], str] | None = None
) -> Path | NDArray[np.uint8]:
    """Write bytes to a file in `folder`, a folder of the cache, and return its path; nothing if that is there already.

    `index` returns a text that is stored beside the file, as `INDEX`; it is called after the last part. Without a
    folder, the bytes are in an unnamed temporary file and returned as its memory map. If `parts` raises,
    nothing is left.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    if folder is None:
        with scratch_file() as scratch:
            size = sum(scratch.write(part) for part in parts)
            scratch.flush()
            return np.memmap(scratch, np.uint8, "r", shape=(size,)) if size else np.zeros(0, np.uint8)
    if not folder.is_dir():
        with atomic_folder(folder) as temporary, (temporary / PACKED).open("wb") as file:
            for part in parts:
                file.write(part)
            if index is not None:
                (temporary / INDEX).write_text(index(), encoding="utf-8")
    return folder / PACKED
