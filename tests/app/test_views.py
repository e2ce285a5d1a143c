"""Every view through AppTest, on a small real run; Home and Scores."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core import Run
from app import findings

from .pages import VIEWS, Open, chart, html_of, texts_of


@pytest.mark.parametrize(("view", "title"), VIEWS.items())
def test_every_view_opens(open_app: Open, view: str, title: str) -> None:
    app = open_app(view)
    assert not app.exception
    assert not app.error
    assert [element.value for element in app.title] == [title]
    assert [element.label for element in app.main.expander][-1] == "How to read this"
    assert 'class="adq-numbers"' in html_of(app)


def test_home_states_findings_that_the_run_bears_out(open_app: Open, run: Run) -> None:
    app = open_app("home")
    assert findings.texture_by_bin(run.bins, run.texture) in texts_of(app)
    assert findings.texture_by_class(run.dataset, run.texture) in texts_of(app)
    traces = chart(app, "home-map")["data"]
    assert [trace["name"] for trace in traces] == list(run.dataset.class_names)


def test_scores_are_told_raw_and_normalised(open_app: Open, run: Run) -> None:
    app = open_app("scores")
    table = app.dataframe[0].value
    np.testing.assert_allclose(table["IS"], run.scores.importance)
    np.testing.assert_allclose(table["Rep"], run.scores.representativeness)
    for sentence in findings.amplification(run.scores):
        assert sentence in texts_of(app)
    bars = chart(app, "importance")["data"]
    assert [trace["name"] for trace in bars[:2]] == ["Rep, normalised", "Div, normalised"]


def test_every_station_that_can_take_long_has_a_title() -> None:
    from adq_core.lineage import RECORDS
    from app.frame import TITLES

    assert set(RECORDS) <= set(TITLES)
