"""Results by content key: in memory first, then on disk, computed once however many ask.

A record lies on disk as a folder `<kind>/<key>/` with one `.npy` an array (read back as a memory map) and a
`record.json` for the rest. Nothing is pickled. A folder appears whole, by renaming, or not at all; one that cannot be
read any more is made anew. A `Store` without a folder keeps everything in memory.
"""

from __future__ import annotations

import json
import mmap
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

from adq_core.digests import to_builtin
from adq_core.errors import Cancelled, StorageError
from adq_core.records import Record

R = TypeVar("R", bound=Record)

CACHE_VARIABLE = "ADQ_CACHE"
POLL = 0.2  # seconds between two looks whether another maker is done


def default_folder() -> Path:
    """Return the cache folder: `ADQ_CACHE`, or `adq-explorer` in the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "adq-explorer"


class _Flight:
    """One computation under way: its record or error, for all who wait."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.record: Record | None = None
        self.error: BaseException | None = None


class Store:
    """Keep records by key. Safe to share between threads; processes may share the folder.

    In memory at most `memory_bytes` of arrays are held, the last used ones; memory maps count nothing, for the system
    takes their pages back by itself.
    """

    def __init__(self, folder: Path | str | None = None, memory_bytes: int = 512 * 2**20) -> None:
        self.folder = None if folder is None else Path(folder)
        self._memory: OrderedDict[str, Record] = OrderedDict()
        self._memory_bytes = memory_bytes
        self._guard = threading.Lock()
        self._flights: dict[tuple[str, str], _Flight] = {}

    def get_or_compute(
        self, record_type: type[R], key: str, make: Callable[[], R], waiting: Callable[[], None] = lambda: None
    ) -> R:
        """Return the record of this key, making and keeping it if nobody has; concurrent askers wait for one maker.

        What `make` raises reaches all of them and leaves nothing behind, except that a maker who is stopped, by
        `Cancelled` or Ctrl-C, hands over to the next. `waiting` is called again and again while another one makes;
        raising from it stops waiting.
        """
        while True:
            with self._guard:
                flight = self._flights.get((record_type.kind, key))
                if flight is None:
                    mine = self._flights[record_type.kind, key] = _Flight()
                    break
            while not flight.landed.wait(POLL):
                waiting()
            if isinstance(flight.record, record_type):
                return flight.record
            if isinstance(flight.error, Exception) and not isinstance(flight.error, Cancelled):
                raise flight.error
        try:
            found = self.get(record_type, key)
            if found is None:
                with self._alone_on_disk(record_type, key, waiting):
                    found = self.get(record_type, key)
                    if found is None:
                        found = self._keep(key, make())
            mine.record = found
            return found
        except BaseException as error:
            mine.error = error
            raise
        finally:
            with self._guard:
                del self._flights[record_type.kind, key]
            mine.landed.set()

    def get(self, record_type: type[R], key: str) -> R | None:
        """Return the record if it is already there, else None; never computes."""
        with self._guard:
            held = self._memory.get(key)
            if held is not None:
                self._memory.move_to_end(key)
        if isinstance(held, record_type):
            return held
        read = self._read(record_type, key)
        if read is not None:
            self._remember(key, read)
        return read

    def _keep(self, key: str, made: R) -> R:
        """Return the record, remembered and written; from then on its arrays are memory maps of what was written."""
        try:
            self._write(key, made)
        except StorageError:
            self._remember(key, made)  # what was computed is not lost with the disk
            raise
        kept = self._read(type(made), key) or made
        self._remember(key, kept)
        return kept

    def _remember(self, key: str, record: Record) -> None:
        with self._guard:
            self._memory[key] = record
            self._memory.move_to_end(key)
            held = sum(map(_bytes_in_memory, self._memory.values()))
            while held > self._memory_bytes and len(self._memory) > 1:
                held -= _bytes_in_memory(self._memory.popitem(last=False)[1])

    @contextmanager
    def _alone_on_disk(self, record_type: type[Record], key: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the lock that keeps other processes from making the same record; it ends with the process."""
        if self.folder is None:
            yield
            return
        from filelock import FileLock, Timeout

        folder = self.folder / "locks"
        with _refusals_told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{record_type.kind}-{key}", thread_local=False)
        while True:
            try:
                lock.acquire(timeout=POLL)
                break
            except Timeout:
                waiting()
            except (OSError, NotImplementedError):  # a disk without locks: at worst two processes compute the same
                break
        try:
            yield
        finally:
            lock.release()

    def _path(self, record_type: type[Record], key: str) -> Path | None:
        return None if self.folder is None else self.folder / record_type.kind / key

    def _read(self, record_type: type[R], key: str) -> R | None:
        path = self._path(record_type, key)
        try:
            if path is None or not path.is_dir():
                return None
            values: dict[str, Any] = json.loads((path / "record.json").read_text(encoding="utf-8"))
            for spec in fields(record_type):  # type: ignore[arg-type]
                if spec.name in values:
                    values[spec.name] = to_builtin(values[spec.name])
                else:
                    mapped = np.load(path / f"{spec.name}.npy", mmap_mode="r", allow_pickle=False)
                    values[spec.name] = np.asarray(mapped)  # a plain array on the map: np.memmap is slower and odd
            return record_type(**values) if values["key"] == key else None
        except Exception:  # damaged, in whatever way, or of an older layout: as good as absent
            return None

    def _write(self, key: str, record: Record) -> None:
        path = self._path(type(record), key)
        if path is None:
            return
        with atomic_folder(path) as aside:
            rest: dict[str, Any] = {}
            for spec in fields(record):  # type: ignore[arg-type]
                value = getattr(record, spec.name)
                if isinstance(value, np.ndarray):
                    np.save(aside / f"{spec.name}.npy", value, allow_pickle=False)
                else:
                    rest[spec.name] = to_builtin(value)
            (aside / "record.json").write_text(json.dumps(rest), encoding="utf-8")
            if path.exists():  # damaged, for it could not be read; a sound one would have been returned
                path.rename(aside / "damaged")
                shutil.rmtree(aside / "damaged", ignore_errors=True)


def _bytes_in_memory(record: Record) -> int:
    """Return how many bytes the arrays of a record hold, memory maps left out."""
    arrays = [value for value in vars(record).values() if isinstance(value, np.ndarray)]
    return sum(array.nbytes for array in arrays if not isinstance(_owner(array), mmap.mmap))


def _owner(array: Any) -> Any:
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return array


@contextmanager
def scratch_file() -> Iterator[BinaryIO]:
    """Give a file without a name, which is gone when closed; a memory map of it stays."""
    with _refusals_told("a temporary file"), tempfile.TemporaryFile() as file:
        yield file


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a folder beside `path` to write into; it becomes `path` in one step, or vanishes if anything fails."""
    aside = None
    try:
        with _refusals_told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
            yield aside
            try:
                aside.rename(path)
            except OSError:
                if not path.is_dir():  # not merely another process that was faster
                    raise
    finally:
        if aside is not None and aside.exists():
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _refusals_told(path: Path | str) -> Iterator[None]:
    """Turn what the disk refuses into a `StorageError` that says what to do."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"Could not write {path}: {error.strerror or error}. Free some space or name another folder "
            f"with --cache or {CACHE_VARIABLE}."
        ) from error
