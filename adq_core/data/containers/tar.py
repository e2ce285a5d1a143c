"""`.tar` archives, also several shards and compressed ones, to a `Source`; a plain archive is read in place.

The places of the files are found once. A compressed archive can only be read from its beginning, so it is decompressed
into one file in the cache, with a limit on what comes out; nothing else is written.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from adq_core.data.bounded import Bounded, BoundedStream, Inflate, TooLargeError, bunzip2, check_expansion, unxz
from adq_core.data.scan import Source
from adq_core.digests import derive_key
from adq_core.errors import InputError, foreign_reason
from adq_core.progress import Progress, no_progress

from .packed_files import ArrayFile, PackedReader, Place, write_packed
from .webdataset import shard_classes
from .zip_archives import MAX_FILES
from .zip_names import clean_path, points_outside

TAR_SUFFIXES = (".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".tar.zst")
MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
STEP_BYTES = 2**20
DAMAGE = (tarfile.TarError, OSError, EOFError, ValueError, OverflowError, IndexError, MemoryError, RecursionError)


def is_tar(path: Path) -> bool:
    """Return whether a file is a tar archive by its name."""
    return path.name.lower().endswith(TAR_SUFFIXES)


def tar_source(
    paths: Sequence[Path],
    name: str,
    *,
    cache: Path | None = None,
    progress: Progress = no_progress,
    max_files: int = MAX_FILES,
) -> Source:
    """Return the files of one tar archive, or of several shards of a data set, each below a folder of its name.

    Links to files inside the archive are those files. Other links and devices are ignored. Samples of a WebDataset have
    the classes in their `.cls` or `.json` files.

    Raises
    ------
    InputError
        If a file is not a tar archive, is damaged, has too many files, unpacks to too many bytes, or names a file
        outside it.
    StorageError
        If the cache cannot be written.
    """
    containers: list[Path | NDArray[np.uint8]] = []
    places: dict[str, Place] = {}
    fingerprints: dict[str, str] = {}
    for number, path in enumerate(paths):
        try:
            status = path.stat()
            state = (str(path.resolve()), status.st_size, status.st_mtime_ns)
            containers.append(_plain(path.resolve(), state, cache, progress))
            with _opened(containers[-1]) as file:
                found = _members(file, path.name, max_files - len(places))
        except TooLargeError as error:
            raise InputError(f"{path.name} cannot be opened: it {error}.") from None
        except InputError:
            raise
        except DAMAGE as error:
            reason = f"cannot be read as one: {foreign_reason(error)}"
            if zipfile.is_zipfile(path):
                reason = "is a zip archive; rename it to .zip"
            raise InputError(f"{path.name} must be a tar archive, but {reason}.") from None
        for file_name, (start, size) in found.items():
            full = file_name if len(paths) == 1 else f"{stem(path)}/{file_name}"
            places[full] = Place(number, start, size)
            fingerprints[full] = f"{size}:{start}:{derive_key(*state)}"
        progress(number + 1, len(paths), "listing archives")
    reader = PackedReader(tuple(containers), places)
    place = str(paths[0].resolve() if len(paths) == 1 else paths[0].resolve().parent / name)
    class_of, notes = shard_classes(fingerprints, reader, [stem(path) for path in paths])
    return Source(name, place, fingerprints, reader, class_of=class_of, notes=notes)


def stem(path: Path) -> str:
    """Return the name of an archive without its endings."""
    name = path.name
    ending = next((end for end in sorted(TAR_SUFFIXES, key=len, reverse=True) if name.lower().endswith(end)), "")
    return name[: len(name) - len(ending)] or name


def _plain(path: Path, state: tuple[object, ...], cache: Path | None, progress: Progress) -> Path | NDArray[np.uint8]:
    """Return the archive if it is not compressed, or else its decompressed bytes."""
    with path.open("rb") as file:
        head = file.read(6)
        method = next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)
        if method is None:
            return path
        file.seek(0)
        folder = None if cache is None else cache / "arrays" / derive_key("tar", 1, *state)
        return write_packed(_decompressed(file, method, path.stat().st_size, progress), folder)


def _decompressed(file: IO[bytes], method: str, packed: int, progress: Progress) -> Iterator[bytes]:
    def limit(count: int) -> None:
        check_expansion(count, packed)

    def make() -> Inflate | Bounded:
        return Inflate(31) if method == "gzip" else bunzip2() if method == "bzip2" else unxz()

    stream: IO[bytes] = (
        _unzstd(file) if method == "zstd" else io.BufferedReader(BoundedStream(file.read, make, many=True), STEP_BYTES)
    )
    count = 0
    while part := stream.read(STEP_BYTES):
        count += len(part)
        limit(count)
        progress(min(file.tell(), packed), packed, "unpacking the archive")
        yield part


def _unzstd(file: IO[bytes]) -> IO[bytes]:
    import pyarrow as pa

    class Stream(io.RawIOBase):
        """Raises `ValueError` for damaged data."""

        def __init__(self) -> None:
            self._inner = pa.CompressedInputStream(pa.PythonFile(file), "zstd")

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            try:
                data: bytes = self._inner.read(size)
            except (OSError, pa.ArrowException) as error:
                raise ValueError(f"the compressed data are damaged ({error})") from None
            return data

    return Stream()  # type: ignore[return-value]


def _opened(container: Path | NDArray[np.uint8]) -> IO[bytes]:
    return container.open("rb") if isinstance(container, Path) else io.BufferedReader(ArrayFile(container))


def _members(file: IO[bytes], archive: str, max_files: int) -> dict[str, tuple[int, int]]:
    """Return the start and the size of each file of a plain archive, by its path in it."""
    found: dict[str, tuple[int, int]] = {}
    links: list[tuple[str, str]] = []
    with tarfile.open(fileobj=file, mode="r:") as tar:
        for number, member in enumerate(iter(tar.next, None)):
            tar.members = []  # type: ignore[attr-defined]  # the list of all members would take 1 kB for each
            if number >= max_files:
                raise InputError(
                    f"{archive} must have at most {MAX_FILES:,} files. Unpack it, if you trust it, and give the folder."
                )
            name = clean_path(member.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))
            if member.isreg() and not member.issparse():
                if points_outside(name):
                    raise InputError(
                        f"{archive} must contain only files inside it, but {name!r} points outside. Pack it again."
                    )
                found[name] = (member.offset_data, member.size)
            elif member.islnk():
                links.append((name, clean_path(member.linkname)))
            elif member.issym():
                links.append((name, posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))))
        size = file.seek(0, io.SEEK_END)
    for name, target in links:
        if target in found and not points_outside(name):
            found.setdefault(name, found[target])
    if any(start + length > size for start, length in found.values()):
        raise EOFError("it is cut off")
    return found
