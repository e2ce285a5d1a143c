"""What every view stands on: one store and one set of jobs a server, the run of this session, one error boundary.

A view says what it needs (`need(run, "scores")`); what is not at hand is computed beside the page with a bar, and the
page comes back when it is there. So views never compute and never block.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core import Run, Settings
from adq_core.data import ImageDataset, open_dataset
from adq_core.dependencies import DEPENDENCIES, STAGE_RECORDS
from adq_core.digests import derive_key
from adq_core.effective_settings import WITHOUT_IMAGES
from adq_core.errors import AdqError, SettingsError
from adq_core.progress import Progress, no_progress
from adq_core.projection import compile_umap
from adq_core.records import Projection
from adq_core.storage import Store, default_folder
from app.images import vector_tiles
from app.jobs.progress_bar import draw_bar
from app.jobs.registry import UNEXPECTED, Job, Jobs
from app.state import widget_sync

WARM_UP_VARIABLE = "ADQ_WARM_UP"  # 0: leave it
log = logging.getLogger(__name__)

BREATHER = 3.0  # seconds between the first complete page and the warm-up
GRACE = 0.6  # seconds that a page waits before it shows a bar: most stages of a small set are done by then
Todo = tuple[str, str, Callable[[Progress], Any], bool]  # key, title, work, bare: what `Jobs.start` takes
Work = Callable[[], Todo | None]  # what is left to do now

OPEN_DATASETS = 4  # that stay open; the others are opened again from the store in a moment

TITLES = {
    "dataset": "Opening the images",
    "embeddings": "Images to vectors",
    "projection": "Drawing the map",
    "bins": "Filling the bins",
    "texture": "Measuring texture",
    "representativeness": "Scoring every image",
    "views": "Looking at random views of the images",
    "head": "Training the contrastive head",
    "scores": "Scoring the bins",
    "draw_order": "Ordering each bin",
}


class JobFailed(AdqError):
    """A job ended with a sentence instead of a result; `key` finds it for another try."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.error or UNEXPECTED)
        self.key = job.key


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the one store of this server, in the folder that the command line uses too."""
    return Store(default_folder())


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the one set of jobs of this server."""
    return Jobs(prepare=_import_what_is_large)


def _import_what_is_large() -> None:
    for name in ("pandas", "adq_core.graphcut", "scipy.stats", "sklearn.decomposition", "sklearn.neighbors", "torch"):
        import_module(name)


def warm_up() -> None:
    """Have umap-learn compile, ten seconds, once a page is complete: better now than when a map is asked for."""
    if os.environ.get(WARM_UP_VARIABLE, "1") != "0":
        _warm_up_soon()


@st.cache_resource(show_spinner=False)
def _warm_up_soon() -> None:
    """Begin once a server, a breather after the page is sent: the browser that draws it needs the processor first."""
    work = ("warm-up", "Warming up", lambda progress: compile_umap())
    timer = threading.Timer(BREATHER, jobs().start, work)
    timer.daemon = True
    timer.start()


@st.cache_resource(show_spinner=False)
def _open_datasets() -> OrderedDict[str, ImageDataset]:
    return OrderedDict()


def is_dark() -> bool:
    """Return whether this visitor sees the dark theme."""
    return st.context.theme.type == "dark"


def current_run() -> Run:
    """Return the run of this page's settings, with its data set open; shows a bar while that takes time."""
    settings: Settings = st.session_state["settings"]
    known = _open_datasets()
    key = _dataset_job_key(settings)
    bare = not settings.dataset.startswith("torchvision:")
    while (data := known.get(key)) is None:
        wait_for(lambda: None if key in known else (key, TITLES["dataset"], _opener(settings), bare))
    known.move_to_end(key)
    while len(known) > OPEN_DATASETS:
        gone, _ = known.popitem(last=False)
        jobs().forget(gone)
    st.session_state["good_dataset"] = settings.dataset  # what to return to when the next one cannot be opened
    if not data.has_images:
        st.markdown(f":material/info: {vector_tiles.explained(data)}")
    return Run(settings, store(), dataset=data)


def _opener(settings: Settings) -> Callable[[Progress], None]:
    folder, known, key = store().folder, _open_datasets(), _dataset_job_key(settings)

    def work(progress: Progress) -> None:
        known[key] = open_dataset(settings.dataset, labels=settings.labels, cache=folder, progress=progress)

    return work


def _dataset_job_key(settings: Settings) -> str:
    """Return the key under which an opened data set is known: its name, and when its files last changed."""
    return derive_key("open", settings.dataset, settings.labels, _changed(settings.dataset), _changed(settings.labels))


def _changed(name: str | None) -> list[int]:
    path = Path(name).expanduser() if name else None
    try:
        if path is None or not path.exists():
            return []
        folders = [path, *(p for p in path.iterdir() if p.is_dir())] if path.is_dir() else [path]
        return sorted(p.stat().st_mtime_ns for p in folders)
    except (OSError, ValueError):
        return []


def reopen(settings: Settings) -> None:
    """Forget an opened data set, so that changed files are read anew."""
    key = _dataset_job_key(settings)
    _open_datasets().pop(key, None)
    jobs().forget(key)


def need(run: Run, *stages: str) -> None:
    """Return when the results of these stages, and of all before them, are at hand; else show a bar and stop."""
    wait_for(lambda: next_work(run, stages))


