"""A `.zip` with image files to a `Source`: files are read inside the archive, nothing is unpacked to the disk."""

from __future__ import annotations

import os
import struct
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adq_core.data.bounded import MAX_UNPACKED_BYTES, TooLargeError
from adq_core.data.pixels.decoding import MAX_FILE_BYTES, UnreadableImageError
from adq_core.data.scan import Source
from adq_core.errors import InputError, foreign_reason

from .zip_members import DAMAGE, LOCAL_HEADER, Member, member_of, read_member, unreadable_reason
from .zip_names import entry_names, points_outside

MAX_FILES = 1_000_000
UNPACK = "which is not read; unpack it and give the folder"
KINDS = (  # first bytes of other archives
    (b"7z\xbc\xaf\x27\x1c", f"a 7z archive, {UNPACK}"),
    (b"Rar!", f"a rar archive, {UNPACK}"),
    (b"\x1f\x8b", "a gzip file; rename it to .tar.gz if it is a tar archive"),
)
LARGE_BYTES, MAX_RATIO = 2**26, 20  # a file of more than 64 MB may not be much larger than it is in the archive
END = struct.Struct("<4s4H2LH")  # the last record of an archive, with the number of entries
ZIP64_END = struct.Struct("<4sQ2H2L4Q")


class ZipReader:
    """The bytes of the files of a zip archive, by name; can be pickled.

    The table of contents is read once in each process. Each file is read through a handle of its own, so threads and
    forked processes do not disturb each other.
    """

    def __init__(self, path: Path, *, max_files: int = MAX_FILES) -> None:
        self._path, self._max_files = path, max_files
        self._lock = threading.Lock()
        self._members: dict[str, Member] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self._path, "max_files": self._max_files}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"], max_files=state["max_files"])  # type: ignore[misc]

    def members(self) -> dict[str, Member]:
        """Return the files of the archive by name, with `/` between folders.

        Raises
        ------
        OSError, zipfile.BadZipFile
            If the archive cannot be opened.
        InputError
            If it has too many files.
        """
        with self._lock:
            if self._members is None:
                check_count(self._path, self._max_files)
                with zipfile.ZipFile(self._path) as archive:
                    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                names = entry_names(entries)
                self._members = {name: member_of(entry) for name, entry in zip(names, entries, strict=True)}
            return self._members

    def __call__(self, file: str) -> bytes:
        """Return the bytes of a file.

        A file never unpacks to more bytes than the table of contents says: reading stops there.

        Raises
        ------
        UnreadableImageError
            If the file is too large, encrypted, damaged, or packed by a method that is not read.
        OSError
            If the archive cannot be opened.
        """
        try:
            member = self.members().get(file)
        except zipfile.BadZipFile as error:
            raise UnreadableImageError(f"cannot be read, because the archive is damaged ({error})") from None
        if member is None:
            raise UnreadableImageError("is not in the archive any more")
        if member.size > MAX_FILE_BYTES:
            size = member.size / 2**20
            raise UnreadableImageError(f"has {size:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        if member.size > LARGE_BYTES and member.size > MAX_RATIO * member.packed:
            size = member.size / 2**20
            raise UnreadableImageError(
                f"unpacks to {size:,.0f} MB, more than {MAX_RATIO} times its size in the archive"
            )
        reason = unreadable_reason(member)
        if reason:
            raise UnreadableImageError(reason)
        with self._path.open("rb") as archive:
            try:
                return read_member(archive, member)
            except TooLargeError as error:
                raise UnreadableImageError(f"is damaged inside the archive (it {error})") from None
            except DAMAGE as error:
                raise UnreadableImageError(f"is damaged inside the archive ({error})") from None


def check_count(path: Path, max_files: int = MAX_FILES) -> None:
    """Raise `InputError` if an archive says that it has more files; read before its table, which may be huge."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2**16 - END.size))
        tail = file.read()
        place = tail.rfind(b"PK\5\6")
        if place < 0 or len(tail) - place < END.size:
            return
        count, table_bytes = END.unpack_from(tail, place)[4:6]
        place64 = tail.rfind(b"PK\6\6")
        if place64 >= 0 and len(tail) - place64 >= ZIP64_END.size:
            count, table_bytes = max(count, ZIP64_END.unpack_from(tail, place64)[7]), 0
    count = max(count, 0 if table_bytes == 2**32 - 1 else table_bytes // (46 + 2**16))
    if count > max_files:
        raise InputError(
            f"{path.name} must have at most {max_files:,} files, got {count:,}. Unpack it, if you trust it, "
            "and give the folder."
        )


def check_overlap(path: Path, members: Sequence[Member]) -> None:
    """Raise `InputError` if two files of an archive share bytes, as only archives made to fill a disk have them."""
    end = -1
    for member in sorted(members, key=lambda member: member.offset):
        if member.offset < end:
            raise InputError(
                f"{path.name} must not have files that share their bytes: such archives are made to fill the memory. "
                "Do not open it."
            )
        end = member.offset + LOCAL_HEADER.size + member.packed


def other_kind(path: Path) -> str:
    """Return what a file is by its first bytes, as the end of a sentence, if they are those of an archive."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError:
        return ""
    known = [name for magic, name in KINDS if head.startswith(magic)]
    if head[257:262] == b"ustar":
        known = ["a tar archive; rename it to .tar"]
    if head.startswith(b"PK\3\4"):
        return "is damaged or cut off; copy it again"
    return f"is {known[0]}" if known else ""


def zip_source(path: Path, *, max_bytes: int = MAX_UNPACKED_BYTES, max_files: int = MAX_FILES) -> Source:
    """Return the files of a zip archive.

    Nothing is written to the disk, so a name such as `../x` could do no harm; an archive with such a name is refused
    nevertheless, because no ordinary program creates one.

    Raises
    ------
    InputError
        If the file is not a zip archive, has too many files, unpacks to too many bytes, or names a file outside it.
    """
    reader = ZipReader(path.resolve(), max_files=max_files)
    try:
        members = reader.members()
    except InputError:
        raise
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, IndexError) as error:
        reason = other_kind(path) or f"cannot be read as one: {foreign_reason(error)}"
        raise InputError(f"{path.name} must be a zip archive, but {reason}.") from None
    for name in members:
        if points_outside(name):
            raise InputError(
                f"{path.name} must contain only files inside it, but {name!r} points outside. Pack it again."
            )
    if len(members) > max_files:
        raise InputError(
            f"{path.name} must have at most {max_files:,} files, got {len(members):,}. Unpack it, if you trust it, "
            "and give the folder."
        )
    check_overlap(path, list(members.values()))
    unpacked = sum(member.size for member in members.values())
    if unpacked > max_bytes:
        raise InputError(
            f"{path.name} must unpack to at most {max_bytes / 2**30:,.3g} GB, got {unpacked / 2**30:,.3g} GB. "
            "Unpack it, if you trust it, and give the folder."
        )
    fingerprints = {name: f"{member.size}:{member.crc}" for name, member in members.items()}
    return Source(path.stem, str(path.resolve()), fingerprints, reader)
