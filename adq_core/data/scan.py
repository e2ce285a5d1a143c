"""Each image file of a source is read and decoded once, and what was seen is remembered in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from adq_core.digests import derive_key
from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.records import Image, Ints
from adq_core.storage import atomic_folder, scratch_file

from .dataset import SkippedFile
from .decoding import THUMBNAIL, UnreadableImageError, decode, thumbnail

SCAN_VERSION = 1  # raise it when decoding or thumbnails change: what was remembered is then made anew
MOST_THREADS = 4  # each may hold one image of 50 million pixels
LISTED = 3  # reasons in one error
SHAPE = (THUMBNAIL, THUMBNAIL, 3)


@dataclass(frozen=True)
class Source:
    """A place with files: a folder or an archive.

    `stamps` maps each relative path to a text that changes when the file does; `read_bytes` returns a file's bytes
    and raises `UnreadableImageError` where it knows a reason not to, or `OSError`.
    """

    name: str
    place: str  # what a scan is remembered under, beside the stamps
    stamps: dict[str, str]
    read_bytes: Callable[[str], bytes]

    def read_image(self, file: str, digest: str) -> Image:
        """Return the pixels of a file that was scanned before; raise `InputError` if it is gone or another by now."""
        try:
            data = self.read_bytes(file)
        except (OSError, UnreadableImageError) as error:
            raise InputError(f"{file} of {self.name} can no longer be read ({_why(error)}). Put it back.") from None
        if file_digest(data) != digest:
            raise InputError(f"{file} of {self.name} has changed since the data set was opened. Open it again.")
        return decode(data)


@dataclass(frozen=True, eq=False)
class Scan:
    """What was seen of the readable files, in the order of their paths, and why the others are not."""

    files: tuple[str, ...]
    digests: tuple[str, ...]  # of each file's bytes
    sizes: Ints  # (M, 2) height, width
    thumbnails: NDArray[np.uint8]  # (M, 64, 64, 3) memory map
    skipped: tuple[SkippedFile, ...]


@dataclass(frozen=True)
class _Seen:
    file: str
    reason: str = ""  # empty: readable
    digest: str = ""
    size: tuple[int, int] = (0, 0)
    thumbnail: bytes = b""


def file_digest(data: bytes) -> str:
    """Return the digest of a file's bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def scan(source: Source, files: Sequence[str], cache: Path | None = None, progress: Progress = no_progress) -> Scan:
    """Return what is seen in these files of a source, from the cache if none of them has changed since it was written.

    Few images are in memory at a time. If `progress` raises, nothing is kept. Without a cache the thumbnails lie in a
    temporary file that vanishes with the process.
    """
    if cache is None:
        with scratch_file() as unnamed:
            return _opened(_write(source, files, unnamed, progress), unnamed)
    place = cache / "scans" / derive_key(source.place)
    folder = place / derive_key(SCAN_VERSION, [(file, source.stamps[file]) for file in files])
    existed = folder.is_dir()  # asked first: another process may finish the same scan at any moment
    found = _remembered(folder)
    if found is not None:
        return found
    if existed:
        shutil.rmtree(folder, ignore_errors=True)  # damaged: folders appear whole
    with atomic_folder(folder) as aside:
        with (aside / "thumbnails.bin").open("wb") as file:
            kept = _write(source, files, file, progress)
        (aside / "scan.json").write_text(json.dumps(kept), encoding="utf-8")
    for older in place.iterdir():  # an earlier state of the same place; who has it open keeps it until done
        if older != folder and not older.name.startswith("."):
            shutil.rmtree(older, ignore_errors=True)
    return _opened(kept, folder / "thumbnails.bin")


def _remembered(folder: Path) -> Scan | None:
    try:
        return _opened(json.loads((folder / "scan.json").read_text(encoding="utf-8")), folder / "thumbnails.bin")
    except (OSError, ValueError, TypeError, KeyError):  # not there, or damaged, which is as good
        return None


def _opened(kept: dict[str, list[list[object]]], thumbnails: Path | BinaryIO) -> Scan:
    files, digests, heights, widths = zip(*kept["read"], strict=True)
    return Scan(
        files=files,
        digests=digests,
        sizes=np.array([heights, widths], dtype=np.int64).T,
        thumbnails=np.memmap(thumbnails, dtype=np.uint8, mode="r", shape=(len(files), *SHAPE)),
        skipped=tuple(SkippedFile(str(file), str(reason)) for file, reason in kept["left_out"]),
    )


def _write(
    source: Source, files: Sequence[str], thumbnails: BinaryIO, progress: Progress
) -> dict[str, list[list[object]]]:
    """Write the thumbnails of all readable files and return the rest of what is to be remembered."""
    read: list[list[object]] = []
    skipped: list[list[object]] = []
    with closing(_look_at_all(source, files)) as looks:  # closed, so stopped, at once where progress raises
        for done, seen in enumerate(looks, start=1):
            if seen.reason:
                skipped.append([seen.file, seen.reason])
            else:
                read.append([seen.file, seen.digest, *seen.size])
                thumbnails.write(seen.thumbnail)
            progress(done, len(files), "reading images")
    thumbnails.flush()
    if not read:
        first = "; ".join(f"{file} {reason}" for file, reason in skipped[:LISTED])
        more = f"; and {len(skipped) - LISTED} more" if len(skipped) > LISTED else ""
        raise InputError(f"None of the {len(files)} image files in {source.name} can be read: {first}{more}.")
    return {"read": read, "left_out": skipped}


def _look_at_all(source: Source, files: Sequence[str]) -> Generator[_Seen]:
    """Yield what is seen in each file, in order; only a few files are under way at a time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = min(MOST_THREADS, cores)
    waiting: deque[Future[_Seen]] = deque()
    with warnings.catch_warnings(), ThreadPoolExecutor(threads) as pool:
        warnings.filterwarnings("ignore", module=r"PIL\.")  # about damaged files, which are listed with their reasons
        try:
            for file in files:
                waiting.append(pool.submit(_look_at, source, file))
                if len(waiting) >= 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for unwanted in waiting:
                unwanted.cancel()


def _look_at(source: Source, file: str) -> _Seen:
    try:
        data = source.read_bytes(file)
        image = decode(data)
    except (OSError, UnreadableImageError) as error:
        return _Seen(file, _why(error))
    return _Seen(file, "", file_digest(data), (image.shape[0], image.shape[1]), thumbnail(image).tobytes())


def _why(error: Exception) -> str:
    return f"cannot be read ({error.strerror or error})" if isinstance(error, OSError) else str(error)
