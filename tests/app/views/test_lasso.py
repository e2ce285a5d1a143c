"""What a lasso on the map holds, and the hands on it."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core import Run
from adq_core.selection.saved import ManualSelection
from app import server
from tests.app.kept_choices import other
from tests.app.pages import Open, headings_of, press


def test_a_lasso_is_shown_kept_and_offered_as_files(open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.views.quotas import lasso

    low, high = run.projection.xy.min(0) - 1, run.projection.xy.max(0) + 1
    middle = float(np.median(run.projection.xy[:, 0]))
    corners = np.array([[low[0], low[1]], [middle, low[1]], [middle, high[1]], [low[0], high[1]]], np.float64)
    section = lasso.lasso_section
    monkeypatch.setattr(
        lasso, "lasso_section", lambda run, polygon, xy, projection: section(run, corners, xy, projection)
    )
    app = open_app("quotas", keep_ratio="0.4")
    inside = np.flatnonzero(run.projection.xy[:, 0] < middle)
    chosen = np.intersect1d(inside, other(run, keep_ratio=0.4).selection.indices)
    assert f"Inside the lasso: {len(inside)} images, {len(chosen)} selected" in headings_of(app)
    labels = {button.key: button.proto.label for button in app.get("download_button")}
    assert labels == {"lasso-zip": "Download ids, rows and images", "lasso-csv": "Download the list"}
    app.button_group(key="lasso_which").set_value("chosen").run()
    press(app, "Save these images")
    (choice,) = app.session_state["my_tray"].kept.values()
    assert [s.value for s in app.success] == [f"“{choice.name}” saved: {len(chosen)} images."]
    assert (choice.manual, choice.n_images) == (True, len(chosen))
    stored = server.library().get(ManualSelection, choice.digest)
    assert stored.rows.tolist() == chosen.tolist()
    assert [run.dataset.ids[row] for row in chosen] == list(stored.ids)
    assert not app.exception
