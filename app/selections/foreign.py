"""A selection made elsewhere, as the page Audit and its link name it: uploaded lists, files on this machine, or saved.

upload:4f1c...,90ab...   uploaded lists of this browser, by their handles
rows:9f86d081...         a saved manual selection, by the digest of its ids
/data/exp*.npy           files on this machine; `*` stands for any characters
"""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path

from adq_core import Run
from adq_core.errors import InputError
from adq_core.file_access import check_access
from adq_core.selection import LIST_SUFFIXES, ForeignSelection, is_digest, read_selection, rows_of
from app import access, stores, visitors
from app.uploads import read_handles

from .resolve import manual_selection_of

ROWS = "rows:"
MAX_FILES = 1_000


@dataclass(frozen=True)
class ListFiles:
    """The files of a selection made elsewhere, with the names that the user knows."""

    names: tuple[str, ...]
    paths: tuple[Path, ...]

    @property
    def title(self) -> str:
        """Return the name of the first file, and how many others there are."""
        others = len(self.names) - 1
        return self.names[0] if not others else f"{self.names[0]} and {others:,} other{'s' if others > 1 else ''}"

    @property
    def identity(self) -> tuple[object, ...]:
        """Return what changes when a file changes."""
        states = [(str(path), path.stat()) for path in self.paths]
        return (self.names, *((path, one.st_size, one.st_mtime_ns) for path, one in states))


def find_files(text: str) -> ListFiles:
    """Return the files that a text names: uploaded lists of this visitor, or files on this machine.

    Raises
    ------
    InputError
        If an upload is gone or belongs to another browser, or no file has this path.
    SettingsError
        If a public server may not read the files.
    """
    if (handles := read_handles(text)) is not None:
        found = [stores.uploads().with_handle(visitors.owner(), handle) for handle in handles]
        lists = [one for one in found if one is not None and one.kind == "list"]
        if len(lists) < len(found):
            raise InputError(
                f"The uploaded lists must be among your uploads, but {len(found) - len(lists):,} of {len(found):,} are "
                "not: they were removed, or they are from another browser. Upload them again."
            )
        return ListFiles(tuple(one.name for one in lists), tuple(map(stores.uploads().path, lists)))
    return _files_of_path(text)


def _files_of_path(text: str) -> ListFiles:
    """Return the files of a path or pattern; every path is checked, because a pattern can name any of them."""
    name = os.path.expanduser(access.real_name(text) or text)
    if stores.is_public() and not os.path.isabs(name):
        name = os.path.join(stores.data_root() or "", name)
    names = sorted(glob.iglob(name))[: MAX_FILES + 1] if glob.has_magic(name) and not os.path.exists(name) else [name]
    for one in (name, *names):
        check_access("The path", one)
        access.check_path(one)
    files = [Path(one) for one in names if os.path.isfile(one)]
    if not files or len(files) > MAX_FILES:
        raise InputError(
            f"The path must name a file, or up to {MAX_FILES:,} files with *, and end in {', '.join(LIST_SUFFIXES)}; "
            f"{text!r:.200} names {'none' if not files else 'more'}."
        )
    return ListFiles(tuple(path.name for path in files), tuple(files))


def read_files(files: ListFiles, run: Run, order: str | None) -> ForeignSelection:
    """Return the selection in the files of a list; raises as `read_selection` does."""
    return read_selection(files.paths, run.dataset, names=files.names, order=order)


def saved_selection(text: str, run: Run) -> ForeignSelection:
    """Return the saved manual selection that a text names; raises `InputError` if this server does not have it."""
    digest = text[len(ROWS) :]
    if not is_digest(digest):
        raise InputError(f"{text!r:.80} does not name a saved selection.")
    rows = rows_of(manual_selection_of(digest), run.dataset)
    if not len(rows):
        raise InputError(f"The saved selection must have images of {run.dataset.name}, but it has none of them.")
    return ForeignSelection(rows, False, "")
