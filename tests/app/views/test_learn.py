"""The page Lessons: every lesson opens, receives the points that the user has moved, and leads to the real page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.lessons import LESSONS
from app.views.learn import classroom, picture
from tests.app.pages import Open, headings_of, html_of, number, press, texts_of, widget


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the data of every lesson that is drawn, in order."""
    data: list[dict[str, Any]] = []
    monkeypatch.setattr(picture, "draw_lesson", lambda one, key: data.append(one))
    return data


@pytest.mark.parametrize("name", list(LESSONS))
def test_every_lesson_opens_by_its_link(open_app: Open, drawn: list[dict[str, Any]], name: str) -> None:
    app = open_app("learn", lesson=name, step="1")
    assert not app.exception
    assert not app.error
    lesson, place = LESSONS[name], list(LESSONS).index(name) + 1
    assert lesson.title in headings_of(app)
    assert number(app, "lesson") == f"{place} of {len(LESSONS)}"
    for text in (lesson.idea, *(f"- {sentence}" for sentence in lesson.sentences)):
        assert text in texts_of(app)
    data = drawn[-1]
    assert (data["lesson"], data["step"]) == (name, 1)
    case = lesson.cases[0]
    assert data["scene"] == lesson.scene(lesson.start(case), case).data()
    np.testing.assert_allclose(np.reshape(data["points"], (-1, 2)), lesson.start(case), atol=1e-4)
    assert data["question"] == lesson.question.data()
    assert data["prediction"] == lesson.prediction.data()


@pytest.mark.parametrize("name", [name for name, lesson in LESSONS.items() if len(lesson.cases) > 1])
def test_another_case_draws_its_points(open_app: Open, drawn: list[dict[str, Any]], name: str) -> None:
    app = open_app("learn", lesson=name)
    lesson = LESSONS[name]
    for case in lesson.cases[1:]:
        widget(app, f"case-{name}").set_value(case).run()
        assert drawn[-1]["place"] == f"{name}/{case}"
        np.testing.assert_allclose(np.reshape(drawn[-1]["points"], (-1, 2)), lesson.start(case), atol=1e-4)


def test_the_scene_is_that_of_the_points_that_the_user_has_moved(
    open_app: Open, drawn: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = LESSONS["Greedy"]
    points = lesson.start("Cloud")[:20]
    sent = {"place": "Greedy/Cloud", "serial": 5, "points": points.tolist()}
    monkeypatch.setattr(picture, "sent_points", lambda key: sent if key == "lesson-Greedy" else None)
    open_app("learn", lesson="Greedy")
    assert drawn[-1]["serial"] == 5
    assert drawn[-1]["scene"] == lesson.scene(points, "Cloud").data()
    assert len(drawn[-1]["start"]) == 40, "Start again returns to all points"


@pytest.mark.parametrize("step", ["-1", "x", "9999999", "1.5", "²"])
def test_an_invalid_step_in_the_link_is_ignored(open_app: Open, drawn: list[dict[str, Any]], step: str) -> None:
    app = open_app("learn", step=step)
    assert not app.error
    assert drawn[-1]["step"] is None


def test_the_link_opens_the_real_page_with_the_settings_of_the_lesson(
    open_app: Open, drawn: list[dict[str, Any]]
) -> None:
    app = open_app("learn", lesson="Bins")
    widget(app, "open_page").click().run()
    assert [title.value for title in app.title] == ["Bins"]
    for name, value in LESSONS["Bins"].settings.items():
        assert widget(app, name).value == value


def test_next_lesson_opens_the_next_lesson_and_the_last_has_none(open_app: Open, drawn: list[dict[str, Any]]) -> None:
    app = open_app("learn")
    names = list(LESSONS)
    for name in names[1:]:
        press(app, "Next lesson")
        assert drawn[-1]["lesson"] == name
    assert "Next lesson" not in [button.label for button in app.button]


def test_presenter_mode_is_in_the_link(open_app: Open, drawn: list[dict[str, Any]]) -> None:
    app = open_app("learn", presenter="true")
    assert drawn[-1]["presenter"]
    widget_of = next(toggle for toggle in app.toggle if toggle.key == "presenter")
    widget_of.set_value(False).run()
    assert not drawn[-1]["presenter"]


def test_answers_are_counted_only_while_they_are_shared(
    open_app: Open, drawn: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"lesson": "Greedy", "prediction": 1}
    monkeypatch.setattr(classroom, "sent_answers", lambda key: sent)
    app = open_app("learn")
    question = LESSONS["Greedy"].prediction.text
    toggle_named(app, "show_answers").set_value(True).run()
    assert f"**{question}** (0 answers)" in texts_of(app)
    toggle_named(app, "share").set_value(True).run()
    assert drawn[-1]["share"]
    assert f"**{question}** (1 answer)" in texts_of(app)
    assert '<i style="width:100%"></i><b>1</b>' in html_of(app)
    toggle_named(app, "share").set_value(False).run()
    assert f"**{question}** (0 answers)" in texts_of(app)


def test_the_qr_code_has_the_lesson_and_the_step(open_app: Open, drawn: list[dict[str, Any]]) -> None:
    app = open_app("learn", lesson="Bins", step="3")
    assert "adq-qr" not in html_of(app)
    toggle_named(app, "show_qr").set_value(True).run()
    assert "?lesson=Bins&step=3`" in texts_of(app)
    assert 'class="adq-qr"' in html_of(app)


def toggle_named(app: Any, key: str) -> Any:
    return next(toggle for toggle in app.toggle if toggle.key == key)
