"""The cache folder as a whole: its entries with size and last use, and their removal.

Only entries of the kinds in `CACHE_KINDS` are listed and removed. Other files in the folder, such as weights that
earlier versions kept there, are never touched; saved selections and trained weights are in the data folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import scratch
from .files import storage_errors

DAMAGED = "damaged"
LOCKS = "locks"
CACHE_KINDS = {  # folder in the cache: its content
    "embeddings": "feature vectors",
    "projection": "maps",
    "bins": "bins",
    "texture": "texture of images",
    "imagescores": "representativeness of images",
    "views": "features of augmented images",
    "head": "projection heads",
    "binscores": "scores of bins",
    "strategydraw": "draws of strategies",
    "draworder": "draw orders",
    "scans": "thumbnails and sizes of the images of folders and archives",
    "listings": "lists of the files of folders",
    "thumbnails": "thumbnails of arrays of images",
    "arrays": "unpacked arrays of images",
    "torchvision": "downloaded data sets of torchvision",
    "evidence": "measured comparisons of strategies",
    DAMAGED: "damaged entries that were set aside",
}


@dataclass(frozen=True)
class CacheEntry:
    """One entry of the cache, which can be removed without the others."""

    kind: str
    name: str
    path: Path
    n_bytes: int
    last_used: float  # seconds since 1970


def cache_entries(folder: Path) -> list[CacheEntry]:
    """Return the entries of the cache, the least recently used first."""
    entries = [
        CacheEntry(kind, path.name, path, n_bytes, last_used)
        for kind in CACHE_KINDS
        for path in _entry_paths(folder / kind)
        for n_bytes, last_used in [_size_and_use(path)]
    ]
    return sorted(entries, key=lambda entry: (entry.last_used, entry.kind, entry.name))


def clear_cache(folder: Path, kinds: Collection[str] | None = None) -> list[CacheEntry]:
    """Remove all entries of these kinds, by default of all kinds, and return the removed ones.

    Raises
    ------
    StorageError
        If an entry cannot be removed.
    """
    entries = [entry for entry in cache_entries(folder) if kinds is None or entry.kind in kinds]
    return _remove_entries(entries)


def limit_cache(
    folder: Path, *, max_bytes: int | None = None, max_age: float | None = None, now: Callable[[], float] = time.time
) -> list[CacheEntry]:
    """Remove entries until the cache fits the limits, the least recently used first, and return the removed ones.

    `max_bytes` limits the size of all entries together, `max_age` the seconds since the last use of each. An entry that
    another process has mapped into its memory stays readable there.

    Raises
    ------
    StorageError
        If an entry cannot be removed.
    """
    entries = cache_entries(folder)
    oldest = -float("inf") if max_age is None else now() - max_age
    n_bytes, superfluous = sum(entry.n_bytes for entry in entries), []
    for entry in entries:
        if entry.last_used < oldest or (max_bytes is not None and n_bytes > max_bytes):
            superfluous.append(entry)
            n_bytes -= entry.n_bytes
    return _remove_entries(superfluous)


def remove_scratch(folder: Path) -> None:
    """Remove temporary files in a cache or data folder whose process has ended: called when a program starts."""
    scratch.remove_stale(folder, depth=1)
    scratch.remove_stale(folder / "scans", depth=1)
    scratch.remove_remembered(folder)


def mark_used(path: Path) -> None:
    """Record that an entry is used now; where the cache is read-only, nothing is recorded."""
    with suppress(OSError):
        os.utime(path)


def _entry_paths(kind: Path) -> Iterable[Path]:
    try:
        paths = [path for path in kind.iterdir() if not path.name.startswith(".")]
    except OSError:
        return []
    return [inner for path in paths for inner in path.iterdir()] if kind.name == "scans" else paths


def _size_and_use(path: Path) -> tuple[int, float]:
    """Return the bytes of a file or folder, and when it was last used."""
    n_bytes, last_used = 0, 0.0
    with suppress(OSError):
        last_used = path.stat().st_mtime
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        n_bytes = sum(file.lstat().st_size for file in files)
    return n_bytes, last_used


def _remove_entries(entries: list[CacheEntry]) -> list[CacheEntry]:
    """Remove entries; each is renamed first, so that no other process sees a part of it."""
    for entry in entries:
        with storage_errors(entry.path):
            hidden = scratch.temporary_path(entry.path)
            try:
                entry.path.rename(hidden)
            except FileNotFoundError:  # another process was faster
                continue
        scratch.remove(hidden)
        with suppress(OSError):
            (entry.path.parents[1] / LOCKS / f"{entry.kind}-{entry.name}").unlink(missing_ok=True)
        with suppress(OSError):  # the folder of a scan, if it is empty now
            if entry.kind == "scans":
                entry.path.parent.rmdir()
    return entries
