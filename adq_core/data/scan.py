"""Read and decode each image file of a source once; the cache keeps sizes, digests and thumbnails."""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.data.pixels.decoding import THUMBNAIL, UnreadableImageError, decode, scan_image
from adq_core.data.pixels.formats import HEAD_BYTES
from adq_core.data.pixels.rescaling import DeepFile, describe_files, scale_thumbnails
from adq_core.data.pixels.value_ranges import (
    EACH_ITS_OWN,
    Extent,
    ValueRanges,
    choose_ranges,
    describe_ranges,
    read_ranges,
)
from adq_core.digests import derive_key
from adq_core.errors import FilesChangedError, InputError
from adq_core.parallel import cpu_count, map_ordered
from adq_core.progress import Progress, no_progress
from adq_core.records import Image, Ints
from adq_core.storage import atomic_folder, mark_used, read_json, row_checksum, scratch_file, write_json
from adq_core.versions import IMAGE_LIBRARIES, library_versions

from .dataset import SkippedFile

SCAN_VERSION = 2  # increase it when decoding or thumbnails change, so that cached scans are computed again
FILES_PER_TASK = 4  # passing one small file at a time to a thread costs time, and a cancelled scan finishes its tasks
MAX_THREADS = 4  # each may hold one file and one image of 50 million pixels; see `decoding.BUDGET` for the decoders
# Images of fewer bytes are decoded by one thread: on 100,000 JPEG files of 2 kB, two threads took twice as long.
SMALL_FILE_BYTES = 3000
PROBED_FILES, MAX_LISTED = 16, 3  # the first files, whose mean size decides; reasons in one error
THUMBNAIL_SHAPE = (THUMBNAIL, THUMBNAIL, 3)


class Directory(NamedTuple):
    """A directory of a source as it was when it was listed."""

    path: str  # relative to the source; "" for its top
    device: int
    inode: int
    modified: int  # nanoseconds
    changed: int  # nanoseconds, set by the system
    n_entries: int


@dataclass(frozen=True)
class Source:
    """A folder or an archive with files.

    `fingerprints` maps each relative path to a text that changes when the file changes. `read_bytes` returns the bytes
    of a file; it raises `UnreadableImageError` or `OSError` if it cannot. It can be pickled.
    """

    name: str
    place: str  # with the fingerprints, the key of a cached scan
    fingerprints: dict[str, str]
    read_bytes: Callable[[str], bytes]
    directories: tuple[Directory, ...] = ()  # of a folder on the disk
    left_out_links: tuple[str, ...] = ()  # folders that are links to folders that were read already
    class_of: Mapping[str, str | None] | None = None  # by relative path, where the container itself has the classes
    notes: tuple[str, ...] = ()  # sentences for the user: what was taken
    columns: Mapping[str, Sequence[Any]] | None = None  # further columns of the container, in its order


@dataclass(frozen=True)
class FileReader:
    """Decode row i of scanned files; can be pickled."""

    name: str  # of the source
    read_bytes: Callable[[str], bytes]
    files: tuple[str, ...]
    digests: tuple[str, ...]
    ranges: ValueRanges = EACH_ITS_OWN  # of the set, see `Scan`
    cached_scan: str | None = None  # the folder of the scan in the cache

    def __call__(self, row: int) -> Image:
        """Return the pixels of a row, (H, W, 3) uint8.

        Raises
        ------
        FilesChangedError
            If the file cannot be read any more or is not the file that was scanned. In the second case the scan is
            removed from the cache, because fingerprints may not show the change: the next opening reads all files.
        """
        return decode(self.file_bytes(row), self.ranges)

    def file_bytes(self, row: int) -> bytes:
        """Return the bytes of a row's file, which are those that were scanned. Raises `FilesChangedError`."""
        file = self.files[row]
        try:
            data = self.read_bytes(file)
        except (OSError, UnreadableImageError) as error:
            raise FilesChangedError(
                f"{file} of {self.name} can no longer be read: it {_reason(error)}. Restore it."
            ) from None
        if bytes_digest(data) != self.digests[row]:
            if self.cached_scan is not None:
                shutil.rmtree(self.cached_scan, ignore_errors=True)
            raise FilesChangedError(f"{file} of {self.name} has changed since the data set was opened. Open it again.")
        return data

    def file_path(self, row: int) -> str | None:
        """Return the path of a row's file; None if it is in an archive."""
        path_of = getattr(self.read_bytes, "path_of", None)
        return None if path_of is None else str(path_of(self.files[row]))


