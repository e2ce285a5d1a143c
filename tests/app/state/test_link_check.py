"""Links restore a page; invalid values give a sentence with a possible fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.state import settings_widgets
from tests.app.conftest import at_rest
from tests.app.pages import Open, numbers_of, press


def test_a_link_opens_the_same_view(open_app: Open) -> None:
    app = open_app("quotas", alpha="0.9", keep_ratio="0.25", n_bins="5", rule="uniform", seed="3")
    settings = app.session_state["settings"]
    assert (settings.alpha, settings.keep_ratio, settings.n_bins) == (0.9, 0.25, 5)
    assert (settings.rule, settings.seed) == ("uniform", 3)
    assert "<b>20 of 80 images</b>" in numbers_of(app)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"alpha": "7"}, "alpha to 7, which is invalid. The page uses 0.65."),
        ({"alpha": "nan"}, "alpha to nan, which is invalid. The page uses 0.65."),
        ({"rule": "magic"}, "Quota rule to magic, which is invalid. The page uses budget."),
        ({"n_bins": "many"}, "Number of bins to many, which is invalid. The page uses 10."),
        ({"seed": "-3"}, "Seed to -3, which is invalid. The page uses 0."),
    ],
)
def test_a_link_with_an_invalid_value_opens_with_a_valid_one_and_one_message(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], text: str
) -> None:
    messages: list[str] = []
    monkeypatch.setattr(settings_widgets.st, "toast", lambda sentence, **_: messages.append(sentence))
    app = open_app("quotas", **query)
    assert not app.exception
    assert not app.error
    assert 0 <= app.session_state["settings"].alpha <= 1
    app.run()
    assert messages == [f"The link sets {text}"]


def test_a_valid_link_opens_without_a_message(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    monkeypatch.setattr(settings_widgets.st, "toast", lambda sentence, **_: messages.append(sentence))
    app = open_app("quotas", alpha="0.650", keep_ratio="0.1234", n_bins="4", rule="uniform", seed="0", bin="2", foo="1")
    assert not messages
    assert app.session_state["settings"].keep_ratio == 0.1234


def test_a_path_that_does_not_exist(open_app: Open, tmp_path: Path) -> None:
    app = open_app("bins", dataset=str(tmp_path / "nowhere"))
    assert len(app.error) == 1
    assert "nowhere" in app.error[0].value
    assert not app.exception
    assert [button.label for button in app.main.button] == ["Try again", "Open photos"], "a fix without the sidebar"


def test_more_bins_than_a_class_has_images_offers_fixes(open_app: Open) -> None:
    app = open_app("bins", n_bins="30")
    assert len(app.error) == 1
    assert app.error[0].value.startswith("Number of bins must be between 1 and 20")
    assert "Try again" not in [button.label for button in app.main.button], "the same settings would fail again"
    press(app, "Use 20 bins")
    at_rest(app)
    assert not app.error
    assert app.number_input(key="n_bins").value == 20


def test_one_pool_is_the_other_fix(open_app: Open) -> None:
    app = press(open_app("bins", n_bins="30"), "Take all images as one pool")
    at_rest(app)
    assert not app.error
    assert app.session_state["settings"].pool == "all"


def test_a_keep_ratio_that_keeps_nothing(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.005")
    assert [element.value for element in app.error] == [
        "Keep ratio must keep at least one of 80 images, got 0.005. Raise it."
    ]


def test_an_unexpected_error_is_a_sentence_too(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.charts import bins as bin_charts
    from app.jobs.registry import UNEXPECTED

    monkeypatch.setattr(bin_charts, "importance_bars", lambda *args: 1 / 0)
    app = open_app("scores")
    assert [element.value for element in app.error] == [UNEXPECTED]
    assert not app.exception
