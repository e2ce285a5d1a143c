"""Checks: the verdicts of the library, the worst first, with their images and a button that mends."""

from __future__ import annotations

from adq_core import Run
from adq_core.run_checks import checks_of
from app.text import checks as check_texts
from tests.app.conftest import at_rest
from tests.app.pages import Open, number, texts_of, widget


def test_all_verdicts_are_shown(open_app: Open, run: Run) -> None:
    app = at_rest(open_app("checks"))
    verdicts = checks_of(run)
    assert {level: number(app, level) for level in ("bad", "watch", "good")} == check_texts.counts(verdicts)
    text = texts_of(app)
    for verdict in verdicts:
        assert check_texts.sentence(verdict) in text
        assert check_texts.TITLES[verdict.check] in text


def test_a_bad_verdict_comes_first_and_its_button_mends_it(open_app: Open) -> None:
    app = at_rest(open_app("checks", rule="paper"))
    assert check_texts.TITLES["arithmetic.total"] in next(line for line in texts_of(app).split("\n") if ":red[" in line)
    assert int(number(app, "bad")) >= 1
    app.button(key="apply-arithmetic.total").click().run()
    at_rest(app)
    assert widget(app, "rule").value == "budget"
    lines = [line for line in texts_of(app).split("\n") if check_texts.TITLES["arithmetic.total"] in line]
    assert [":green[" in line for line in lines] == [True]


def test_every_check_has_a_title(run: Run) -> None:
    assert {verdict.check for verdict in checks_of(run)} <= set(check_texts.TITLES)
    assert "redundancy.leakage" in check_texts.TITLES
