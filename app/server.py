"""Objects that all sessions of this server share: the jobs and the open data sets."""

from __future__ import annotations

import os
import secrets
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import streamlit as st

from adq_core import Settings
from adq_core.data import ImageDataset, forget_folder, open_dataset
from adq_core.digests import derive_key
from adq_core.errors import AdqError, InputError
from adq_core.progress import Progress
from adq_core.projection import compile_umap
from app import access, visitors
from app.file_checks import FileCheck, start_check
from app.jobs.registry import Jobs
from app.stores import library, store, uploads
from app.text import visible_paths
from app.uploads import Upload, stem_of

__all__ = ["library", "store", "uploads"]

WARM_UP_VARIABLE = "ADQ_WARM_UP"  # 0: no warm-up
WARM_UP_DELAY = 3.0  # seconds between the first complete page and the warm-up
RECENT = 2_000_000_000  # nanoseconds; file systems store times with a resolution of up to two seconds
OPEN_DATASETS = 4  # data sets that stay open; opening another one again from the store takes little time
MOST_DATASETS = 32  # data sets that stay open while sessions use them
IN_USE = 600.0  # seconds since the last run of a page
LARGE_MODULES = ("pandas", "adq_core.bins", "scipy.stats", "sklearn.decomposition", "sklearn.neighbors", "torch")


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs of this server."""
    return Jobs(prepare=_import_large_modules, is_connected=_is_connected)


def waiter_name(streamlit_session: str) -> str:
    """Return a new name under which a session waits for jobs; it contains Streamlit's own id of the session."""
    return f"{secrets.token_hex(8)}:{streamlit_session}"


def _is_connected(waiter: str) -> bool:
    """Return whether the browser of this waiter is connected."""
    return visitors.is_connected(waiter.partition(":")[2])


def _import_large_modules() -> None:
    for name in LARGE_MODULES:
        import_module(name)


def warm_up() -> None:
    """Compile umap-learn, which takes ten seconds, after the first page is complete and before a map is needed."""
    if os.environ.get(WARM_UP_VARIABLE, "1") != "0":
        _warm_up_later()


@st.cache_resource(show_spinner=False)
def _warm_up_later() -> None:
    """Start once per server, after a delay, because the browser needs the processor for the first page."""
    timer = threading.Timer(WARM_UP_DELAY, jobs().start, ("warm-up", "Warming up", lambda progress: compile_umap()))
    timer.daemon = True
    timer.start()


@st.cache_resource(show_spinner=False)
def open_datasets() -> OrderedDict[str, ImageDataset]:
    """Return the open data sets by the key of `dataset_key`, the least recently used first."""
    return OrderedDict()


@st.cache_resource(show_spinner=False)
def file_checks() -> dict[str, FileCheck]:
    """Return the checks of the files of open data sets, by the key of `dataset_key`."""
    return {}


@st.cache_resource(show_spinner=False)
def last_uses() -> dict[str, float]:
    """Return when each open data set was last used, as `time.monotonic()`."""
    return {}


def use_dataset(key: str) -> None:
    """Mark an open data set as used, and close the least recently used ones beyond `OPEN_DATASETS`.

    Those that a session has used in the last minutes stay open, up to `MOST_DATASETS`: otherwise several sessions with
    a data set each would close the data sets of each other at every run of a page.
    """
    known, uses = open_datasets(), last_uses()
    uses[key] = time.monotonic()
    with suppress(KeyError):  # another session may have closed it just now
        known.move_to_end(key)
    while len(known) > OPEN_DATASETS:
        oldest = next(iter(known))
        if len(known) <= MOST_DATASETS and time.monotonic() - uses.get(oldest, 0.0) < IN_USE:
            break
        close_dataset(oldest)


def close_dataset(key: str) -> None:
    """Close an open data set, so that the next page opens it again."""
    open_datasets().pop(key, None)
    file_checks().pop(key, None)
    last_uses().pop(key, None)
    jobs().forget(key)


