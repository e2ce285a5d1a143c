"""Saved selections for the tests of the pages Compare, Saved selections and Quotas."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.selection.saved import SavedSelection, manual_selection
from adq_core.storage import Library
from app.pages import script
from app.selections.saved import SavedSelections
from tests.app.pages import Open


def other(run: Run, **changes: object) -> Run:
    return Run(Settings(**{**run.settings.__dict__, **changes}), run.store)


def saved(run: Run, name: str = "mine", digest: str = "0" * 32, **changes: object) -> SavedSelection:
    settings = other(run, **changes).settings
    return SavedSelection(name, settings, run.dataset.key, 8, digest, description="a description")


def open_with_saved(open_app: Open, view: str, *selections: SavedSelection, **query: str) -> AppTest:
    """Open a page as in a browser in which these selections are already saved."""
    saved = SavedSelections(by_name={selection.name: selection for selection in selections})
    app = open_app("dataset", **query)
    app.session_state["saved_selections"] = saved
    app.switch_page(script(view)).run()
    return app


def manual(run: Run, rows: list[int]) -> SavedSelection:
    selection = manual_selection(run.dataset, np.array(rows), how={"told": "by a test"})
    assert run.store.folder is not None
    Library(run.store.folder / "library").save(selection)
    return SavedSelection(
        "corner", run.settings, run.dataset.key, len(rows), selection.key, manual=True, description="by a test"
    )
