"""The files of a folder on the disk: their fingerprints, their bytes, and whether the folder has changed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adq_core.data.pixels.decoding import MAX_FILE_BYTES, UnreadableImageError
from adq_core.data.scan import Directory, Source
from adq_core.digests import file_fingerprint
from adq_core.errors import InputError


@dataclass(frozen=True)
class FolderReader:
    """The bytes of the files below a folder, by their relative paths; can be pickled."""

    root: str
    undecodable: dict[str, str]  # relative path: real path, of files whose names are not valid UTF-8

    def __call__(self, file: str) -> bytes:
        """Return the bytes of a file. Raises `UnreadableImageError` if it is too large, or `OSError`."""
        path = self.path_of(file)
        size = os.stat(path).st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableImageError(f"has {size / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
        return Path(path).read_bytes()

    def head(self, file: str, n_bytes: int) -> bytes:
        """Return the first bytes of a file. Raises `OSError` if it cannot be read."""
        with open(self.path_of(file), "rb") as opened:
            return opened.read(n_bytes)

    def path_of(self, file: str) -> str:
        """Return the path of a file on the disk."""
        return self.undecodable.get(file) or os.path.join(self.root, *file.split("/"))


def folder_source(folder: Path) -> Source:
    """Return the files of a folder and its subfolders; of two links to one folder, one is followed.

    Raises
    ------
    InputError
        If a folder cannot be read.
    """
    root = folder.resolve()
    start = len(os.path.join(root, ""))
    undecodable: dict[str, str] = {}
    fingerprints: dict[str, str] = {}  # paths are texts, because 100,000 `Path` objects take seconds
    directories: list[Directory] = []
    left_out: list[str] = []  # links to folders that were read already
    visited: set[tuple[int, int]] = set()
    waiting = [str(root)]
    while waiting:
        place = waiting.pop()
        try:
            directory = _status(place, 0)  # before the names are read, so that a later change is noticed
            if (directory.device, directory.inode) in visited:
                left_out.append(os.fsencode(place[start:]).decode("utf-8", "backslashreplace").replace(os.sep, "/"))
                continue
            visited.add((directory.device, directory.inode))
            subfolders, files, n_entries = _entries(place)
        except OSError as error:
            raise InputError(
                f"The folder {error.filename} cannot be read ({error.strerror}). Change that or remove it."
            ) from None
        directories.append(directory._replace(path=place[start:], n_entries=n_entries))
        waiting += sorted(subfolders, reverse=True)  # of two links to one folder, always the same one is followed
        for path in files:
            fingerprint = _fingerprint(path)
            if fingerprint is None:
                continue
            file = path[start:].replace(os.sep, "/")
            relative = os.fsencode(file).decode("utf-8", "backslashreplace")
            fingerprints[relative] = fingerprint
            if relative != file:
                undecodable[relative] = path
    reader = FolderReader(str(root), undecodable)
    return Source(root.name or str(root), str(root), fingerprints, reader, tuple(directories), tuple(sorted(left_out)))


def directories_unchanged(root: str, directories: Sequence[Directory]) -> bool:
    """Return whether these directories below `root` have the same entries as when they were listed.

    Compared are device, inode, modification time, change time and number of entries of each directory, not its files:
    a file that is written again in place changes none of them.
    """
    try:
        for known in directories:
            place = os.path.join(root, known.path) if known.path else root
            if _status(place, 0)._replace(path=known.path, n_entries=len(os.listdir(place))) != known:
                return False
    except OSError:
        return False
    return True


def _status(place: str, n_entries: int) -> Directory:
    status = os.stat(place)
    return Directory(place, status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, n_entries)


def _entries(place: str) -> tuple[list[str], list[str], int]:
    """Return the paths of the subfolders, those of all other entries, and the number of both."""
    subfolders: list[str] = []
    files: list[str] = []
    with os.scandir(place) as entries:
        for entry in entries:
            (subfolders if _is_folder(entry) else files).append(entry.path)
    return subfolders, files, len(subfolders) + len(files)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # for example a link to itself
        return False


def _fingerprint(path: str) -> str | None:
    """Return the fingerprint of a file; None for anything but a file."""
    try:
        status = os.stat(path)
    except OSError:  # a link to a missing file: reading it gives the reason
        return "unreadable"
    if not stat.S_ISREG(status.st_mode):
        return None
    return file_fingerprint(status)
