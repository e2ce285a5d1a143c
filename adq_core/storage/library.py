"""User data: records and files that cannot be computed again, such as saved selections and trained weights.

They are stored in a data folder, apart from the cache, which may be deleted at any time.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TypeVar

from adq_core.records import Record

from .files import atomic_folder
from .store import Store

R = TypeVar("R", bound=Record)

DATA_VARIABLE = "ADQ_DATA"
DATA_OPTION = DATA_VARIABLE


def data_folder() -> Path:
    """Return the folder of user data: `ADQ_DATA`, or `adq-explorer` in the user's data folder (XDG_DATA_HOME)."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "adq-explorer"


class Library:
    """Records by key, as in a `Store`, and files, in a folder of user data.

    Earlier versions kept such data in the cache. A record that is in `cache` only is copied to the library when it
    is first read, and a folder of files when it is first requested.
    """

    def __init__(self, folder: Path | str, cache: Store | None = None) -> None:
        self.folder = Path(folder)
        self._records = Store(self.folder, option=DATA_OPTION)
        self._cache = cache

    def get(self, record_type: type[R], key: str) -> R | None:
        """Return the record with this key, or None.

        Raises
        ------
        StorageError
            If a record from the cache cannot be copied to the library.
        """
        record = self._records.get(record_type, key)
        if record is None and self._cache is not None:
            cached = self._cache.get(record_type, key)
            return None if cached is None else self.save(cached)
        return record

    def save(self, record: R) -> R:
        """Save a record and return it, with its arrays mapped from the file.

        Raises
        ------
        StorageError
            If the disk is full or the folder cannot be written.
        """
        return self._records.get_or_compute(type(record), record.key, lambda: record)

    def files(self, name: str) -> Path:
        """Return the folder `name` of the library, which need not exist yet.

        Raises
        ------
        StorageError
            If a folder from the cache cannot be copied to the library.
        """
        folder = self.folder / name
        earlier = None if self._cache is None or self._cache.folder is None else self._cache.folder / name
        if earlier is not None and earlier != folder and earlier.is_dir() and not folder.exists():
            with atomic_folder(folder, option=DATA_OPTION) as temporary:
                shutil.copytree(earlier, temporary, dirs_exist_ok=True)
        return folder
