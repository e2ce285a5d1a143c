"""Figures are plain dicts that nobody checks on the page: here Plotly checks every one, in its dress, on every page."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from app.charts import figure as drawing
from app.views.train import progress

Open = Callable[..., AppTest]
CHARTS = {"home": 1, "dataset": 1, "bins": 3, "scores": 5, "quotas": 3, "image": 2, "compare": 3}


@pytest.mark.parametrize("bin_picked", ["-1", "2"])
@pytest.mark.parametrize("view", CHARTS)
def test_plotly_accepts_every_property_of_every_figure_on_a_page(open_app: Open, view: str, bin_picked: str) -> None:
    charts = open_app(view, bin=bin_picked).get("plotly_chart")
    assert len(charts) == CHARTS[view]
    for chart in charts:
        go.Figure(json.loads(chart.proto.spec))  # an unknown name or a value that cannot be is a ValueError


def test_a_property_that_plotly_does_not_know_would_be_found() -> None:
    with pytest.raises(ValueError, match="Invalid property"):
        go.Figure(drawing.dress([{"type": "bar", "colour": "red"}], False, 300, {}, {}))


def test_the_learning_curve_is_a_figure_in_the_dress() -> None:
    figure = progress.figure("held-out PSNR", [1.0, 2.0], [20.0, 21.0], True)
    drawn = go.Figure(figure)
    assert (list(drawn.data[0].y), drawn.layout.yaxis.title.text) == ([20.0, 21.0], "held-out PSNR, dB")
    assert drawn.layout.template.layout.to_plotly_json() == drawing.TEMPLATES[True]["layout"]


def test_what_is_sent_is_what_plotly_would_send() -> None:
    """Unchecked and checked are the same to the browser, arrays, ranges and all."""
    bars = {"type": "bar", "x": np.arange(3), "y": np.array([1.5, np.nan, 2.0]), "customdata": np.zeros((3, 2))}
    axis = drawing.bin_axis(3)
    figure = drawing.dress(
        [bars], False, 300, axis, drawing.titled("y", type="log"), {"shapes": [drawing.upright(1, True)]}
    )
    assert json.loads(drawing.unchecked(figure).to_json()) == json.loads(go.Figure(figure).to_json())


@pytest.mark.parametrize(
    ("legends", "top"),
    [([False], 14), ([None], 14), ([True], None), ([None, False], 14), ([None, None], None), ([], 14)],
)
def test_a_legend_has_its_room_and_nothing_else_has(legends: list[bool | None], top: int | None) -> None:
    traces = [{"type": "bar"} | ({} if shown is None else {"showlegend": shown}) for shown in legends]
    assert drawing.dress(traces, False, 300, {}, {})["layout"].get("margin", {}).get("t") == top
    told = drawing.dress(traces, False, 300, {}, {}, {"margin": {"t": 3, "r": 5}})
    assert told["layout"]["margin"] == {"t": 3, "r": 5}
