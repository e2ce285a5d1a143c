"""A `.zip` with image files to a `Source`: read in place, never unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from adq_core.errors import InputError

from .decoding import MAX_FILE_BYTES, UnreadableImageError
from .scan import Source

MAX_UNPACKED_BYTES = 16 * 2**30  # of all files together, as the archive's own table states them
MAX_FILES = 1_000_000


def zip_source(path: Path, *, most_bytes: int = MAX_UNPACKED_BYTES, most_files: int = MAX_FILES) -> Source:
    """Return the files of a zip archive; raise `InputError` if it is none, too large unpacked, or climbs out of itself.

    Nothing is written to the disk, so a name such as `../x` could do no harm; an archive that has one is refused all
    the same, because no honest program makes one. No file unpacks to more than the table states: reading stops there.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputError(f"{path.name} must be a zip archive, but cannot be read as one: {error}.") from None
    members = {info.filename.replace("\\", "/"): info for info in archive.infolist() if not info.is_dir()}
    for name in members:
        parts = name.split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            raise InputError(f"{path.name} must keep its files to itself, but {name!r} points outside. Pack it anew.")
    if len(members) > most_files:
        raise InputError(
            f"{path.name} must have at most {most_files:,} files, got {len(members):,}. Unpack it, if you trust it, "
            "and give the folder."
        )
    unpacked = sum(info.file_size for info in members.values())
    if unpacked > most_bytes:
        raise InputError(
            f"{path.name} must unpack to at most {most_bytes / 2**30:,.3g} GB, got {unpacked / 2**30:,.3g} GB. "
            "Unpack it, if you trust it, and give the folder."
        )

    def read_bytes(file: str) -> bytes:
        info = members[file]
        if info.file_size > MAX_FILE_BYTES:
            size = info.file_size / 2**20
            raise UnreadableImageError(f"has {size:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        if info.flag_bits & 1:
            raise UnreadableImageError("is encrypted")
        try:
            return archive.read(info)
        except Exception as error:  # a damaged archive makes the reader raise nearly anything
            raise UnreadableImageError(f"is damaged inside the archive ({error})") from None

    stamps = {name: f"{info.file_size}:{info.CRC}" for name, info in members.items()}
    return Source(path.stem, str(path.resolve()), stamps, read_bytes)
