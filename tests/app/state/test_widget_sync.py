"""A late message of the browser does not undo what the user or a callback has changed."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import script
from app.state import page_widgets, widget_sync
from tests.app.pages import Open, widget


def keep_ratio(app: AppTest) -> float:
    return float(app.session_state["settings"].keep_ratio)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {}
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    return state


def test_a_late_former_value_is_not_user_input(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    widget(app, "kept_images").set_value(33).run()
    assert keep_ratio(app) == 0.41
    app.slider(key="keep_ratio").set_value(0.4).run()  # from a browser that has not received 0.41 yet
    assert keep_ratio(app) == 0.41
    widget(app, "kept_images").set_value(34).run()
    for late in (0.4, 0.41):
        app.slider(key="keep_ratio").set_value(late).run()
        assert keep_ratio(app) == 0.42
    app.slider(key="keep_ratio").set_value(0.7).run()
    assert keep_ratio(app) == 0.7, "a value that the widget never had is user input"
    assert widget(app, "kept_images").value == 56


def test_a_late_former_value_of_a_converting_widget_changes_nothing(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    app.slider(key="keep_ratio").set_value(0.5).run()
    assert widget(app, "kept_images").value == 40
    widget(app, "kept_images").set_value(32).run()  # a late message with the count of 0.4
    assert keep_ratio(app) == 0.5
    assert widget(app, "kept_images").value == 40
    widget(app, "kept_images").set_value(50).run()
    assert keep_ratio(app) == 0.62


def test_one_widget_can_be_changed_back_and_forth(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    for count, ratio in ((33, 0.41), (32, 0.4), (33, 0.41), (32, 0.4)):
        widget(app, "kept_images").set_value(count).run()
        assert keep_ratio(app) == ratio


def test_after_a_few_seconds_a_former_value_is_user_input(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    widget(app, "kept_images").set_value(33).run()
    monkeypatch.setattr(widget_sync, "STALE_AFTER", 0.0)
    app.slider(key="keep_ratio").set_value(0.4).run()
    assert keep_ratio(app) == 0.4


def test_a_change_that_the_browser_missed_is_sent_again(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    widget(app, "kept_images").set_value(40).run()
    app.run()  # before the browser has drawn the former run
    moved = app.slider(key="keep_ratio")
    assert (moved.value, moved.proto.set_value, list(moved.proto.value)) == (0.5, True, [0.5])
    moved.set_value(0.6).run()
    assert keep_ratio(app) == 0.6, "user input"
    assert not app.slider(key="keep_ratio").proto.set_value, "this ends the change"


def test_converting_widgets_have_their_value_as_default(open_app: Open) -> None:
    """A browser that missed the first run draws a widget with its default."""
    app = open_app("quotas", keep_ratio="0.4")
    app.run()
    for key in ("kept_images", "kept_pixels"):
        assert widget(app, key).proto.default == widget(app, key).value


def test_a_converted_value_is_set_only_when_it_differs_by_more_than_rounding(state: dict[str, Any]) -> None:
    assert widget_sync.show_converted("share", 15.0) == 15.0
    assert state["share"] == 15.0
    changed_at = state[widget_sync.MOVED]["share"].at
    widget_sync.show_converted("share", 100 * 0.2 * 0.75)
    assert state[widget_sync.MOVED]["share"].at == changed_at
    widget_sync.show_converted("share", 16.0)
    assert (state["share"], state[widget_sync.MOVED]["share"].former) == (16.0, [15.0])


def test_widgets_that_streamlit_lost_are_restored(state: dict[str, Any]) -> None:
    defaults = {"alpha": 0.65, "rule": "budget", "labels": ""}
    assert not widget_sync.restore_lost(defaults), "a first visit has nothing to restore"
    state.update(alpha=0.9, rule="paper")
    widget_sync.remember_values(defaults)
    assert not widget_sync.restore_lost(defaults), "all widgets are present"
    del state["alpha"], state["rule"]
    assert widget_sync.restore_lost(defaults)
    assert (state["alpha"], state["rule"]) == (0.9, "paper")
    state["alpha"] = 0.65  # from a browser that has only now drawn the widget
    widget_sync.resend_moved()
    assert state["alpha"] == 0.9
    assert "labels" not in state, "its widget was not drawn before"


@pytest.mark.parametrize(
    ("view", "name", "value"),
    [
        ("patches", "patches", "ranking"),
        ("patches", "images", "shuffled"),
        ("patches", "first", "6"),
        ("train", "train", "mae"),
        ("quotas", "beside", "paper"),
        ("compare", "b", "random:5"),
    ],
)
def test_a_widget_of_one_page_keeps_its_value_while_other_pages_are_shown(
    open_app: Open, view: str, name: str, value: str
) -> None:
    app = open_app(view, **{"patches": "kept patches", name: value})
    assert str(widget(app, name).value) == value
    app.switch_page(script("bins")).run()
    app.switch_page(script(view)).run()
    assert str(widget(app, name).value) == value
    assert app.query_params[name] in (value, [value])


def test_every_option_of_a_page_is_in_a_link(open_app: Open) -> None:
    for name, view in (("patches", "patches"), ("images", "patches"), ("train", "train"), ("beside", "quotas")):
        last = page_widgets.CHOICES[name][-1]
        assert widget(open_app(view, **{name: last}), name).value == last
