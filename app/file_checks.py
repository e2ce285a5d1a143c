"""Background checks of all files of an open folder: at its opening from a stored listing, and while it is used.

The page is drawn at once. When a check finds a changed file, the page shows a notice with a button that opens the data
set again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

import streamlit as st

from adq_core.data import FileChanges, ImageDataset
from adq_core.errors import AdqError
from app.text.markdown import escape

log = logging.getLogger(__name__)

MAX_LISTED = 3  # names of each kind in one notice
POLL = 1.0  # seconds between two looks of an open page at the check
INTERVAL = 20.0  # seconds between two checks while pages are drawn
SHARE = 50  # the interval is at least this many times the duration of a check, so checks take at most 2 % of the time


class FileCheck:
    """Checks in a thread of their own; `problem` is None while no difference is known.

    With `is_recent`, the files have just been compared, and the first check runs after the interval.
    """

    def __init__(self, name: str, check: Callable[[], FileChanges], *, is_recent: bool = False) -> None:
        self.problem: str | None = None  # plain text, not Markdown
        self._name, self._check = name, check
        self._finished = threading.Event()
        self._guard = threading.Lock()
        self._started, self._ended = time.monotonic(), time.monotonic()
        if is_recent:
            self._finished.set()
        else:
            self._start()

    @property
    def finished(self) -> bool:
        """Return whether all files have been compared once."""
        return self._finished.is_set()

    def look_again(self) -> None:
        """Start another check in the background, if the last one is old and found no difference."""
        with self._guard:
            pause = max(INTERVAL, SHARE * (self._ended - self._started))
            if self.finished and self.problem is None and time.monotonic() - self._ended >= pause:
                self._ended = float("inf")  # it is running
                self._start()

    def _start(self) -> None:
        threading.Thread(target=self._run, name="adq-file-check", daemon=True).start()

    def _run(self) -> None:
        self._started = time.monotonic()
        try:
            changes = self._check()
            if changes:
                self.problem = describe_changes(self._name, changes)
        except AdqError as error:
            self.problem = str(error)
        except Exception:
            log.exception("The files of %s could not be compared.", self._name)
            self.problem = f"The files of {self._name} could not be compared with the ones that were read."
        finally:
            self._ended = time.monotonic()
            self._finished.set()


def start_check(dataset: ImageDataset) -> FileCheck | None:
    """Return the check of a data set; None if its images are not files of a folder."""
    if dataset.check_files is None:
        return None
    return FileCheck(dataset.name, dataset.check_files, is_recent=getattr(dataset.check_files, "is_recent", False))


def describe_changes(name: str, changes: FileChanges) -> str:
    """Return the changes in two sentences."""
    kinds = (("changed", changes.changed), ("new", changes.new), ("missing", changes.missing))
    parts = [f"{len(files):,} {kind} ({_some(files)})" for kind, files in kinds if files]
    return (
        f"Files of {name} differ from the ones that were read: {'; '.join(parts)}. "
        "All results shown are those of the earlier files."
    )


def _some(files: Sequence[str]) -> str:
    return ", ".join(files[:MAX_LISTED]) + (", ..." if len(files) > MAX_LISTED else "")


def draw_notice(check: FileCheck, reopen: Callable[[], None]) -> None:
    """Draw what the check has found, with a button that calls `reopen`; while it runs, let the page look again."""
    check.look_again()
    if not check.finished:
        _draw_later(check)
    elif check.problem is not None:
        with st.container(key="file-changes"):
            st.warning(escape(check.problem), icon=":material/sync_problem:")
            st.button("Reopen", icon=":material/refresh:", on_click=reopen, key="open again")


@st.fragment(run_every=POLL)
def _draw_later(check: FileCheck) -> None:
    """Run the page again when the check has finished; nothing is drawn until then."""
    if check.finished:
        st.rerun()
