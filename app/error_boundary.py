"""Shows errors as sentences on the page, with buttons for possible fixes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from adq_core import Settings
from adq_core.errors import AdqError, FilesChangedError, SettingsError
from adq_core.settings import ID_LISTS
from adq_core.settings_check import pool_sizes
from adq_core.settings_without_images import WITHOUT_IMAGES
from app import server
from app.access import error_text, shown_name
from app.jobs.registry import CONTINUES, STOPPED, UNEXPECTED, Job
from app.state import dataset_names, widget_sync
from app.state.keep_ratio import share_of_count
from app.text.format import shorten
from app.text.markdown import escape
from app.text.setting_names import LABELS

MAX_ERROR_LENGTH = 1_000  # characters; a link can name a data set of any length

log = logging.getLogger(__name__)


class JobFailed(AdqError):
    """A job ended with an error; `forget` removes it, so that the page can try again."""

    def __init__(self, job: Job, waiter: str) -> None:
        super().__init__(error_text(job.failure) if job.failure is not None else job.error or UNEXPECTED)
        self.key, self.waiter, self.failure = job.key, waiter, job.failure

    def forget(self) -> None:
        """Remove the failed job."""
        server.jobs().forget(self.key, self.waiter)


@contextmanager
def boundary() -> Iterator[None]:
    """Show any error raised inside as a sentence; unexpected ones go to the log as well."""
    try:
        yield
    except AdqError as error:
        show_error(error)
    except Exception:
        log.exception("A page failed.")
        st.error(UNEXPECTED, icon=":material/error:")


def show_error(error: AdqError) -> None:
    """Draw the text of an error and buttons with possible fixes."""
    text = escape(shorten(error_text(error), MAX_ERROR_LENGTH))
    if str(error) in (STOPPED, CONTINUES):  # the answer to the user's own click is no error
        st.info(text, icon=":material/stop_circle:")
    else:
        st.error(text, icon=":material/error:")
    settings: Settings | None = st.session_state.get("settings")
    good = st.session_state.get("good_dataset")
    failure = error.failure if isinstance(error, JobFailed) else error
    fixes = suggested_fixes(failure, settings) if isinstance(failure, SettingsError) and settings is not None else []
    if settings is not None and good is not None and good != shown_name(settings.dataset):
        fixes = [(f"Back to {dataset_names.short_name(good)}", {"dataset": good}), *fixes]
    elif good is None and settings is not None and settings.dataset != Settings().dataset:
        fixes = [(f"Open {Settings().dataset}", {"dataset": Settings().dataset}), *fixes]
    with st.container(horizontal=True):
        if isinstance(failure, FilesChangedError) and settings is not None:
            st.button("Reopen", icon=":material/refresh:", on_click=_reopen, args=(error, settings))
        elif isinstance(error, JobFailed) and not isinstance(failure, SettingsError):  # settings would be refused again
            st.button("Try again", on_click=error.forget)
        for label, changes in fixes:
            st.button(escape(label), on_click=widget_sync.set_widgets, kwargs=changes)


def _reopen(error: AdqError, settings: Settings) -> None:
    if isinstance(error, JobFailed):
        error.forget()
    server.reopen_dataset(settings)


def suggested_fixes(error: SettingsError, settings: Settings) -> list[tuple[str, dict[str, Any]]]:
    """Return changes of settings that may remove the error, as (label of the button, settings)."""
    name = error.settings[0] if error.settings else ""
    if name in ID_LISTS:
        return [
            (f"Clear the list {LABELS[list_name]}", {list_name: ""})
            for list_name in error.settings
            if list_name in ID_LISTS
        ]
    if name in WITHOUT_IMAGES and "without images" in str(error):
        return [(f"Use {choice}", {name: choice}) for choice in WITHOUT_IMAGES[name]]
    data = server.open_dataset_of(settings)
    if data is None:
        return []
    if name == "keep_ratio":
        return [("Keep 1 image", {"keep_ratio": share_of_count(1, len(data))})]
    if name != "n_bins":
        return []
    most = int(pool_sizes(settings, data).max())
    fewer = [(f"Use {most} bins", {"n_bins": most})] if settings.n_bins > most else []
    pooled = settings.pool == "class" and settings.n_bins <= len(data)
    return [*fewer, ("Take all images as one pool", {"pool": "all"})] if pooled else fewer
