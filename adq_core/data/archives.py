"""A `.zip` with image files to a `Source`: files are read inside the archive, nothing is unpacked to the disk."""

from __future__ import annotations

import os
import threading
import zipfile
from pathlib import Path
from typing import Any

from adq_core.errors import InputError, foreign_reason

from .decoding import MAX_FILE_BYTES, UnreadableImageError
from .scan import Source

MAX_UNPACKED_BYTES = 16 * 2**30  # of all files together, by the archive's own table of contents
MAX_FILES = 1_000_000


class ZipReader:
    """The bytes of the files of a zip archive, by name.

    The archive is opened at the first read in each process, also in one that was forked: processes that share a handle
    would move each other's position in the file. Threads share a handle, which has a lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._process = -1  # the process that opened the archive
        self._archive: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self._path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._path = state["path"]
        self._reset()

    def members(self) -> dict[str, zipfile.ZipInfo]:
        """Return the files of the archive by name, with `/` between folders.

        Raises
        ------
        OSError, zipfile.BadZipFile
            If the archive cannot be opened.
        """
        if self._process != os.getpid():
            with self._lock:
                if self._process != os.getpid():
                    self._archive = zipfile.ZipFile(self._path)
                    files = [info for info in self._archive.infolist() if not info.is_dir()]
                    self._members = {info.filename.replace("\\", "/"): info for info in files}
                    self._process = os.getpid()
        return self._members

    def __call__(self, file: str) -> bytes:
        """Return the bytes of a file.

        A file never unpacks to more bytes than the table of contents says: reading stops there.

        Raises
        ------
        UnreadableImageError
            If the file is too large, encrypted or damaged.
        OSError
            If the archive cannot be opened.
        """
        try:
            info = self.members().get(file)
        except zipfile.BadZipFile as error:
            raise UnreadableImageError(f"cannot be read, because the archive is damaged ({error})") from None
        if info is None:
            raise UnreadableImageError("is not in the archive any more")
        if info.file_size > MAX_FILE_BYTES:
            size = info.file_size / 2**20
            raise UnreadableImageError(f"has {size:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        if info.flag_bits & 1:
            raise UnreadableImageError("is encrypted")
        assert self._archive is not None
        try:
            return self._archive.read(info)
        except Exception as error:  # on a damaged archive, zipfile raises many types of error
            raise UnreadableImageError(f"is damaged inside the archive ({error})") from None


def zip_source(path: Path, *, max_bytes: int = MAX_UNPACKED_BYTES, max_files: int = MAX_FILES) -> Source:
    """Return the files of a zip archive.

    Nothing is written to the disk, so a name such as `../x` could do no harm; an archive with such a name is refused
    nevertheless, because no ordinary program creates one.

    Raises
    ------
    InputError
        If the file is not a zip archive, has too many files, unpacks to too many bytes, or names a file outside it.
    """
    reader = ZipReader(path.resolve())
    try:
        members = reader.members()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError(
            f"{path.name} must be a zip archive, but cannot be read as one: {foreign_reason(error)}."
        ) from None
    for name in members:
        parts = name.split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            raise InputError(
                f"{path.name} must contain only files inside it, but {name!r} points outside. Pack it again."
            )
    if len(members) > max_files:
        raise InputError(
            f"{path.name} must have at most {max_files:,} files, got {len(members):,}. Unpack it, if you trust it, "
            "and give the folder."
        )
    unpacked = sum(info.file_size for info in members.values())
    if unpacked > max_bytes:
        raise InputError(
            f"{path.name} must unpack to at most {max_bytes / 2**30:,.3g} GB, got {unpacked / 2**30:,.3g} GB. "
            "Unpack it, if you trust it, and give the folder."
        )
    fingerprints = {name: f"{info.file_size}:{info.CRC}" for name, info in members.items()}
    return Source(path.stem, str(path.resolve()), fingerprints, reader)
