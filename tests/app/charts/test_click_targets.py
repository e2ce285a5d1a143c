"""The bin that a click on a figure selects; every bin of every figure can be clicked."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.records import Bins, ImageScores
from app.charts import bins as bin_charts
from app.charts import click_targets
from app.charts.figure import Figure
from app.charts.theme import LIGHT
from tests.fakes import fake_dataset


@pytest.mark.parametrize(
    ("points", "expected_bin"),
    [
        ([], None),
        ([{"x": 3, "y": 10}], 3),
        ([{"x": 0, "y": 10}], 0),
        ([{"x": 41.5, "y": 10, "customdata": [0]}, {"x": 1}], 0),
        ([{"x": 3, "y": 10, "customdata": 180}], 3),  # an additional number of the bar
        ([{"x": 41.5, "y": 10, "customdata": [4]}], 4),
        ([{"x": 41.5, "customdata": [2, "median 1"]}, {"x": 0}], 2),
        ([{"x": "a class"}, {"x": 1}], 1),
        ([{"x": -1}], None),
        ([{"x": True}], None),
        ([{}], None),
    ],
)
def test_a_click_selects_the_bin_of_its_point(points: list[dict], expected_bin: int | None) -> None:
    assert click_targets.clicked_bin({"selection": {"points": points}}) == expected_bin


def random_bins(m: int, n_bins: int, seed: int) -> tuple[Bins, np.random.Generator]:
    rng = np.random.default_rng(seed)
    rank = rng.permutation(m)
    bin_of = np.sort(np.concatenate([np.arange(n_bins), rng.integers(0, n_bins, m - n_bins)]))[rank]
    return Bins(bin_of=bin_of, rank=rank, gain=-np.sort(rng.normal(size=m))[rank], n_bins=n_bins, key=""), rng


def target_bins(figure: Figure) -> set[int]:
    """Return the bins of the points of a figure: the first entries of their custom data."""
    lists = [
        trace.customdata for trace in go.Figure(figure).data if trace.type == "scatter" and trace.customdata is not None
    ]
    return {int(entry[0]) for entries in lists for entry in entries}


@given(st.integers(1, 12), st.integers(0, 50))
def test_every_bin_can_be_clicked_in_every_figure_and_nothing_fades(n_bins: int, seed: int) -> None:
    bins, rng = random_bins(60, n_bins, seed)
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 60, labels=np.zeros(60, int))
    values = ImageScores(values=rng.random(60), name="centre-closeness", key="")
    everything = set(range(n_bins))
    figures = [
        click_targets.add_targets_to_boxes(bin_charts.texture_boxes(bins, values, LIGHT)),
        click_targets.add_targets_to_cells(bin_charts.bin_classes(bins, data, LIGHT)),
        click_targets.add_targets_to_gain(bin_charts.gain_curve(bins, data, LIGHT, pooled=True), bins.capacity, LIGHT),
    ]
    for figure in figures:
        assert target_bins(figure) == everything
        for trace in go.Figure(click_targets.without_fading(figure)).data:
            if trace.type == "scatter" and trace.marker.opacity == 0:
                assert trace.unselected.marker.opacity == 0, "invisible points stay invisible"
                assert trace.selected.marker.opacity == 0


@given(st.integers(1, 12), st.integers(0, 50))
def test_points_of_the_gain_curve_have_the_bin_of_their_position(n_bins: int, seed: int) -> None:
    bins, _ = random_bins(60, n_bins, seed)
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 60, labels=np.zeros(60, int))
    figure = click_targets.add_targets_to_gain(
        bin_charts.gain_curve(bins, data, LIGHT, pooled=True), bins.capacity, LIGHT
    )
    line = figure["data"][0]
    rows = np.argsort(bins.rank)  # one pool: one point per image, in the order of the ranks
    assert [entry[0] for entry in line["customdata"]] == bins.bin_of[rows].tolist()


def test_a_large_grid_gets_no_click_targets() -> None:
    grid = {"type": "heatmap", "z": np.zeros((300, 10)), "y": [str(n) for n in range(300)]}
    assert len(click_targets.add_targets_to_cells({"data": [grid], "layout": {}})["data"]) == 1


def test_the_selected_bin_is_highlighted() -> None:
    def marked(selected: int | None, layer: str = "below") -> go.Figure:
        return go.Figure(click_targets.highlight_bin({"data": [], "layout": {}}, selected, LIGHT, layer))

    figure = marked(3)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (2.5, 3.5)
    assert marked(3, "above").layout.shapes[0].fillcolor is None, "a fill would change the colours of the cells"
    assert not marked(None).layout.shapes


def test_the_square_of_a_bin_is_above_the_middle_of_the_bin() -> None:
    bins = Bins(np.array([0, 1, 1, 1, 2]), np.arange(5), np.arange(5.0), 3, "k")
    data = fake_dataset([np.zeros((2, 2, 3), np.uint8)] * 5)
    figure = click_targets.add_targets_to_gain(
        bin_charts.gain_curve(bins, data, LIGHT, pooled=True), bins.capacity, LIGHT
    )
    squares = figure["data"][-1]
    assert np.asarray(squares["x"]).tolist() == pytest.approx([10, 50, 90])
    assert squares["customdata"] == [[0], [1], [2]]