@dataclass(frozen=True, eq=False)
class Scan:
    """The readable files, in the order of their paths, and the reasons for the others."""

    files: tuple[str, ...]
    digests: tuple[str, ...]  # of the bytes of each file
    sizes: Ints  # (M, 2) height, width, as they are decoded
    thumbnails: NDArray[np.uint8]  # (M, 64, 64, 3) memory map
    skipped: tuple[SkippedFile, ...]
    ranges: ValueRanges  # black and white of values with more than 8 bits, over all files
    notes: tuple[str, ...]  # sentences about images that were scaled or reduced
    thumbnail_sums: NDArray[np.uint64]  # (M,) checksums of the thumbnails
    folder: str | None = None  # in the cache


@dataclass(frozen=True)
class _FileResult:
    file: str
    reason: str = ""  # empty: readable
    digest: str = ""
    size: tuple[int, int] = (0, 0)
    thumbnail: bytes = b""
    thumbnail_sum: int = 0
    n_bytes: int = 0
    extent: Extent | None = None  # of values with more than 8 bits
    reduction: int = 1


def bytes_digest(data: bytes) -> str:
    """Return a 32-digit hex digest of bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def read_head(source: Source, file: str) -> bytes:
    """Return the first 16 bytes of a file of a source; b"" if it cannot be read.

    A reader with a method `head` reads no more of the file.
    """
    head = getattr(source.read_bytes, "head", None)
    try:
        return bytes(head(file, HEAD_BYTES) if head else source.read_bytes(file)[:HEAD_BYTES])
    except (OSError, UnreadableImageError):
        return b""


def scan(source: Source, files: Sequence[str], cache: Path | None = None, progress: Progress = no_progress) -> Scan:
    """Return the scan of these files of a source, from the cache if no file has changed since it was written.

    Few images are in memory at a time. If `progress` raises, nothing is written. Without a cache the thumbnails are in
    a temporary file that is deleted when the process ends.

    Raises
    ------
    InputError
        If no file can be read.
    StorageError
        If the cache cannot be written.
    """
    if cache is None:
        with scratch_file() as file:
            return _open_scan(_write(source, files, file, progress), file)
    place = cache / "scans" / derive_key(source.place)
    folder = place / derive_key(*scan_version(), [(file, source.fingerprints[file]) for file in files])
    existed = folder.is_dir()  # checked before reading, because another process may finish the same scan meanwhile
    cached = _cached_scan(folder)
    if cached is not None:
        return cached
    if existed:
        shutil.rmtree(folder, ignore_errors=True)  # damaged, because folders are written atomically
    with atomic_folder(folder) as temporary:
        with (temporary / "thumbnails.bin").open("wb") as thumbnails:
            content = _write(source, files, thumbnails, progress)
        write_json(temporary / "scan.json", content)
    for earlier in place.iterdir():  # earlier states of the same place; a process that has mapped one can read it
        if earlier != folder and not earlier.name.startswith("."):
            shutil.rmtree(earlier, ignore_errors=True)
    return _open_scan(content, folder / "thumbnails.bin")


def scan_version() -> tuple[object, ...]:
    """Return the version of the scan and those of the libraries that decode the images."""
    return SCAN_VERSION, library_versions(IMAGE_LIBRARIES)


def _cached_scan(folder: Path) -> Scan | None:
    """Return the scan in a folder of the cache, or None if there is none or it is damaged."""
    try:
        cached = _open_scan(read_json(folder / "scan.json"), folder / "thumbnails.bin")
        mark_used(folder)
        return cached
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _open_scan(content: dict[str, Any], thumbnails: Path | BinaryIO) -> Scan:
    files, digests, heights, widths, sums = zip(*content["read"], strict=True)
    return Scan(
        files=files,
        digests=digests,
        sizes=np.array([heights, widths], dtype=np.int64).T,
        thumbnails=np.memmap(thumbnails, dtype=np.uint8, mode="r", shape=(len(files), *THUMBNAIL_SHAPE)),
        skipped=tuple(SkippedFile(str(file), str(reason)) for file, reason in content["left_out"]),
        ranges=read_ranges(content["ranges"]),
        notes=tuple(content["notes"]),
        thumbnail_sums=np.array(sums, dtype=np.uint64),
        folder=str(thumbnails.parent) if isinstance(thumbnails, Path) else None,
    )


def _write(source: Source, files: Sequence[str], thumbnails: BinaryIO, progress: Progress) -> dict[str, Any]:
    """Write the thumbnails of all readable files and return the other results as they are written to `scan.json`."""
    readable: list[list[object]] = []
    skipped: list[list[object]] = []
    deep: list[DeepFile] = []
    n_reduced = 0
    with warnings.catch_warnings(), closing(_results(source, files)) as results:
        warnings.filterwarnings("ignore", module=r"PIL\.")  # of damaged files, which are listed with their reasons
        for done, result in enumerate(results, start=1):
            if result.reason:
                skipped.append([result.file, result.reason])
            else:
                if result.extent is not None:
                    deep.append(DeepFile(len(readable), result.file, result.digest, result.extent))
                n_reduced += result.reduction > 1
                readable.append([result.file, result.digest, *result.size, result.thumbnail_sum])
                thumbnails.write(result.thumbnail)
            progress(done, len(files), "reading images")
    if not readable:
        reasons = "; ".join(f"{file} {reason}" for file, reason in skipped[:MAX_LISTED])
        more = f"; and {len(skipped) - MAX_LISTED} more" if len(skipped) > MAX_LISTED else ""
        raise InputError(f"None of the {len(files)} image files in {source.name} can be read: {reasons}{more}.")
    extents = [file.extent for file in deep]
    ranges = choose_ranges(extents)
    scaled = scale_thumbnails(partial(_unchanged_bytes, source), deep, ranges, thumbnails, progress)
    for row, thumbnail_sum in scaled.items():
        readable[row][-1] = thumbnail_sum
    thumbnails.flush()
    notes = [*describe_ranges(ranges, extents), *describe_files([str(row[0]) for row in readable], n_reduced)]
    return {"read": readable, "left_out": skipped, "ranges": ranges, "notes": notes}


def _results(source: Source, files: Sequence[str]) -> Generator[_FileResult]:
    """Yield the result of each file, in order; the first files decide the number of threads."""
    first = _read_files(source, files[:PROBED_FILES])
    yield from first
    files = files[PROBED_FILES:]
    if np.mean([result.n_bytes for result in first]) < SMALL_FILE_BYTES:
        for file in files:
            yield _read_file(source, file)
        return
    parts = [files[start : start + FILES_PER_TASK] for start in range(0, len(files), FILES_PER_TASK)]
    with closing(map_ordered(partial(_read_files, source), parts, min(MAX_THREADS, cpu_count()))) as results:
        for part in results:
            yield from part


def _read_files(source: Source, files: Sequence[str]) -> list[_FileResult]:
    return [_read_file(source, file) for file in files]


def _read_file(source: Source, file: str) -> _FileResult:
    try:
        data = source.read_bytes(file)
        size, small, extent, reduction = scan_image(data, EACH_ITS_OWN)
    except (OSError, UnreadableImageError) as error:
        return _FileResult(file, _reason(error))
    sums = row_checksum(np.ascontiguousarray(small))
    return _FileResult(file, "", bytes_digest(data), size, small.tobytes(), sums, len(data), extent, reduction)


def _unchanged_bytes(source: Source, file: str, digest: str) -> bytes:
    """Return the bytes of a file with this digest. Raises `UnreadableImageError` if it has changed, or `OSError`."""
    data = source.read_bytes(file)
    if bytes_digest(data) != digest:
        raise UnreadableImageError("has changed")
    return data


def _reason(error: Exception) -> str:
    return f"cannot be read ({error.strerror or error})" if isinstance(error, OSError) else str(error)
