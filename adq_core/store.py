"""Results by content key: in memory first, then on disk, computed once however many ask.

A record lies on disk as a folder `<kind>/<key>/` with one `.npy` an array (read back as a memory map) and a
`record.json` for the rest. Nothing is pickled. A folder appears whole, by renaming, or not at all; one that cannot be
read any more is made anew. A `Store` without a folder keeps everything in memory.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from .errors import StorageError
from .records import Record

R = TypeVar("R", bound=Record)

CACHE_VARIABLE = "ADQ_CACHE"


def default_folder() -> Path:
    """Return the cache folder: `ADQ_CACHE`, or `adq-explorer` in the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "adq-explorer"


class Store:
    """Keep records by key. Safe to share between threads; processes may share the folder."""

    def __init__(self, folder: Path | str | None = None, memory_records: int = 256) -> None:
        self.folder = None if folder is None else Path(folder)
        self._memory: OrderedDict[str, Record] = OrderedDict()
        self._memory_records = memory_records
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def fetch(self, kind: type[R], key: str, make: Callable[[], R]) -> R:
        """Return the record of this key, making and keeping it if nobody has; concurrent askers wait for one maker."""
        with self._lock(key):
            found = self.peek(kind, key)
            if found is None:
                found = make()
                self._remember(key, found)
                self._write(kind, key, found)
            return found

    def peek(self, kind: type[R], key: str) -> R | None:
        """Return the record if it is already there, else None; never computes."""
        with self._guard:
            held = self._memory.get(key)
            if held is not None:
                self._memory.move_to_end(key)
        if isinstance(held, kind):
            return held
        read = self._read(kind, key)
        if read is not None:
            self._remember(key, read)
        return read

    @contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            yield

    def _remember(self, key: str, record: Record) -> None:
        with self._guard:
            self._memory[key] = record
            self._memory.move_to_end(key)
            while len(self._memory) > self._memory_records:
                self._memory.popitem(last=False)

    def _path(self, kind: type[Record], key: str) -> Path | None:
        return None if self.folder is None else self.folder / kind.__name__.lower() / key

    def _read(self, kind: type[R], key: str) -> R | None:
        path = self._path(kind, key)
        if path is None or not path.is_dir():
            return None
        try:
            values: dict[str, Any] = json.loads((path / "record.json").read_text(encoding="utf-8"))
            for spec in fields(kind):  # type: ignore[arg-type]
                if spec.name not in values:
                    values[spec.name] = np.load(path / f"{spec.name}.npy", mmap_mode="r", allow_pickle=False)
                elif isinstance(values[spec.name], list):
                    values[spec.name] = tuple(values[spec.name])
            return kind(**values)
        except (OSError, ValueError, TypeError):  # damaged or of an older layout: as good as absent
            return None

    def _write(self, kind: type[Record], key: str, record: Record) -> None:
        path = self._path(kind, key)
        if path is None:
            return
        with writing_folder(path) as aside:
            plain: dict[str, Any] = {}
            for spec in fields(record):  # type: ignore[arg-type]
                value = getattr(record, spec.name)
                if isinstance(value, np.ndarray):
                    np.save(aside / f"{spec.name}.npy", value, allow_pickle=False)
                else:
                    plain[spec.name] = value
            (aside / "record.json").write_text(json.dumps(plain), encoding="utf-8")


@contextmanager
def scratch_file() -> Iterator[BinaryIO]:
    """Give a file without a name, which is gone when closed; a memory map of it stays."""
    try:
        with tempfile.TemporaryFile() as file:
            yield file
    except OSError as error:
        raise StorageError(
            f"Could not write a temporary file: {error.strerror or error}. Free some space or name a folder with "
            f"--cache or {CACHE_VARIABLE}."
        ) from error


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """Give a folder beside `path` to write into; it becomes `path` in one step, or vanishes if anything fails."""
    aside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield aside
        try:
            aside.rename(path)
        except OSError:
            if not path.is_dir():  # not merely another process that was faster
                raise
    except OSError as error:
        raise StorageError(
            f"Could not write {path}: {error.strerror or error}. Free some space or name another folder "
            f"with --cache or {CACHE_VARIABLE}."
        ) from error
    finally:
        if aside is not None and aside.exists():
            shutil.rmtree(aside, ignore_errors=True)
