"""What a lasso on the map holds, and the hands on it."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core import Run
from adq_core.records import Projection
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


def test_a_lasso_is_evaluated_once_for_each_map_and_polygon(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.views.quotas import lasso

    calls: list[int] = []
    evaluate = lasso.rows_in_polygon
    monkeypatch.setattr(lasso, "rows_in_polygon", lambda polygon, xy: calls.append(1) or evaluate(polygon, xy))
    state: dict[str, object] = {}
    monkeypatch.setattr(lasso.st, "session_state", state)
    xy = np.array([[0, 0], [2, 2], [5, 5]], np.float32)
    square = np.array([[-1, -1], [3, -1], [3, 3], [-1, 3]], np.float64)
    one, two = Projection(xy, "pca", "one"), Projection(xy[::-1].copy(), "umap", "two")
    for expected in (1, 1):
        assert lasso._rows_inside(square, one.xy, one).tolist() == [0, 1]
        assert len(calls) == expected
    assert lasso._rows_inside(square, two.xy, two).tolist() == [1, 2], "another map"
    assert lasso._rows_inside(square - 1.5, two.xy, two).tolist() == [2], "another polygon"
    assert len(calls) == 3
