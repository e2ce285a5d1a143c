"""The view of a chart from the browser, and the figure that starts with it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.blocks.plot_state import apply_view
from app.charts.figure import Figure, make_figure
from app.charts.theme import LIGHT
from app.components.plot_view import DRAG_MODES, PlotView, read_view
from tests.app.pages import chart

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from(["a", "g", "zoom"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def figure() -> Figure:
    traces = [{"type": "scatter", "x": [0, 1], "y": [0, 1], "name": f"{name} (7)", "meta": name} for name in "abc"]
    return make_figure(traces, LIGHT, 300, {}, {}, {"dragmode": "pan"})


@pytest.mark.parametrize(
    ("raw", "view"),
    [
        (None, PlotView()),
        ({"map_key": "g", "corners": None, "hidden": [], "drag_mode": "pan"}, PlotView()),
        (
            {"map_key": "g", "corners": [1, 2, 3.5, 4], "hidden": ["a"], "drag_mode": "zoom"},
            PlotView((1, 2, 3.5, 4), {"a"}, "zoom"),
        ),
        (
            {"map_key": "another", "corners": [1, 2, 3, 4], "hidden": ["a"], "drag_mode": "zoom"},
            PlotView(None, {"a"}, "zoom"),
        ),
        ({"map_key": "g", "corners": [1, 2, 3], "hidden": "a", "drag_mode": "eraseshape"}, PlotView()),
        ({"map_key": "g", "corners": [1, 2, 3, 10**400], "hidden": [10**400]}, PlotView()),
        (
            {"map_key": "g", "corners": [1, 2, None, math.nan], "hidden": [3, None, "b"]},
            PlotView(hidden=frozenset("b")),
        ),
    ],
)
def test_a_view_is_read_and_an_invalid_value_counts_as_absent(raw: object, view: PlotView) -> None:
    assert read_view(raw, "g") == view


@given(st.fixed_dictionaries({"map_key": st.just("g"), "corners": ANYTHING, "hidden": ANYTHING, "drag_mode": ANYTHING}))
def test_the_figure_is_valid_with_everything_that_a_browser_can_send(raw: dict[str, Any]) -> None:
    view = read_view(raw, "g")
    drawn = go.Figure(apply_view(figure(), view, "1"))
    assert {trace.meta for trace in drawn.data if trace.visible == "legendonly"} == view.hidden & set("abc")
    assert drawn.layout.dragmode in DRAG_MODES
    assert (drawn.layout.xaxis.range is None) == (view.corners is None)
    if view.corners is not None:
        assert (*drawn.layout.xaxis.range, *drawn.layout.yaxis.range) == view.corners


def test_the_given_figure_is_unchanged() -> None:
    given_figure = figure()
    before = json.dumps(given_figure)
    apply_view(given_figure, PlotView((0, 1, 2, 3), frozenset("a"), "zoom"), "1")
    assert json.dumps(given_figure) == before


def test_the_chart_stays_the_same_until_its_figure_changes(
    open_app: Callable[..., AppTest],
) -> None:
    app = open_app("compare", b="random:3")
    first = app.get("plotly_chart")[0].proto.id
    assert app.run().get("plotly_chart")[0].proto.id == first
    app.session_state["b"] = "random:4"
    other = app.run()
    assert other.get("plotly_chart")[0].proto.id != first
    app.session_state["b"] = "random:3"
    again = app.run()
    assert again.get("plotly_chart")[0].proto.id != first, "otherwise the browser restores the view of the first chart"
    assert chart(again, "compare-map")["layout"]["uirevision"].endswith(" 3")