def next_work(run: Run, stages: tuple[str, ...]) -> Todo | None:
    """Return the first stage that is missing on the way to `stages`, or None."""
    wanted: set[str] = set(stages)
    for name in reversed(DEPENDENCIES):
        if name in wanted:
            wanted |= set(DEPENDENCIES[name][1])
    for name in DEPENDENCIES:
        if name in wanted and name in STAGE_RECORDS and not run.ready(name):
            title = TITLES.get(name, name.replace("_", " ").capitalize())
            return run.key(name), title, _maker(run, name), False
    return None


def variant(run: Run, **changes: Any) -> Run:
    """Return the run with other settings over the same images; cheap where the stages between are at hand."""
    return Run(replace(run.settings, **changes), store(), dataset=run.dataset)


def projection_now(run: Run) -> Projection:
    """Return the map: the settings' one where it is drawn, else the PCA picture while a job draws it."""
    if run.ready("projection"):
        return run.projection
    quick = variant(run, projection="pca")
    need(quick, "projection")
    job = beside(lambda: next_work(run, ("projection",)))
    if job is not None and job.error is not None:
        st.warning(f"The map is drawn by PCA, for {run.settings.projection} did not work. {job.error}")
    return quick.projection


def made(key: str, title: str, work: Callable[[Progress], Any], *, bare: bool = True) -> Any:
    """Return what `work` makes, kept while its job is remembered; shows a bar while that takes time."""
    wait_for(lambda: None if _good(key) else (key, title, work, bare))
    job = _good(key)
    return job.result if job is not None else work(no_progress)


def _good(key: str) -> Job | None:
    job = jobs().find(key)
    return job if job is not None and job.finished and job.error is None else None


def _maker(run: Run, stage: str) -> Callable[[Progress], None]:
    def work(progress: Progress) -> None:
        getattr(Run(run.settings, store(), progress, dataset=run.dataset), stage)

    return work


def wait_for(work: Work) -> None:
    """Return once `work()` finds nothing left to do; start it, and after a moment show a bar and end the page here."""
    deadline = time.monotonic() + GRACE
    while (todo := work()) is not None:
        job = jobs().start(*todo)
        if job.wait(max(0.0, deadline - time.monotonic())):
            if job.error is not None:
                raise JobFailed(job)
            if (again := work()) is not None and again[0] == job.key:  # made, and dropped again since
                jobs().forget(job.key)
            continue
        _bar(work)
        st.stop()


def beside(work: Work) -> Job | None:
    """Start `work()` without waiting for it, show a small bar, and let the page go on; None when nothing is left."""
    todo = work()
    if todo is None:
        return None
    job = jobs().start(*todo)
    if job.error is None:
        _bar(work)
    return job


@st.fragment(run_every=0.4)
def _bar(work: Work) -> None:
    """Show how far the present job is; take up the next one; bring the page back at the end."""
    with boundary():
        todo = work()
        if todo is None:
            st.rerun()
        job = jobs().start(*todo)
        if job.finished:  # good: the page goes on; bad: the page says so
            st.rerun()
        draw_bar(job)


@contextmanager
def boundary() -> Iterator[None]:
    """Turn whatever goes wrong inside into a calm sentence; what nobody foresaw goes to the log as well."""
    try:
        yield
    except AdqError as error:
        _explain(error)
    except Exception:
        log.exception("A view failed.")
        st.error(UNEXPECTED, icon=":material/error:")


def _explain(error: AdqError) -> None:
    st.error(str(error), icon=":material/error:")
    settings: Settings | None = st.session_state.get("settings")
    good = st.session_state.get("good_dataset")
    ways = _ways_out(error, settings)
    with st.container(horizontal=True):
        if isinstance(error, JobFailed) and not ways:  # settings that cannot be are refused again
            st.button("Try again", on_click=jobs().forget, args=(error.key,))
        if settings is not None and good is not None and good != settings.dataset:
            st.button(f"Back to {Path(good).name}", on_click=widget_sync.put, kwargs={"dataset": good})
        elif good is None and settings is not None and settings.dataset != Settings().dataset:
            st.button(f"Open {Settings().dataset}", on_click=widget_sync.put, kwargs={"dataset": Settings().dataset})
        for label, change in ways:
            st.button(label, on_click=widget_sync.put, kwargs=change)


def _ways_out(error: AdqError, settings: Settings | None) -> list[tuple[str, dict[str, Any]]]:
    """Return what can be offered as a button instead of a search through the sidebar: (label, settings)."""
    if settings is None or not isinstance(error, SettingsError | JobFailed):
        return []
    name = str(error).split(" ")[0]
    if name in WITHOUT_IMAGES and "without images" in str(error):
        return [(f"Use {choice}", {name: choice}) for choice in WITHOUT_IMAGES[name]]
    if name != "n_bins":
        return []
    data = _open_datasets().get(_dataset_job_key(settings))
    if data is None:
        return []
    smallest = int(data.class_counts[data.class_counts > 0].min())
    fewer = [(f"Use {smallest} bins", {"n_bins": smallest})] if settings.pool == "class" else []
    return [*fewer, ("Take all images as one pool", {"pool": "all"})] if settings.n_bins <= len(data) else fewer