def reopen_dataset(settings: Settings) -> None:
    """Close the data set of these settings and forget what is stored of its files, so that all are read anew."""
    path, cache = Path(access.locate(settings.dataset)).expanduser(), store().folder
    if cache is not None and path.exists():  # of a folder that is gone, only the cache has the files
        forget_folder(cache, path)
    close_dataset(dataset_key(settings))


def dataset_opener(settings: Settings) -> Callable[[Progress], None]:
    """Return the work of a job that opens the data set of these settings.

    A folder whose directories have not changed is opened from its stored listing, and its files are compared after
    that. An upload that its owner cannot open is deleted, unless the file of labels may be the reason.
    """
    folder, known, checks, key = store().folder, open_datasets(), file_checks(), dataset_key(settings)
    location, stored, owner = access.locate(settings.dataset), uploads(), visitors.owner()
    upload = stored.find(settings.dataset, owner)

    def work(progress: Progress) -> None:
        try:
            dataset = open_dataset(
                location,
                labels=settings.labels,
                vector_columns=settings.vector_columns,
                unlabelled=settings.unlabelled,
                cache=folder,
                progress=progress,
                verify=False,
            )
        except InputError as error:
            if upload is None:
                raise
            reason = visible_paths.with_upload_names(str(error), stored.name_of)
            if upload.owner == owner and settings.labels is None:
                stored.refuse(upload, reason)
            raise InputError(reason) from None
        check = start_check(dataset)
        if check is not None:
            checks[key] = check
        known[key] = dataset if upload is None else renamed(dataset, upload)

    return work


def renamed(dataset: ImageDataset, upload: Upload) -> ImageDataset:
    """Return the data set of an upload with the name of the upload, instead of the name of the file that stores it."""

    def shown(text: str) -> str:
        return text.replace(upload.file_name, upload.name).replace(upload.id, stem_of(upload.name))

    return replace(
        dataset,
        name=shown(dataset.name),
        description=shown(dataset.description),
        notes=tuple(map(shown, dataset.notes)),
        skipped=tuple(replace(file, reason=shown(file.reason)) for file in dataset.skipped),
    )


def dataset_key(settings: Settings) -> str:
    """Return the key of an open data set: its name, its labels, its columns, and when its files last changed.

    Raises
    ------
    InputError
        If this visitor may not open the data set.
    """
    location = access.locate(settings.dataset)
    access.check_path(settings.labels)
    changed = (_modification_times(name) for name in (location, settings.labels))
    return derive_key("open", location, settings.labels, settings.unlabelled, settings.vector_columns, *changed)


def open_dataset_of(settings: Settings) -> ImageDataset | None:
    """Return the data set of these settings if it is open and this visitor may see it, else None."""
    try:
        return open_datasets().get(dataset_key(settings))
    except AdqError:
        return None


def _modification_times(name: str | None) -> list[int]:
    """Return when a file, or a folder and its subfolders, last changed; nothing for other names.

    No file of a folder is looked at: this runs at every run of a page, and a file that is added or removed changes the
    time of its folder.
    """
    path = os.path.expanduser(name) if name else ""
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return [status.st_mtime_ns]
        # A folder that was changed a moment ago could change again without another time.
        is_recent = time.time_ns() - status.st_mtime_ns < RECENT
        list_folder = _subfolders.__wrapped__ if is_recent else _subfolders
        return sorted([status.st_mtime_ns, *map(_time_of, list_folder(path, status.st_mtime_ns))])
    except (OSError, ValueError):
        return []


@lru_cache(maxsize=64)
def _subfolders(folder: str, changed: int) -> tuple[str, ...]:
    """Return the subfolders of a folder; `changed` is its modification time, so the result holds as long as that."""
    del changed
    with os.scandir(folder) as entries:
        return tuple(entry.path for entry in entries if entry.is_dir())


def _time_of(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:  # removed a moment ago
        return 0
