"""Atomic writes: a file or folder appears complete, or not at all.

The content is written under a temporary name beside the target and renamed at the end. A process that is killed cannot
remove its temporary files, so the next write into the same folder removes those whose process has ended, and the next
start those in the cache (see `scratch.py`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from adq_core.errors import StorageError

from .scratch import remove_stale, temporary_path

CACHE_VARIABLE = "ADQ_CACHE"
CACHE_OPTION = f"--cache or {CACHE_VARIABLE}"


@contextmanager
def atomic_file(path: Path, *, option: str | None = CACHE_OPTION) -> Iterator[Path]:
    """Yield the path of a temporary file, which replaces `path` when the block ends.

    If the block raises, the temporary file is removed and `path` stays as it was. Missing parent folders are created.

    Raises
    ------
    StorageError
        If the file cannot be written. The text names `option`, the option with which the user chooses another folder.
        With `option=None` the `OSError` is raised as it is.
    """
    with storage_errors(path, option):
        temporary = temporary_path(path)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, *, option: str | None = CACHE_OPTION, keep_existing: bool = True) -> Iterator[Path]:
    """Yield a new temporary folder, which becomes `path` when the block ends.

    If the block raises, the temporary folder is removed. If `path` has files at the end because another process has
    written it in the meantime, that folder is kept and the temporary one is removed; with `keep_existing=False` it is
    an error, unless these files are hidden ones. Missing parent folders are created.

    Raises
    ------
    StorageError
        If the folder cannot be written. The text names `option`, the option with which the user chooses another folder.
        With `option=None` the `OSError` is raised as it is.
    """
    with storage_errors(path, option):
        temporary = temporary_path(path)
        try:
            temporary.mkdir()
            yield temporary
            remove_stale(path, depth=0)
            try:
                temporary.rename(path)
            except OSError:
                if not path.is_dir() or (not keep_existing and not _move_files(temporary, path)):
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _move_files(source: Path, target: Path) -> bool:
    """Move all files into a folder that has only hidden files or cannot be replaced; return False if it has others."""
    if not is_empty(target, option=None):
        return False
    for path in source.iterdir():
        path.rename(target / path.name)
    return True


def is_empty(folder: Path, *, option: str | None = "--out") -> bool:
    """Return whether a folder has no files but hidden ones. Raises `StorageError` if it cannot be read."""
    with storage_errors(folder, option):
        return all(path.name.startswith(".") for path in folder.iterdir())


@contextmanager
def scratch_file() -> Iterator[BinaryIO]:
    """Yield an open file without a name. It is deleted when it is closed; a memory map of it remains valid."""
    with storage_errors("a temporary file"), tempfile.TemporaryFile() as file:
        yield file


@contextmanager
def storage_errors(path: Path | str, option: str | None = CACHE_OPTION) -> Iterator[None]:
    """Convert an `OSError` in the block to a `StorageError` that names `path` and `option`."""
    try:
        yield
    except OSError as error:
        if option is None:
            raise
        raise StorageError(
            f"Could not write {path}: {error.strerror or error}. Free some space or name another folder with {option}."
        ) from error
