"""What the hand has done stays done, whatever late messages of the browser say."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.state import widget_sync
from tests.app.pages import Open


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
    monkeypatch.setattr(widget_sync, "LATE", 0.0)
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
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    drawn = []
    for value in (3, 3, 4, 5):
        drawn.append(widget_sync.mirrored("count", value))
        state.setdefault(*drawn[-1])  # what Streamlit does with a widget and its default
    assert drawn == [("count_here", 3), ("count_here", 3), ("count_here_1", 4), ("count_here_2", 5)]
    assert widget_sync.told("count", "count_here") is None, "3 is what it showed"
    assert widget_sync.told("count", "count_here_1") is None
    assert widget_sync.told("count", "count_here_2") == 5
    state["count_here_1"] = 9  # moved by a hand that was faster than the page
    assert widget_sync.told("count", "count_here_1") == 9
    for value in range(20):
        widget_sync.mirrored("count", value)
    assert len(state[widget_sync.MIRRORS]["count"].former) == widget_sync.REMEMBERED  # type: ignore[index]
    assert widget_sync.told("count", "count_here_1") is None, "older than what is remembered"


def test_at_every_visit_of_a_page_its_widgets_are_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the former visit's the browser may still know what they were moved to."""
    monkeypatch.setattr(widget_sync.st, "session_state", {})
    drawn = []
    for page in ("quotas", "quotas", "bins", "quotas"):
        widget_sync.turn_to(page)
        drawn.append(widget_sync.mirrored("bin", 3))
    assert drawn == [("bin_here", 3), ("bin_here", 3), ("bin_here_1", 3), ("bin_here_2", 3)]


@pytest.mark.parametrize("view", ["bins", "quotas", "image", "patches", "train", "compare", "method"])
def test_a_browser_that_missed_the_first_run_shows_the_same(open_app: Open, view: str) -> None:
    """A widget that it has not drawn yet takes its default from the first message that it sees."""
    asked = {"keep_ratio": "0.4", "bin": "3", "patches": "kept patches", "train": "unet", "map_seed": "3"}
    app = open_app(view, **asked, beside="published-code", b="random:5", find="00", image="3", patch_size="4")
    app.run()
    found = [widget for kind in KINDS for widget in app.get(kind) if "_here" in str(widget.key)]
    assert found
    for widget in found:
        assert default_of(widget) == shown_by(widget), widget.key
        assert not widget.proto.set_value, "the browser would not hear of it again"


KINDS = ("slider", "number_input", "selectbox", "text_input", "button_group")


def default_of(widget: Any) -> Any:
    """Return what a browser shows that draws this message and knows nothing of the widget."""
    default = widget.proto.default
    if widget.type == "button_group":
        return [widget.proto.options[at].content for at in default]
    return list(default) if widget.type == "slider" else default


def shown_by(widget: Any) -> Any:
    """Return what the server believes to be shown, in the same words."""
    if widget.type == "selectbox":
        return widget.index
    return {"button_group": [str(widget.value)], "slider": [widget.value]}.get(widget.type, widget.value)


def test_a_move_that_the_browser_missed_is_told_again(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app("quotas", keep_ratio="0.4")
    mirror(app).set_value(0.5).run()
    app.run()  # before the browser has drawn the former one
    moved = app.slider(key="keep_ratio")
    assert (moved.value, moved.proto.set_value, list(moved.proto.value)) == (0.5, True, [0.5])
    moved.set_value(0.6).run()
    assert settings(app)[0] == 0.6, "a wish"
    assert not app.slider(key="keep_ratio").proto.set_value, "which ends it"


def test_shares_that_differ_by_rounding_are_the_same_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget_sync.st, "session_state", {})
    assert (
        widget_sync.mirrored("share", 15.0) == widget_sync.mirrored("share", 100 * 0.2 * 0.75) == ("share_here", 15.0)
    )


def test_widgets_that_streamlit_lost_are_brought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, object] = {}
    monkeypatch.setattr(widget_sync.st, "session_state", state)
    defaults = {"alpha": 0.65, "rule": "budget", "labels": ""}
    assert not widget_sync.bring_back(defaults), "a first visit has nothing to come back to"
    state.update(alpha=0.9, rule="paper")
    widget_sync.remember(defaults)
    assert not widget_sync.bring_back(defaults), "all are there"
    del state["alpha"], state["rule"]
    assert widget_sync.bring_back(defaults)
    assert (state["alpha"], state["rule"]) == (0.9, "paper")
    state["alpha"] = 0.65  # what a widget says that the browser has only now drawn
    widget_sync.settle()
    assert state["alpha"] == 0.9
    assert "labels" not in state, "it was not drawn before either"
