"""The images inside a lasso on the map, and the buttons for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adq_core import Run
from adq_core.records import Projection
from adq_core.selection.saved import ManualSelection
from app import server
from tests.app.pages import Open, headings_of, press
from tests.app.saved_selections import other


def test_the_images_of_a_lasso_are_shown_saved_and_downloaded(
    open_app: Open, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views.quotas import lasso

    low, high = run.projection.xy.min(0) - 1, run.projection.xy.max(0) + 1
    middle = float(np.median(run.projection.xy[:, 0]))
    corners = np.array([[low[0], low[1]], [middle, low[1]], [middle, high[1]], [low[0], high[1]]], np.float64)
    section = lasso.lasso_section
    monkeypatch.setattr(
        lasso,
        "lasso_section",
        lambda run, shown, polygon, xy, projection: section(run, shown, corners, xy, projection),
    )
    app = open_app("quotas", keep_ratio="0.4")
    inside = np.flatnonzero(run.projection.xy[:, 0] < middle)
    selected = np.intersect1d(inside, other(run, keep_ratio=0.4).selection.indices)
    assert f"Inside the lasso: {len(inside)} images, {len(selected)} selected" in headings_of(app)
    labels = {button.key: button.proto.label for button in app.get("download_button")}
    assert labels == {"lasso-zip": "Download ids, rows and images", "lasso-csv": "Download the list"}
    app.button_group(key="lasso_which").set_value("selected").run()
    press(app, "Save these images")
    (selection,) = app.session_state["saved_selections"].by_name.values()
    assert [s.value for s in app.success] == [f"“{selection.name}” saved: {len(selected)} images."]
    assert (selection.manual, selection.n_images) == (True, len(selected))
    stored = server.library().get(ManualSelection, selection.digest)
    assert stored.rows.tolist() == selected.tolist()
    assert [run.dataset.ids[row] for row in selected] == list(stored.ids)
    assert not app.exception


def test_the_description_of_a_lasso_has_the_seed_of_the_map(run: Run) -> None:
    from app.views.quotas.lasso import lasso_origin

    other_seeds = Run(replace(run.settings, seed=3, map_seed=5), run.store, dataset=run.dataset)
    projection = Projection(np.zeros((2, 2), np.float32), "umap", "key of the map")
    origin = lasso_origin(other_seeds, np.eye(3, 2), np.array([0, 1]), projection, only_selected=False)
    assert origin["map"] == {"method": "umap", "key": "key of the map", "seed": 5}
    assert (origin["settings"]["seed"], origin["settings"]["map_seed"]) == (3, 5)


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
