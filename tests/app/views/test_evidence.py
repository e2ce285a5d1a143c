"""Better than random?: what the page shows is what the library measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from adq_core import Run
from adq_core.evidence import Evidence
from adq_core.run_evidence import evidence_of
from app.blocks import evidence as evidence_block
from app.text import evidence as evidence_text
from tests.app.conftest import at_rest
from tests.app.pages import Open, chart, number, texts_of


@pytest.fixture
def evidence(run: Run) -> Evidence:
    return evidence_of(run, budget=evidence_block.BUDGET)


def test_the_page_shows_the_verdict_of_the_library(open_app: Open, evidence: Evidence) -> None:
    app = at_rest(open_app("evidence"))
    text, _ = evidence_text.headline(evidence, 0.1)
    assert text in texts_of(app)
    assert evidence_text.rival_sentence(evidence, 0.1) in texts_of(app)
    column = evidence.keep_ratios.index(0.1)
    mean = {name: 100 * evidence.mean[row, column] for row, name in enumerate(evidence.strategies)}
    assert number(app, "ADQ") == f"{mean['adq']:.1f}%"
    assert number(app, "balanced random") == f"{mean['balanced']:.1f}%"
    table = app.dataframe[0].value.set_index("strategy")
    assert table.loc["margin", "accuracy, %"] == pytest.approx(mean["margin"], abs=1e-3)


def test_home_has_the_verdict_as_soon_as_it_is_known(open_app: Open, run: Run, evidence: Evidence) -> None:
    at_rest(open_app("evidence"))
    home = at_rest(open_app("home"))
    text, _ = evidence_text.headline(evidence, 0.1)
    assert text in texts_of(home)
    other = at_rest(open_app("home", alpha="0.15"))
    assert "random here" not in texts_of(other), "another alpha is not measured"


def test_further_strategies_are_lines_of_the_chart(open_app: Open) -> None:
    app = at_rest(open_app("evidence"))
    app.multiselect(key="evidence_strategies").set_value(["k-centre", "margin"]).run()
    drawn = chart(at_rest(app), "evidence-accuracy")
    assert [trace["name"] for trace in drawn["data"]][1:] == ["balanced random", "ADQ", "k-centre", "margin"]


def test_one_class_cannot_be_compared_and_the_page_says_what_to_do(open_app: Open, tmp_path: Path) -> None:
    import numpy as np

    path = tmp_path / "one.npz"
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    np.savez(path, images=images, labels=np.zeros(30, np.int64))
    app = at_rest(open_app("evidence", dataset=str(path), n_bins="4"))
    assert not app.exception
    assert ["needs at least two classes" in element.value for element in app.info] == [True]
