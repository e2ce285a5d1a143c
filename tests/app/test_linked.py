"""What the hand has done stays done, whatever late messages of the browser say."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app import linked

from .pages import Open


def settings(app: AppTest) -> tuple[float, str]:
    return app.session_state["settings"].keep_ratio, app.query_params.get("keep_ratio", "")


def mirror(app: AppTest) -> AppTest:
    return next(slider for slider in app.slider if slider.key.startswith("keep_ratio_here"))


def test_a_late_former_value_is_put_right(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    mirror(app).set_value(0.405).run()
    app.slider(key="keep_ratio").set_value(0.4).run()  # what a browser sends that has not heard of 0.405 yet
    assert settings(app)[0] == 0.405
    mirror(app).set_value(0.41).run()
    for late in (0.4, 0.405):
        app.slider(key="keep_ratio").set_value(late).run()
        assert settings(app)[0] == 0.41
    app.slider(key="keep_ratio").set_value(0.7).run()
    assert settings(app)[0] == 0.7, "a value that it never had is a wish"
    assert mirror(app).value == 0.7


def test_the_hand_may_go_back(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    for value in (0.405, 0.4, 0.405, 0.4):
        mirror(app).set_value(value).run()
        assert settings(app)[0] == value


def test_after_a_moment_a_former_value_is_a_wish(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    mirror(app).set_value(0.405).run()
    monkeypatch.setattr(linked, "LATE", 0.0)
    app.slider(key="keep_ratio").set_value(0.4).run()
    assert settings(app)[0] == 0.4


def test_the_widget_under_the_hand_stays_and_the_others_are_new(open_app: Open) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    before = {widget.key for widget in [*app.slider, *app.number_input] if "_here" in widget.key}
    mirror(app).set_value(0.5).run()
    after = {widget.key for widget in [*app.slider, *app.number_input] if "_here" in widget.key}
    assert "keep_ratio_here" in after, "the slider that was moved is the same one"
    assert before - after == {"kept_images_here", "kept_pixels_here"}
    assert after - before == {"kept_images_here_1", "kept_pixels_here_1"}


def test_a_late_value_of_a_widget_that_is_gone_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(linked.st, "session_state", state)
    keys = [linked.mirror_key("count", value) for value in (3, 3, 4, 5)]
    assert keys == ["count_here", "count_here", "count_here_1", "count_here_2"]
    assert linked.told("count", "count_here") is None, "3 is what it showed"
    assert linked.told("count", "count_here_1") is None
    assert linked.told("count", "count_here_2") == 5
    state["count_here_1"] = 9  # moved by a hand that was faster than the page
    assert linked.told("count", "count_here_1") == 9
    for value in range(20):
        linked.mirror_key("count", value)
    assert len(state[linked.MIRRORS]["count"].former) == linked.REMEMBERED  # type: ignore[index]
    assert linked.told("count", "count_here_1") is None, "older than what is remembered"


def test_shares_that_differ_by_rounding_are_the_same_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked.st, "session_state", {})
    assert linked.mirror_key("share", 15.0) == linked.mirror_key("share", 100 * 0.2 * 0.75) == "share_here"


def test_widgets_that_streamlit_lost_are_brought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(linked.st, "session_state", state)
    defaults = {"alpha": 0.65, "rule": "budget", "labels": ""}
    assert not linked.bring_back(defaults), "a first visit has nothing to come back to"
    state.update(alpha=0.9, rule="paper")
    linked.remember(defaults)
    assert not linked.bring_back(defaults), "all are there"
    del state["alpha"], state["rule"]
    assert linked.bring_back(defaults)
    assert (state["alpha"], state["rule"]) == (0.9, "paper")
    state["alpha"] = 0.65  # what a widget says that the browser has only now drawn
    linked.settle()
    assert state["alpha"] == 0.9
    assert "labels" not in state, "it was not drawn before either"
