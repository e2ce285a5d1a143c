"""Saved selections for the tests of Compare, of the saved selections and of the lasso."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.selection.saved import SavedSelection, manual_selection
from adq_core.storage import Library
from app.pages import script
from app.selections.saved import Tray
from tests.app.pages import Open


def other(run: Run, **changes: object) -> Run:
    return Run(Settings(**{**run.settings.__dict__, **changes}), run.store)


def kept(run: Run, name: str = "mine", digest: str = "0" * 32, **changes: object) -> SavedSelection:
    settings = other(run, **changes).settings
    return SavedSelection(name, settings, run.dataset.key, 8, digest, description="as told")


def with_tray(open_app: Open, view: str, *choices_kept: SavedSelection, **query: str) -> AppTest:
    """Open a view as a browser does that already has these in its tray."""
    tray = Tray(kept={choice.name: choice for choice in choices_kept})
    app = open_app("dataset", **query)
    app.session_state["my_tray"] = tray
    app.switch_page(script(view)).run()
    return app


def picked(run: Run, rows: list[int]) -> SavedSelection:
    made = manual_selection(run.dataset, np.array(rows), how={"told": "by a test"})
    assert run.store.folder is not None
    Library(run.store.folder / "library").save(made)
    return SavedSelection(
        "corner", run.settings, run.dataset.key, len(rows), made.key, manual=True, description="by a test"
    )
