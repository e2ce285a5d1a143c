"""Figures are plain dicts that pages do not check: here Plotly checks every figure of every page."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from app.charts import figure as figures
from app.charts.theme import DARK, LIGHT
from app.views.train import progress

Open = Callable[..., AppTest]
CHARTS = {"dataset": 1, "bins": 3, "scores": 5, "quotas": 3, "image": 2, "compare": 2}


@pytest.mark.parametrize("bin_in_focus", ["-1", "2"])
@pytest.mark.parametrize("view", CHARTS)
def test_plotly_accepts_every_property_of_every_figure_on_a_page(open_app: Open, view: str, bin_in_focus: str) -> None:
    charts = open_app(view, bin=bin_in_focus).get("plotly_chart")
    assert len(charts) == CHARTS[view]
    for chart in charts:
        go.Figure(json.loads(chart.proto.spec))  # an unknown name or an invalid value is a ValueError


def test_a_property_that_plotly_does_not_know_raises() -> None:
    with pytest.raises(ValueError, match="Invalid property"):
        go.Figure(figures.make_figure([{"type": "bar", "colour": "red"}], LIGHT, 300, {}, {}))


def test_the_learning_curve_has_the_shared_layout() -> None:
    figure = progress.figure("held-out PSNR", [1.0, 2.0], [20.0, 21.0], DARK)
    drawn = go.Figure(figure)
    assert (list(drawn.data[0].y), drawn.layout.yaxis.title.text) == ([20.0, 21.0], "held-out PSNR, dB")
    assert drawn.layout.template.layout.to_plotly_json() == figures.TEMPLATES["dark"]["layout"]


def test_an_unchecked_figure_is_sent_like_a_checked_one() -> None:
    """An unchecked figure and a checked one give the same JSON, with arrays and ranges."""
    bars = {"type": "bar", "x": np.arange(3), "y": np.array([1.5, np.nan, 2.0]), "customdata": np.zeros((3, 2))}
    axis = figures.bin_axis(3)
    figure = figures.make_figure(
        [bars], LIGHT, 300, axis, figures.titled("y", type="log"), {"shapes": [figures.vertical_line(1, DARK)]}
    )
    assert json.loads(figures.unchecked(figure).to_json()) == json.loads(go.Figure(figure).to_json())


@pytest.mark.parametrize(
    ("legends", "top"),
    [([False], 14), ([None], 14), ([True], None), ([None, False], 14), ([None, None], None), ([], 14)],
)
def test_only_a_legend_gets_space_above_the_chart(legends: list[bool | None], top: int | None) -> None:
    traces = [{"type": "bar"} | ({} if shown is None else {"showlegend": shown}) for shown in legends]
    assert figures.make_figure(traces, LIGHT, 300, {}, {})["layout"].get("margin", {}).get("t") == top
    drawn = figures.make_figure(traces, LIGHT, 300, {}, {}, {"margin": {"t": 3, "r": 5}})
    assert drawn["layout"]["margin"] == {"t": 3, "r": 5}
