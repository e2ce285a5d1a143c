"""The figures of the scores contain the numbers of the record."""

from __future__ import annotations

import dataclasses

import numpy as np
import plotly.graph_objects as go
import pytest

from adq_core import Run
from app.charts import scores as score_charts
from app.charts.theme import DARK, LIGHT
from tests.app.pages import Open, numbers_of, texts_of


def test_both_raw_scores_have_intervals_and_an_axis_from_zero(run: Run) -> None:
    for score in score_charts.rep_and_div(run.scores):
        raw = go.Figure(score_charts.raw_scores(score, LIGHT)).data[0]
        np.testing.assert_allclose(raw.y, score.raw)
        known = np.isfinite(score.interval[:, 1])
        np.testing.assert_allclose((score.raw + raw.error_y.array)[known], score.interval[known, 1])
        relative, normalised = go.Figure(score_charts.amplified(score, "minmax", LIGHT)).data
        assert np.mean(relative.y) == pytest.approx(1.0)
        np.testing.assert_allclose(normalised.y, score.normalised)
        steeper = np.ptp(normalised.y) / np.ptp(relative.y)
        assert steeper == pytest.approx(score.amplification), "the ratio of the slopes is the amplification"


def test_an_unknown_end_of_an_interval_is_not_drawn(run: Run) -> None:
    score = score_charts.rep_and_div(run.scores)[1]
    interval = np.array(score.interval)
    interval[0], interval[1, 1] = np.nan, np.inf
    raw = go.Figure(score_charts.raw_scores(score._replace(interval=interval), DARK)).data[0]
    assert (raw.error_y.array[0], raw.error_y.arrayminus[0], raw.error_y.array[1]) == (0, 0, 0)
    assert raw.customdata[0][1] == ""
    assert raw.customdata[1][1].endswith(" or more)")


def test_bins_that_do_not_differ_have_flat_lines(run: Run) -> None:
    flat = dataclasses.replace(
        run.scores, diversity=np.zeros(10), diversity_norm=np.zeros(10), diversity_amplification=float("nan")
    )
    score = score_charts.rep_and_div(flat)[1]
    assert list(score_charts.amplified(score, "minmax", LIGHT)["data"][0]["y"]) == [0] * 10
    assert score_charts.format_amplification(score.amplification) == "—"
    assert score_charts.format_amplification(5.32) == "× 5.3"
    assert score_charts.format_amplification(157.8) == "× 158"


@pytest.mark.parametrize(
    ("columns", "digits"),
    [
        ([[18.99, 28.87], [13.5, np.nan], [30.78, np.inf]], 2),  # four digits
        ([[1.1031, 1.1094]], 4),  # they differ in the third decimal
        ([[1234.5, 2345.6]], 0),
        ([[0.0, 0.0]], 4),
        ([[5.0, 5.0]], 3),
        ([[1e-9, 2e-9]], 6),
        ([[np.nan]], 4),
    ],
)
def test_the_columns_of_a_table_have_equal_decimals(columns: list[list[float]], digits: int) -> None:
    assert score_charts.decimals(*map(np.array, columns)) == digits


def test_the_page_shows_intervals_and_amplification(open_app: Open, run: Run) -> None:
    app = open_app("scores", bin="3")
    assert not app.exception
    assert f"<b>{score_charts.format_amplification(run.scores.representativeness_amplification)}</b>" in numbers_of(app)
    table = app.dataframe[0].value
    np.testing.assert_allclose(table["Rep from"], run.scores.representativeness_interval[:, 0])
    np.testing.assert_allclose(table["Div to"], run.scores.diversity_interval[:, 1])
    assert "Rep differs by" in texts_of(app)


def test_both_ends_of_an_interval_are_drawn() -> None:
    score = score_charts.Score("Rep", "texture", np.array([2.0]), np.array([[1.5, 4.0]]), np.zeros(1), 1.0)
    bars = score_charts.raw_scores(score, LIGHT)["data"][0]["error_y"]
    assert (bars["arrayminus"].tolist(), bars["array"].tolist()) == ([0.5], [2.0])
