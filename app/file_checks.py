"""A background check of all files of a folder, for a data set that was opened from its stored listing.

The page is drawn at once. When the check finds a changed file, the page shows a notice with a button that opens the
data set again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

import streamlit as st

from adq_core.data import FileChanges, ImageDataset
from adq_core.errors import AdqError
from app.text.markdown import escape

log = logging.getLogger(__name__)

MAX_LISTED = 3  # names of each kind in one notice
POLL = 1.0  # seconds between two looks of an open page at the check


class FileCheck:
    """A check that runs in a thread of its own; `problem` is None while no difference is known."""

    def __init__(self, name: str, check: Callable[[], FileChanges]) -> None:
        self.problem: str | None = None  # plain text, not Markdown
        self._name, self._check = name, check
        self._finished = threading.Event()
        threading.Thread(target=self._run, name="adq-file-check", daemon=True).start()

    @property
    def finished(self) -> bool:
        """Return whether all files have been compared."""
        return self._finished.is_set()

    def _run(self) -> None:
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
            self._finished.set()


def start_check(dataset: ImageDataset) -> FileCheck | None:
    """Return the started check of a data set; None if its files were compared when it was opened."""
    return None if dataset.check_files is None else FileCheck(dataset.name, dataset.check_files)


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
    if not check.finished:
        _draw_later(check)
    elif check.problem is not None:
        with st.container(key="file-changes"):
            st.warning(escape(check.problem), icon=":material/sync_problem:")
            st.button("Open it again", icon=":material/refresh:", on_click=reopen, key="open again")


@st.fragment(run_every=POLL)
def _draw_later(check: FileCheck) -> None:
    """Run the page again when the check has finished; nothing is drawn until then."""
    if check.finished:
        st.rerun()
