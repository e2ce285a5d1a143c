"""The run of this session, and functions with which a page waits for its results.

A page names the stages whose results it needs: `require(run, "scores")`. A missing result is computed by a background
job, a progress bar is drawn, and the page runs again when the result is available. So pages never compute and never
block.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from adq_core import Run, Settings
from adq_core.dependencies import DEPENDENCIES, STAGE_RECORDS, stages_read
from adq_core.digests import derive_key
from adq_core.errors import AdqError
from adq_core.progress import Progress, no_progress
from adq_core.projection import preview
from adq_core.records import Projection
from app import access, file_checks, server, stores, visitors
from app.error_boundary import JobFailed, boundary
from app.images import vector_tiles
from app.jobs.progress_bar import draw_bar, draw_waiting
from app.jobs.registry import Job
from app.server import jobs, store
from app.text.markdown import escape

__all__ = ["boundary", "jobs", "store"]

FIRST_MAP_BATCH = 1024  # thumbnails at a time
PROGRESS_DELAY = 0.6  # seconds that a page waits before it draws a bar: most stages of a small data set need less
BARS = "progress bars"  # job: the part of the page that draws its bar, in the session state
NEEDED = "needed jobs"  # keys of the jobs that this run of the page needs, in the session state
CONTINUED = "continued jobs"  # settings by the key of a job that other pages do not end, in the session state
JobRequest = tuple[str, str, Callable[[Progress], Any], bool]  # key, title, work, bare: the arguments of `Jobs.start`
Work = Callable[[], JobRequest | None]  # returns the next job, None when nothing is left to do

TITLES = {
    "dataset": "Opening the images",
    "embeddings": "Computing the embeddings",
    "projection": "Computing the map",
    "bins": "Computing the bins",
    "texture": "Measuring texture",
    "representativeness": "Scoring every image",
    "views": "Embedding augmented images",
    "head": "Training the contrastive head",
    "scores": "Scoring the bins",
    "strategy_draw": "Selecting by the strategy",
    "draw_order": "Ordering each bin",
}


def is_dark() -> bool:
    """Return whether this user sees the dark theme."""
    return st.context.theme.type == "dark"


def session_id() -> str:
    """Return the name under which this session waits for jobs."""
    if "session id" not in st.session_state:
        st.session_state["session id"] = server.waiter_name(visitors.streamlit_session())
    return str(st.session_state["session id"])


def begin_run() -> None:
    """Begin a run of a page, which needs no job yet."""
    st.session_state[NEEDED], st.session_state[BARS] = set(), {}
    stores.presence().enter(visitors.owner(), visitors.streamlit_session())


def end_run() -> None:
    """Leave the jobs that neither this run of the page nor its settings need; to be called when the page is drawn.

    Results that depend on the present settings alone stay needed on every page, so a user can open another page while
    the map is computed.
    """
    superfluous = jobs().awaited(session_id()) - _needed()
    if superfluous:
        jobs().leave(session_id(), _needed() | (superfluous & _keys_of_settings()))


def _needed() -> set[str]:
    needed: set[str] = st.session_state.setdefault(NEEDED, set())
    return needed


def _keys_of_settings() -> set[str]:
    settings: Settings | None = st.session_state.get("settings")
    data = None if settings is None else server.open_dataset_of(settings)
    if settings is None or data is None:
        return set()
    try:
        run = Run(settings, store(), dataset=data)
        continued: dict[str, Settings] = st.session_state.get(CONTINUED, {})
        return {run.key(name) for name in STAGE_RECORDS} | {key for key, of in continued.items() if of == settings}
    except AdqError:
        return set()


def continue_on_other_pages(key: str) -> None:
    """Let the job of this key continue when the user opens another page, as long as the settings are the same."""
    st.session_state.setdefault(CONTINUED, {})[key] = st.session_state["settings"]


def _start(request: JobRequest) -> Job:
    _needed().add(request[0])
    return jobs().start(*request, waiter=session_id())


def current_run() -> Run:
    """Return the run of this page's settings, with its data set open; draws a bar while that takes time."""
    settings: Settings = st.session_state["settings"]
    known = server.open_datasets()
    key = server.dataset_key(settings)
    for name in (settings.weights, settings.embeddings):
        access.check_path(name)
    bare = not settings.dataset.startswith("torchvision:")

    def opening() -> JobRequest | None:
        return None if key in known else (key, TITLES["dataset"], server.dataset_opener(settings), bare)

    while (data := known.get(key)) is None:
        wait_for(opening)
    server.use_dataset(key)
    st.session_state["good_dataset"] = access.shown_name(settings.dataset)  # offered when the next one cannot be opened
    check = server.file_checks().get(key)
    if check is not None:
        file_checks.draw_notice(check, lambda: server.reopen_dataset(settings))
    for note in data.notes:
        st.markdown(f":material/info: {escape(access.visible(note))}")
    if not data.has_images:
        st.markdown(f":material/info: {vector_tiles.tile_note(data)}")
    return Run(settings, store(), dataset=data)


def require(run: Run, *stages: str) -> None:
    """Return when the results of these stages and of all before them exist; else draw a bar and end the page."""
    wait_for(lambda: next_work(run, stages))


