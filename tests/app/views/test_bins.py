"""The page Bins, and the bin in focus on every page."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from adq_core import Run
from app.blocks import layout
from app.pages import script
from app.state import widget_sync
from tests.app.pages import Open, chart, headings_of, html_of, widget


def test_the_bin_in_focus_is_shown_everywhere_and_in_the_link(open_app: Open, run: Run) -> None:
    app = open_app("bins")
    assert "First images of bin 0" in headings_of(app)
    widget(app, "bin_3").click().run()
    assert "First images of bin 3" in headings_of(app)
    app.switch_page(script("quotas")).run()
    wanted = f"Bin 3: {run.quotas.quota[3]} of {run.bins.capacity[3]} images selected"
    assert wanted in headings_of(app)
    linked = open_app("bins", bin="5")
    assert "First images of bin 5" in headings_of(linked)


def test_a_bin_that_does_not_exist_is_replaced_by_the_last_bin(open_app: Open) -> None:
    app = open_app("bins", bin="99")
    assert not app.exception
    assert "First images of bin 9" in headings_of(app)


def test_more_bins_than_buttons_are_reached_by_number_and_by_steps(open_app: Open) -> None:
    app = open_app("bins", n_bins="25", pool="all")
    assert not [button for button in app.button if button.key == "bin_3"]
    widget(app, "bin").set_value(22).run()
    widget(app, "bin_next").click().run()
    widget(app, "bin_next").click().run()
    assert widget(app, "bin_next").disabled
    widget(app, "bin_previous").click().run()
    assert {"First images of bin 23", "Last images of bin 23"} <= set(headings_of(app))
    assert app.query_params["bin"] in ("23", ["23"])


def test_the_images_belong_to_the_bin(open_app: Open, run: Run) -> None:
    app = open_app("bins", bin="4")
    found = {int(row) for row in re.findall(r'<figure title="(\d+) · ', html_of(app))}
    assert found == set(np.flatnonzero(run.bins.bin_of == 4).tolist())
    frames = chart(app, "bin-classes")["layout"]["shapes"]
    assert [(shape["x0"], shape["x1"]) for shape in frames] == [(3.5, 4.5)]


def test_a_click_on_a_chart_selects_a_bin_and_a_second_click_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {
        "bin": None,
        "texture": {"selection": {"points": [{"x": 0.2, "customdata": [6, "median"]}]}},
    }
    monkeypatch.setattr(layout.st, "session_state", state)
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    layout._select_clicked_bin("texture")
    assert state["bin"] == 6
    state["texture"] = {"selection": {"points": []}}
    layout._select_clicked_bin("texture")
    assert state["bin"] == 6
