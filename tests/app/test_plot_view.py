"""What a browser may tell of a chart's view, and the figure that begins with it."""

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

from app import drawing
from app.components import plot_view
from app.components.plot_view import View

from .test_views import chart

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from(["a", "g", "zoom"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def figure() -> drawing.Figure:
    traces = [{"type": "scatter", "x": [0, 1], "y": [0, 1], "name": f"{name} (7)", "meta": name} for name in "abc"]
    return drawing.dress(traces, False, 300, {}, {}, {"dragmode": "pan"})


@pytest.mark.parametrize(
    ("told", "view"),
    [
        (None, View()),
        ({"ground": "g", "box": None, "hidden": [], "drag": "pan"}, View()),
        ({"ground": "g", "box": [1, 2, 3.5, 4], "hidden": ["a"], "drag": "zoom"}, View((1, 2, 3.5, 4), {"a"}, "zoom")),
        ({"ground": "another", "box": [1, 2, 3, 4], "hidden": ["a"], "drag": "zoom"}, View(None, {"a"}, "zoom")),
        ({"ground": "g", "box": [1, 2, 3], "hidden": "a", "drag": "eraseshape"}, View()),
        ({"ground": "g", "box": [1, 2, None, math.nan], "hidden": [3, None, "b"]}, View(hidden=frozenset("b"))),
    ],
)
def test_a_view_is_read_and_what_is_none_is_left(told: object, view: View) -> None:
    assert plot_view.read(told, "g") == view


@given(st.fixed_dictionaries({"ground": st.just("g"), "box": ANYTHING, "hidden": ANYTHING, "drag": ANYTHING}))
def test_whatever_a_browser_tells_the_figure_is_one(told: dict[str, Any]) -> None:
    view = plot_view.read(told, "g")
    drawn = go.Figure(plot_view.begin(figure(), view, "1"))
    assert {trace.meta for trace in drawn.data if trace.visible == "legendonly"} == view.hidden & set("abc")
    assert drawn.layout.dragmode in plot_view.DRAGS
    assert (drawn.layout.xaxis.range is None) == (view.box is None)
    if view.box is not None:
        assert (*drawn.layout.xaxis.range, *drawn.layout.yaxis.range) == view.box


def test_a_figure_is_left_as_it_was_given() -> None:
    given_figure = figure()
    before = json.dumps(given_figure)
    plot_view.begin(given_figure, View((0, 1, 2, 3), frozenset("a"), "zoom"), "1")
    assert json.dumps(given_figure) == before


def test_a_run_that_changes_nothing_makes_no_other_chart_and_one_that_does_makes_one(
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
    assert again.get("plotly_chart")[0].proto.id != first, "the browser would bring the first one's view back"
    assert chart(again, "compare-map")["layout"]["uirevision"].endswith(" 3")
