"""The images of a selection in the format of another tool: choice, size and time, download, and writing to a folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.errors import AdqError
from adq_core.export import (
    FORMATS,
    LINKS,
    NAMES,
    Estimate,
    ExportOptions,
    Subset,
    estimate,
    write_export,
    write_zip,
)
from adq_core.progress import Progress
from adq_core.storage import default_folder, temporary_path
from app import access, session, stores, visitors
from app.export import download, downloads
from app.jobs.progress_bar import draw_bar
from app.jobs.registry import Job, duration
from app.text.format import file_size
from app.text.markdown import escape

from . import layout

LINK_LABELS = {"copy": "copies", "hard": "hard links", "symbolic": "symbolic links"}
NAME_LABELS = {"original": "original names", "numbered": "numbers"}
WRITING = "export in progress"  # key and kind of the last job of this page, in the session state
MAX_PUBLIC_BYTES = 2_000_000_000  # of a download from a public server


def formats(run: Run, files: Mapping[str, bytes], key: str) -> tuple[str, str]:
    """Draw the choice of a format and the ways to get it; return the format and the path for a command.

    `files` are the files of the run, `key` is their key.
    """
    names = [option for option in FORMATS if run.dataset.has_images or not FORMATS[option].needs_images]
    left, right = st.columns([3, 2], gap="large")
    with left:
        name = str(
            st.radio(
                "Format",
                names,
                captions=[escape(FORMATS[option].sentence) for option in names],
                key="export_format",
                bind="query-params",
                persist_state="session",
            )
        )
        if len(names) < len(FORMATS):
            st.caption("The other formats need images, and this data set has vectors without images.")
    subset = run.subset(files)
    with right:
        options = _options(name)
        about = derive_key("export", key, name, options.names, options.links, options.croissant)
        expected = session.compute_in_background(
            derive_key("estimate", about),
            "Measuring size and time",
            lambda progress: estimate(subset, name, options=options, folder=_folder(), progress=progress),
        )
        _show_estimate(subset, expected)
        target = _actions(run, subset, name, options, about, expected)
    return name, target


def _options(name: str) -> ExportOptions:
    """Draw the options of a format and return them."""
    names, links = NAMES[0], LINKS[0]
    if FORMATS[name].images.endswith("/*"):
        names = st.selectbox("Names of the images", NAMES, key="export_names", format_func=NAME_LABELS.__getitem__)
        if not FORMATS[name].is_zip and not stores.is_public():
            help = "Links take no space; they point to the files of the data set. A download has copies in any case."
            links = st.selectbox(
                "Images in the folder", LINKS, key="export_links", format_func=LINK_LABELS.__getitem__, help=help
            )
    croissant = st.checkbox(
        "Add croissant.json", key="export_croissant", help="Describes the files in the Croissant format of MLCommons."
    )
    return ExportOptions(links=links, names=names, croissant=croissant)


def _show_estimate(subset: Subset, expected: Estimate | None) -> None:
    numbers = {"selected": f"{len(subset):,} {subset.dataset.kind}"}
    if expected is not None:
        about = "" if expected.exact else "about "
        numbers |= {"size": about + file_size(expected.n_bytes), "time": f"about {duration(expected.seconds)}"}
    layout.number_row(numbers)
    if expected is not None and not expected.exact:
        st.caption(f"Measured on {expected.n_measured:,} images.")


def _actions(run: Run, subset: Subset, name: str, options: ExportOptions, key: str, expected: Estimate | None) -> str:
    """Draw the buttons that prepare a download or write a folder, and what became of the last one."""
    stem, is_zip = download.safe_name(run.dataset.name), FORMATS[name].is_zip
    file_name, default = f"{stem}-{name}.zip", f"{stem}-{name}" + (".zip" if is_zip else "")
    too_large = stores.is_public() and expected is not None and expected.n_bytes > MAX_PUBLIC_BYTES
    st.button(
        "Prepare the download",
        key="export_prepare",
        icon=":material/folder_zip:",
        type="primary",
        disabled=too_large,
        on_click=_begin,
        args=(derive_key("download", key),),
        help=f"{escape(file_name)}, written to the disk of the server and sent from there.",
    )
    if too_large:
        st.caption(
            f"This server prepares at most {file_size(MAX_PUBLIC_BYTES)}. Use the command below on your machine."
        )
    _follow_download(subset, name, options, derive_key("download", key), file_name)
    if stores.is_public():
        return default
    box = st.text_input("Or write to this path on this machine", default, key=f"export_path_{name}")
    typed = str(box).strip() or default
    replace = st.checkbox("Replace an earlier export there", key="export_replace")
    write_key = derive_key("write", key, typed, replace)
    st.button("Write", key="export_write", icon=":material/save:", on_click=_begin, args=(write_key,))
    _follow_writing(subset, name, options, write_key, typed, replace=replace)
    return typed


def _begin(key: str) -> None:
    """Start a job anew: the number makes its key a new one."""
    st.session_state[WRITING] = key, time.monotonic_ns()


def _wanted(key: str) -> str | None:
    """Return the key of the job that the user has started with this key; None if it was another one."""
    wanted, number = st.session_state.get(WRITING, ("", 0))
    return derive_key(key, number) if wanted == key else None


def _follow_download(subset: Subset, name: str, options: ExportOptions, key: str, file_name: str) -> None:
    """Draw the progress of a download that is prepared, or its link."""
    owner, folder = visitors.owner(), _folder()

    def work(progress: Progress) -> downloads.Download:
        path = temporary_path(folder / file_name)
        try:
            with path.open("xb") as file:
                write_zip(subset, name, file, options=options, progress=progress)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return downloads.offer(path, file_name, owner)

    job = _follow(_wanted(key), f"Preparing {file_name}", work)
    if job is None:
        return
    made: downloads.Download = job.result
    if made.is_there:
        label = f"Download ({file_size(made.n_bytes)})"
        st.link_button(label, made.address, icon=":material/download:", type="primary")
    else:
        st.caption("The prepared file was removed. Prepare it again.")


def _follow_writing(subset: Subset, name: str, options: ExportOptions, key: str, typed: str, *, replace: bool) -> None:
    """Draw the progress of an export that is written to a folder, or where it is."""
    target, cache = Path(os.path.expanduser(typed)).absolute(), stores.store().folder
    st.caption(f"This is {escape(str(target))}.")
    wanted = _wanted(key)
    try:
        if wanted is not None:
            access.check_path(str(target))
    except AdqError as error:
        st.error(escape(access.error_text(error)), icon=":material/error:")
        return

    def work(progress: Progress) -> int:
        manifest = write_export(
            subset, name, target, options=options, overwrite=replace, cache=cache, progress=progress
        )
        return len(manifest["files"])

    job = _follow(wanted, f"Writing {name}", work)
    if job is not None:
        st.success(f"Wrote {int(job.result):,} files to {escape(str(target))}.", icon=":material/check:")


def _follow(key: str | None, title: str, work: Callable[[Progress], Any]) -> Job | None:
    """Start a job, draw its bar with the Stop button or its error, and return it when it has succeeded.

    Unlike the jobs of a page, it goes on while the user is on another page.
    """
    if key is None:
        return None
    waiter = f"export:{visitors.streamlit_session()}"
    job = session.jobs().find(key, waiter) or session.jobs().start(key, title, work, True, waiter=waiter)
    if not job.wait(session.PROGRESS_DELAY):
        _bar(key, waiter)
        return None
    if job.cancelled:
        st.info("Stopped. Nothing was written.", icon=":material/info:")
        return None
    if job.error is not None:
        problem = job.error if job.failure is None else access.error_text(job.failure)
        st.error(escape(_in_words_of_the_page(problem)), icon=":material/error:")
        return None
    return job


@st.fragment(run_every=0.4)
def _bar(key: str, waiter: str) -> None:
    """Draw the progress of a job, and run the page again at its end."""
    job = session.jobs().find(key, waiter)
    if job is None or job.finished:
        st.rerun()
    draw_bar(job, lambda: session.jobs().stop(key, waiter))


def _in_words_of_the_page(problem: str) -> str:
    """Return an error with the names of the page instead of the options of the command line."""
    problem = problem.replace("add --overwrite", "tick “Replace an earlier export there”")
    return problem.replace("name another folder with --to", "name another path").replace("--to", "The path")


def _folder() -> Path:
    """Return the folder of prepared files in the cache."""
    folder = (stores.store().folder or default_folder()) / downloads.PATH
    folder.mkdir(parents=True, exist_ok=True)
    return folder
