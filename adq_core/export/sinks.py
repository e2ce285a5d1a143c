"""Places to which a format writes its files: a folder or a zip. They compute the digest of each file on the way."""

from __future__ import annotations

import errno
import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, Protocol

from .zip_files import EPOCH

Links = Literal["copy", "hard", "symbolic"]
LINKS: tuple[Links, ...] = ("copy", "hard", "symbolic")
TEXTS = (".json", ".jsonl", ".csv", ".txt", ".md", ".py")
NOT_LINKED = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP)  # the file system has no such link


class Sink(Protocol):
    """What a format writes to."""

    files: dict[str, dict[str, Any]]  # SHA-256 and size of each file, by its relative path

    def add(self, name: str, data: bytes, source: str | None = None) -> None:
        """Write one file; `source` is the path of a file with these bytes, to which a link is possible."""

    def open(self, name: str) -> Any:
        """Return a context manager over a file that is written part by part, from its beginning to its end."""


class HashingFile:
    """A file that is only written, from its beginning to its end, with the digest of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._state, self._position, self.closed = file, hashlib.sha256(), 0, False

    def write(self, data: Any) -> int:
        """Write bytes and return their number."""
        view = memoryview(data).cast("B")
        self._file.write(view)
        self._state.update(view)
        self._position += len(view)
        return len(view)

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._position

    def flush(self) -> None:
        """Write what is buffered."""
        self._file.flush()

    def close(self) -> None:
        """Refuse to write more; the file below is closed by its owner."""
        self.closed = True

    def readable(self) -> bool:
        """Return False."""
        return False

    def seekable(self) -> bool:
        """Return False."""
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def entry(self) -> dict[str, Any]:
        """Return the digest and the size of what was written."""
        return {"sha256": self._state.hexdigest(), "bytes": self._position}


class FolderSink:
    """Files in a folder."""

    def __init__(self, folder: Path, links: Links = "copy") -> None:
        self.folder, self.links = folder, links
        self.files: dict[str, dict[str, Any]] = {}
        self._made: set[str] = set()

    def add(self, name: str, data: bytes, source: str | None = None) -> None:
        """Write one file, or a link to `source`; where links are not possible, the bytes are written."""
        path = self._path(name)
        if source is None or not self._link(source, path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
            with open(descriptor, "wb", buffering=0) as file:
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
        self.files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    @contextmanager
    def open(self, name: str) -> Iterator[HashingFile]:
        """Yield a file that is written part by part."""
        with open(self._path(name), "xb") as file:
            hashing = HashingFile(file)
            yield hashing
            file.flush()
        self.files[name] = hashing.entry()

    def _path(self, name: str) -> str:
        folder, _, _ = name.rpartition("/")
        if folder not in self._made:
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        return os.path.join(self.folder, *name.split("/"))

    def _link(self, source: str, path: str) -> bool:
        if self.links == "copy":
            return False
        real = os.path.realpath(source)
        if self.links == "symbolic":
            os.symlink(real, path)
            return True
        try:
            os.link(real, path)
        except OSError as error:
            if error.errno in NOT_LINKED:  # for example another disk
                return False
            raise
        return True


class ZipSink:
    """Files in a zip that is written from its beginning to its end, so that none of it stays in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, data: bytes, source: str | None = None) -> None:
        """Write one file."""
        self._archive.writestr(self._info(name), data)
        self.files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    @contextmanager
    def open(self, name: str) -> Iterator[HashingFile]:
        """Yield a file that is written part by part."""
        with self._archive.open(self._info(name), "w", force_zip64=True) as member:
            hashing = HashingFile(member)
            yield hashing
        self.files[name] = hashing.entry()

    def close(self) -> None:
        """Write the table of contents."""
        self._archive.close()

    def give_up(self) -> None:
        """Write nothing more, not even a table of contents."""
        self._archive.fp = None  # otherwise it would be written when the object is deleted

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(TEXTS) else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        return info
