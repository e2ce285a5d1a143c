"""Undo, redo and the list of changes on the page."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.components.undo_keys import read_presses
from app.state import history, history_widgets, widget_sync
from app.state.history import MAX_CHANGES
from app.text.markdown import escape
from tests.app.pages import Open, press, widget


@pytest.fixture(autouse=True)
def _every_change_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest changes values faster than a user, and sends no late messages."""
    monkeypatch.setattr(history, "MERGE_WITHIN", -1.0)


def changes(app: AppTest) -> list[str]:
    """Return the lines of the list of changes, the newest first."""
    return [button.label for button in app.button if (button.key or "").startswith("history_")]


def settings(app: AppTest) -> Any:
    return app.session_state["settings"]


def test_every_setting_is_undone_and_redone_on_any_page(open_app: Open, small_set: Any) -> None:
    app = open_app("bins")
    assert widget(app, "undo").disabled
    assert widget(app, "redo").disabled
    widget(app, "alpha").set_value(0.3).run()
    widget(app, "rule").set_value("uniform").run()
    widget(app, "dataset").set_value("digits").run()
    assert changes(app) == [
        "data set stripes.npz → digits",
        "quota rule budget → uniform",
        "alpha 0.65 → 0.30",
        "Before these changes",
    ]
    press(press(app, "Undo"), "Undo")
    assert (settings(app).dataset, settings(app).rule, settings(app).alpha) == (str(small_set), "budget", 0.3)
    assert widget(app, "alpha").value == 0.3
    press(app, "Redo")
    assert settings(app).rule == "uniform"
    press(app, "Before these changes")
    assert settings(app).alpha == 0.65
    assert widget(app, "undo").disabled
    press(app, "data set stripes.npz → digits")
    assert (settings(app).dataset, settings(app).rule, settings(app).alpha) == ("digits", "uniform", 0.3)
    assert widget(app, "redo").disabled


def test_filters_and_lists_of_picked_images_are_undone_too(open_app: Open) -> None:
    app = open_app("dataset", filter="class:1")
    widget(app, "filter").set_value("class:0 bin:1").run()
    widget(app, "always").set_value('["3","5"]').run()
    assert changes(app) == [
        "always keep none → 2 images",
        escape("filter class:1 → class:0 bin:1"),
        "Before these changes",
    ]
    press(press(app, "Undo"), "Undo")
    assert (widget(app, "always").value, widget(app, "filter").value) == ("", "class:1")
    assert settings(app).always is None
    press(press(app, "Redo"), "Redo")
    assert (widget(app, "always").value, widget(app, "filter").value) == ('["3","5"]', "class:0 bin:1")
    widget(app, "dataset").set_value("digits").run()
    assert widget(app, "always").value == "", "the list belongs to the other data set"
    press(app, "Undo")
    assert widget(app, "always").value == '["3","5"]'
    assert settings(app).dataset != "digits"


def test_a_new_change_ends_the_undone_ones(open_app: Open) -> None:
    app = open_app("dataset")
    widget(app, "alpha").set_value(0.3).run()
    press(app, "Undo")
    widget(app, "seed").set_value(3).run()
    assert changes(app) == ["seed 0 → 3", "Before these changes"]
    assert widget(app, "redo").disabled


def test_values_in_the_link_are_no_change_and_the_focus_is_none(open_app: Open) -> None:
    app = open_app("dataset", alpha="0.4", keep_ratio="0.25", seed="7")
    widget(app, "bin").set_value(3).run()
    widget(app, "image").set_value("5").run()
    assert changes(app) == ["Before these changes"]


def test_undo_is_a_way_out_of_settings_that_are_refused(open_app: Open) -> None:
    app = open_app("bins")
    widget(app, "n_bins").set_value(77).run()
    assert app.error
    press(app, "Undo")
    assert not app.error
    assert settings(app).n_bins == 10


def test_a_list_of_twenty_changes_does_not_grow(open_app: Open) -> None:
    app = open_app("dataset")
    for number in range(1, MAX_CHANGES + 3):
        widget(app, "seed").set_value(number).run()
    assert changes(app) == [f"seed {number - 1} → {number}" for number in range(22, 2, -1)] + ["Before these changes"]


def test_names_of_changes_are_plain_text(open_app: Open) -> None:
    app = open_app("dataset")
    widget(app, "vector_columns").set_value("![x](http://a.b/c)").run()
    assert changes(app)[0] == "vector columns none → " + escape("![x](http://a.b/c)")
    assert "![x]" not in changes(app)[0]


def test_presses_that_arrive_together_are_all_applied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {"seed": 0, history_widgets.PRESSES: ("session", 4)}
    monkeypatch.setattr(history_widgets.st, "session_state", state)
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    known = history_widgets._history()
    for number in range(4):
        known.observe({"seed": number}, float(number))
    state[history_widgets.undo_keys.KEY] = {"keys": {"serial": 8, "presses": ["undo", "undo", "undo", "redo"]}}
    history_widgets._apply_presses()
    assert (state["seed"], known.position) == (1, 1)
    history_widgets._apply_presses()
    assert (state["seed"], known.position) == (1, 1), "a message that arrives again has no effect"


@pytest.mark.parametrize(
    ("raw", "serial", "expected"),
    [
        ({"serial": 2, "presses": ["undo", "redo"]}, 0, (2, ["undo", "redo"])),
        ({"serial": 9, "presses": ["undo", "redo"]}, 8, (9, ["redo"])),
        ({"serial": 2, "presses": ["undo"]}, 2, (2, [])),
        ({"serial": 10**400, "presses": ["undo"]}, 1, (1, [])),
        ({"serial": True, "presses": ["undo"]}, 0, (0, [])),
        ({"serial": 3, "presses": "undo"}, 0, (0, [])),
        ({"serial": 3, "presses": [None, {}, "undo", "stop"]}, 0, (3, ["undo"])),
        (None, 5, (5, [])),
        (["undo"], 5, (5, [])),
    ],
)
def test_presses_of_a_browser(raw: Any, serial: int, expected: tuple[int, list[str]]) -> None:
    assert read_presses(raw, serial) == expected