def next_work(run: Run, stages: tuple[str, ...]) -> JobRequest | None:
    """Return the job of the first missing stage on the path to `stages`, or None."""
    wanted: set[str] = set(stages)
    for name in reversed(DEPENDENCIES):
        if name in wanted and (name in stages or run.uses(name)):
            wanted |= set(stages_read(name, run.settings))
    for name in DEPENDENCIES:
        if name in wanted and name in STAGE_RECORDS and not run.ready(name):
            title = TITLES.get(name, name.replace("_", " ").capitalize())
            return run.key(name), title, _stage_work(run, name), False
    return None


def with_settings(run: Run, **changes: Any) -> Run:
    """Return the run with other settings over the same images; cheap when the stages between exist."""
    return Run(replace(run.settings, **changes), store(), dataset=run.dataset)


def projection_now(run: Run) -> Projection:
    """Return the map: the one of the settings when it exists, else the PCA map while a job computes it."""
    if run.ready("projection"):
        return run.projection
    quick = with_settings(run, projection="pca")
    require(quick, "projection")
    job = start_in_background(lambda: next_work(run, ("projection",)))
    if job is not None and job.error is not None:
        reason = job.error if job.failure is None else access.error_text(job.failure)
        st.warning(f"The map shows PCA, because {run.settings.projection} failed. {escape(reason)}")
    return quick.projection


def first_map(run: Run) -> Projection | None:
    """Return a map by the colours of the thumbnails while a job computes the embedding, with a bar for the job.

    None when the embedding is ready, for vectors without images, and if the embedding cannot be computed: the page then
    shows the error where it needs the embedding.
    """
    data = run.dataset
    if not data.has_images or run.ready("embeddings"):
        return None
    key = derive_key("preview", data.key)

    def work(progress: Progress) -> Projection:
        return preview(data.thumbnail_batches(FIRST_MAP_BATCH), len(data), key=key, progress=progress)

    projection: Projection = compute_cached(key, "Computing a first map", work)
    job = start_in_background(lambda: next_work(run, ("projection",)))
    return None if job is None or job.error is not None else projection


def compute_cached(key: str, title: str, work: Callable[[Progress], Any], *, bare: bool = True) -> Any:
    """Return the result of `work`, cached while its job is remembered; draws a bar while that takes time."""
    wait_for(lambda: None if _successful(key) else (key, title, work, bare))
    job = _successful(key)
    return job.result if job is not None else work(no_progress)


def compute_remembered(
    known: OrderedDict[str, Any], size: int, key: str, title: str, work: Callable[[Progress], Any]
) -> Any:
    """Return the result of `work` from `known`, or compute it as `compute_cached` does and keep the last `size` there.

    For results of which a page needs more than the few that jobs remember.
    """
    result = known.pop(key, None)
    if result is None:
        result = compute_cached(key, title, work)
        jobs().forget(key)
    known[key] = result
    while len(known) > size:
        known.popitem(last=False)
    return result


def cached_result(key: str) -> Any | None:
    """Return the result of a job that `compute_cached` or `compute_in_background` has finished; starts nothing."""
    job = _successful(key)
    return None if job is None else job.result


def compute_in_background(key: str, title: str, work: Callable[[Progress], Any]) -> Any | None:
    """Return the result of `work` if it is cached; else start it, draw a bar, and return None: the page continues."""
    started = start_in_background(lambda: None if _successful(key) else (key, title, work, True))
    if started is not None and started.error is not None:
        raise JobFailed(started, session_id())
    job = _successful(key)
    return job.result if job is not None else None


def _successful(key: str) -> Job | None:
    job = jobs().find(key, session_id())
    return job if job is not None and job.finished and job.error is None else None


def _stage_work(run: Run, stage: str) -> Callable[[Progress], None]:
    def work(progress: Progress) -> None:
        getattr(Run(run.settings, store(), progress, dataset=run.dataset), stage)

    return work


def wait_for(work: Work) -> None:
    """Return once `work()` finds nothing left to do; start it, and after a delay draw a bar and end the page here."""
    deadline = time.monotonic() + PROGRESS_DELAY
    while (request := work()) is not None:
        job = _start(request)
        if job.wait(max(0.0, deadline - time.monotonic())):
            if job.error is not None:
                raise JobFailed(job, session_id())
            if (again := work()) is not None and again[0] == job.key:  # the result was computed and then lost
                jobs().forget(job.key)
            continue
        _progress(work)
        end_run()
        st.stop()


def start_in_background(work: Work) -> Job | None:
    """Start `work()` without waiting for it, draw a bar, and let the page continue; None when nothing is left."""
    request = work()
    if request is None:
        return None
    job = _start(request)
    if job.error is None:
        _progress(work)
    return job


@st.fragment(run_every=0.4)
def _progress(work: Work) -> None:
    """Draw the progress of the present job, start the next one, and run the page again at the end."""
    with boundary():
        request = work()
        if request is None:
            st.rerun()
        job = _start(request)
        if job.finished:  # the page continues, or shows the error of the job
            st.rerun()
        # Two parts of a page can wait for the same job: the first one draws its bar.
        if st.session_state[BARS].setdefault(job.key, work) is work:
            draw_bar(job, lambda: jobs().stop(job.key, session_id()))
        else:
            draw_waiting(job)
