"""Figures contain the numbers of the records, in both themes, for few and for many bins and classes."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from adq_core.data.dataset import ImageDataset
from adq_core.quotas.rules import make_quotas, quota_table
from adq_core.records import Bins, Texture
from app.charts import bins as bin_charts
from app.charts import quotas as quota_charts
from app.charts.theme import DARK, LIGHT, Theme
from tests.app.charts.test_theme import contrast

BOTH_THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def data_set(n_classes: int, each: int = 12) -> ImageDataset:
    labels = np.repeat(np.arange(n_classes), each)
    m = len(labels)
    return ImageDataset(
        name="test",
        ids=tuple(f"{i:05d}" for i in range(m)),
        labels=labels,
        class_names=tuple(f"class {c}" for c in range(n_classes)),
        read=lambda row: np.zeros((4, 4, 3), np.uint8),
        thumbnails=np.zeros((m, 4, 4, 3), np.uint8),
        sizes=np.full((m, 2), 4),
        skipped=(),
        key="k",
    )


def cut(data: ImageDataset, n_bins: int) -> Bins:
    rank = np.arange(len(data)) % 12
    return Bins((rank * n_bins // 12).astype(np.int32), rank.astype(np.int32), 12.0 - rank, n_bins, "k")


@BOTH_THEMES
def test_class_sizes_and_bins_by_class(theme: Theme) -> None:
    data = data_set(3)
    assert list(go.Figure(bin_charts.class_sizes(data, theme)).data[0].x) == [12, 12, 12]
    grid = go.Figure(bin_charts.bin_classes(cut(data, 4), data, theme)).data[0].z
    assert np.asarray(grid).tolist() == [[3] * 4] * 3


def test_many_classes_have_vertical_bars_and_long_names_are_shortened() -> None:
    many = go.Figure(bin_charts.class_sizes(data_set(31), LIGHT)).data[0]
    assert (list(many.y), many.customdata[30]) == ([12] * 31, "class 30")
    long = dataclasses.replace(
        data_set(2), class_names=("a-name-of-thirty-characters-01", "a-name-of-thirty-characters-02")
    )
    for figure in (
        go.Figure(bin_charts.class_sizes(long, LIGHT)),
        go.Figure(bin_charts.bin_classes(cut(long, 3), long, LIGHT)),
    ):
        assert list(figure.layout.yaxis.labelalias.values()) == ["a-name-of-…acters-01", "a-name-of-…acters-02"]


@BOTH_THEMES
@pytest.mark.parametrize("n_classes", [1, 20, 21, 100])
def test_the_gain_has_one_line_per_class_or_a_band_for_many_classes(theme: Theme, n_classes: int) -> None:
    data = data_set(n_classes)
    figure = go.Figure(bin_charts.gain_curve(cut(data, 3), data, theme, pooled=False, selected=1))
    assert len(figure.data) == (n_classes if n_classes <= 20 else 3)
    line = figure.data[0] if n_classes <= 20 else figure.data[-1]
    assert np.asarray(line.y).tolist() == [12.0 - r for r in range(12)]
    assert [(round(s.x0), round(s.x1)) for s in figure.layout.shapes] == [(38, 62)]  # ranks 4 to 7 of 12, at half steps


def test_boxes_are_the_quantiles() -> None:
    data = data_set(2)
    bins = cut(data, 2)
    texture = Texture(np.random.default_rng(0).random(len(data)), "k")
    boxes = go.Figure(bin_charts.texture_boxes(bins, texture, LIGHT)).data
    for number, box in enumerate(boxes):
        values = texture.values[bins.bin_of == number]
        assert box.median[0] == pytest.approx(np.median(values))
        assert box.q1[0] == pytest.approx(np.quantile(values, 0.25))


@BOTH_THEMES
def test_quota_figures_contain_the_quotas(theme: Theme) -> None:
    importance, capacity = np.array([1.0, 2.0, 3.0]), np.array([10, 10, 10])
    quotas = make_quotas(importance, capacity, rule="budget", alpha=0.5, keep_ratio=0.5)
    uniform = make_quotas(importance, capacity, rule="uniform", alpha=0.5, keep_ratio=0.5)
    bars, dashes, numbers = go.Figure(quota_charts.quota_bars(quotas, uniform, theme)).data
    assert list(bars.y) == quotas.quota.tolist() == [4, 5, 6]
    assert list(dashes.y) == [5, 5, 5]
    assert (list(numbers.text), list(numbers.y)) == (["4", "5", "6"], [4, 5, 6])
    assert dashes.name == "rule uniform"
    table = quota_table(importance, capacity, rule="budget", keep_ratio=0.5)
    lines = go.Figure(quota_charts.quota_lines(table, 0.5, theme))
    assert [list(line.y) for line in lines.data] == table.quota.T.tolist()
    assert {note.text for note in lines.layout.annotations} >= {"0"}


def test_a_number_is_drawn_above_a_dash_just_above_its_bar() -> None:
    capacity = np.array([40, 40, 40])
    quotas = make_quotas(np.array([1.0, 2.9, 6.0]), capacity, rule="budget", alpha=1.0, keep_ratio=0.5)
    uniform = make_quotas(np.ones(3), capacity, rule="uniform", alpha=1.0, keep_ratio=0.5)
    numbers = go.Figure(quota_charts.quota_bars(quotas, uniform, LIGHT)).data[2]
    assert quotas.quota.tolist() == [6, 18, 36]  # uniform: 20; a tenth of the axis is 3.6
    assert list(numbers.y) == [6, 20, 36]


def test_lines_that_end_near_each_other_share_a_label() -> None:
    assert quota_charts._groups(np.array([9, 40, 10, 38, 20]), 3.0) == [[1, 3], [4], [2, 0]]
    assert quota_charts._groups(np.array([5, 5, 4]), 0.6) == [[0, 1], [2]]


@BOTH_THEMES
def test_the_counts_of_classes_can_be_read_on_every_cell(theme: Theme) -> None:
    data = data_set(3)
    grid = go.Figure(bin_charts.bin_classes(cut(data, 4), data, theme)).data[0]
    for _, cell in grid.colorscale:
        assert contrast(cell, grid.textfont.color) >= 4.5, cell


def test_whiskers_are_5_and_95_percent() -> None:
    bins = Bins(np.zeros(100, np.int32), np.arange(100, dtype=np.int32), np.zeros(100), 1, "k")
    (box,) = bin_charts.texture_boxes(bins, Texture(np.arange(101.0)[1:], "k"), LIGHT)["data"]
    values = [box[name][0] for name in ("lowerfence", "q1", "median", "q3", "upperfence")]
    assert values == pytest.approx(np.quantile(np.arange(1, 101), [0.05, 0.25, 0.5, 0.75, 0.95]))


def test_importance_is_drawn_as_rep_and_div() -> None:
    rep_norm, div_norm = np.array([0.0, 0.25, 1.0]), np.array([1.0, 0.5, 0.0])
    scores: Any = SimpleNamespace(
        importance=rep_norm + div_norm, representativeness_norm=rep_norm, diversity_norm=div_norm
    )
    rep, div, labels = bin_charts.importance_bars(scores, LIGHT)["data"]
    assert (rep["name"], div["name"]) == ("Rep, normalised", "Div, normalised")
    assert (rep["y"].tolist(), div["y"].tolist()) == ([0.0, 0.25, 1.0], [1.0, 0.5, 0.0])
    assert labels["text"] == ["1.00", "0.75", "1.00"]
