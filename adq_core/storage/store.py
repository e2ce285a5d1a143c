"""Results by key: in memory, then on disk; each is computed once, however many threads or processes request it.

A record is a folder `<kind>/<key>/` (see `record_files.py`). A folder is written atomically; one that is damaged is
moved to the folder `damaged`, and its record is computed again. A `Store` without a folder keeps all records in memory.
"""

from __future__ import annotations

import logging
import mmap
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from adq_core.errors import Cancelled, StorageError
from adq_core.records import Record

from .cache_folder import DAMAGED, LOCKS, mark_used
from .files import CACHE_OPTION, CACHE_VARIABLE, atomic_folder, storage_errors
from .record_files import read_files, write_files

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

POLL = 0.2  # polling interval in seconds


def default_folder() -> Path:
    """Return the cache folder: `ADQ_CACHE`, or `adq-explorer` in the user's cache folder (XDG_CACHE_HOME)."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "adq-explorer"


class _Pending:
    """A computation in progress: its record or its error, for all threads that wait for it."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.record: Record | None = None
        self.error: BaseException | None = None


class Store:
    """Records by key. Threads may share a store; processes may share its folder.

    At most `memory_bytes` of arrays are held in memory, those used last; memory maps do not count, because the system
    can release their pages. `option` is the option named in the error when the folder cannot be written.
    """

    def __init__(
        self, folder: Path | str | None = None, memory_bytes: int = 512 * 2**20, *, option: str = CACHE_OPTION
    ) -> None:
        self.folder = None if folder is None else Path(folder)
        self._memory: OrderedDict[str, Record] = OrderedDict()
        self._memory_bytes = memory_bytes
        self._option = option
        self._guard = threading.Lock()
        self._pending: dict[tuple[str, str], _Pending] = {}

    def get_or_compute(
        self, record_type: type[R], key: str, make: Callable[[], R], waiting: Callable[[], None] = lambda: None
    ) -> R:
        """Return the record with this key; call `make` and save its result if there is none.

        If several threads or processes request one key, one computes and the others wait. An exception in `make` is
        raised in every waiting thread, but after `Cancelled` or KeyboardInterrupt the next thread computes. `waiting`
        is called repeatedly while another thread or process computes; an exception in it ends the waiting.

        Raises
        ------
        StorageError
            If the record cannot be written. It stays in memory, so the next call returns it.
        """
        while True:
            with self._guard:
                other = self._pending.get((record_type.kind, key))
                if other is None:
                    own = self._pending[record_type.kind, key] = _Pending()
                    break
            while not other.done.wait(POLL):
                waiting()
            if isinstance(other.record, record_type):
                return other.record
            if isinstance(other.error, Exception) and not isinstance(other.error, Cancelled):
                raise other.error
        try:
            record = self.get(record_type, key)
            if record is None:
                with self._disk_lock(record_type, key, waiting):
                    record = self.get(record_type, key)
                    if record is None:
                        record = self._save(key, make())
            own.record = record
            return record
        except BaseException as error:
            own.error = error
            raise
        finally:
            with self._guard:
                del self._pending[record_type.kind, key]
            own.done.set()

    def get(self, record_type: type[R], key: str) -> R | None:
        """Return the record with this key, or None if there is none; never computes."""
        with self._guard:
            cached = self._memory.get(key)
            if cached is not None:
                self._memory.move_to_end(key)
        if isinstance(cached, record_type):
            return cached
        record = self._read(record_type, key)
        if record is not None:
            self._remember(key, record)
        return record

    def _save(self, key: str, record: R) -> R:
        """Write the record and return it, with its arrays mapped from the written files."""
        try:
            self._write(key, record)
        except StorageError:
            self._remember(key, record)  # a full disk does not lose the result
            raise
        saved = self._read(type(record), key) or record
        self._remember(key, saved)
        return saved

    def _remember(self, key: str, record: Record) -> None:
        with self._guard:
            self._memory[key] = record
            self._memory.move_to_end(key)
            n_bytes = sum(map(_bytes_in_memory, self._memory.values()))
            while n_bytes > self._memory_bytes and len(self._memory) > 1:
                n_bytes -= _bytes_in_memory(self._memory.popitem(last=False)[1])

    @contextmanager
    def _disk_lock(self, record_type: type[Record], key: str, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the lock that prevents other processes from computing the same record; it ends with the process."""
        if self.folder is None:
            yield
            return
        from filelock import FileLock, Timeout

        folder = self.folder / LOCKS
        with storage_errors(folder, self._option):
            folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{record_type.kind}-{key}", thread_local=False)
        while True:
            try:
                lock.acquire(timeout=POLL)
                break
            except Timeout:
                waiting()
            except (OSError, NotImplementedError):  # a disk without locks: two processes may compute the same record
                break
        try:
            yield
        finally:
            lock.release()

    def _path(self, record_type: type[Record], key: str) -> Path | None:
        return None if self.folder is None else self.folder / record_type.kind / key

    def _read(self, record_type: type[R], key: str) -> R | None:
        """Return the record on the disk; None if there is none. A damaged one is moved to the folder `damaged`."""
        path = self._path(record_type, key)
        if path is None or not path.is_dir():
            return None
        try:
            values, arrays = read_files(path)
        except FileNotFoundError:
            if path.is_dir():  # else another process has removed it just now
                self._set_aside(path)
            return None
        except Exception:  # NumPy raises many types of error for a damaged file
            self._set_aside(path)
            return None
        try:
            record = record_type(**values, **arrays)
        except (TypeError, ValueError):  # a record of an earlier version
            return None
        if record.key != key:
            return None
        mark_used(path)
        return record

    def _set_aside(self, path: Path) -> None:
        """Move a damaged record into the folder `damaged`, and say so."""
        assert self.folder is not None
        target = self.folder / DAMAGED / f"{path.parent.name}-{path.name}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(target, ignore_errors=True)
            path.rename(target)
        except OSError:  # a read-only cache, or another process was faster
            return
        log.warning("adq: the stored result %s was damaged. It is computed again; the damaged files: %s", path, target)

    def _write(self, key: str, record: Record) -> None:
        path = self._path(type(record), key)
        if path is None:
            return
        with atomic_folder(path, option=self._option) as temporary:
            write_files(temporary, record)
            if path.exists():  # of an earlier version, or damaged in a folder that was read-only
                path.rename(temporary / "earlier")
                shutil.rmtree(temporary / "earlier", ignore_errors=True)


def _bytes_in_memory(record: Record) -> int:
    """Return the bytes of memory that the arrays of a record take, without memory maps."""
    arrays = [value for value in vars(record).values() if isinstance(value, np.ndarray)]
    return sum(array.nbytes for array in arrays if not isinstance(_owner(array), mmap.mmap))


def _owner(array: Any) -> Any:
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return array
