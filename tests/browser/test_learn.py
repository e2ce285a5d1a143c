"""The page Lessons in Chromium: predict, drag, step, answer; with a pointer, with keys, on a phone, for a presenter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from app.lessons import LESSONS, alpha, greedy
from tests.browser import test_app
from tests.browser.test_app import PHONE, App

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

TALL = {"viewport": {"width": 1280, "height": 1700}}  # the whole lesson is in the window
LESSON = "[...(globalThis[Symbol.for('adq.lesson')]?.lessons.values() ?? [])].at(-1)"
NUMBER = re.compile(r"\u2212?\d+\.\d+")
IDLE = f"() => {LESSON}?.sync.isIdle && !{LESSON}.isDragging"


class Page:
    """An open lesson."""

    def __init__(self, app: App, name: str, **query: str) -> None:
        self.app, self.page = app, app.page
        app.open(lesson=name, **query)
        self.page.goto(re.sub(r"/\?", "/learn?", self.page.url) + f"&lesson={name}")
        app.settle()
        self.page.wait_for_function(f"() => {LESSON}?.data.lesson === '{name}'")

    def errors(self) -> list[str]:
        """Return the errors of the console, without missing files: Streamlit asks for its server below each address."""
        return [error for error in self.app.errors if "404" not in error]

    def predict(self, option: int = 0) -> None:
        self.page.locator(".quiz.prediction .options button").nth(option).click()

    def picture(self, number: int = 0) -> Any:
        return self.page.locator(".pictures svg").nth(number)

    def read(self, expression: str) -> Any:
        return self.page.evaluate(f"() => {{ const lesson = {LESSON}; return {expression}; }}")

    def note(self, number: int = 0) -> str:
        return str(self.page.locator(".pictures .note").nth(number).inner_text())

    def centre_of(self, point: int, picture: int = 0) -> tuple[float, float]:
        # In one call: a drawing replaces the element.
        x, y = self.picture(picture).evaluate(
            """(svg, point) => {
                const box = svg.querySelector(`[data-point='${point}'] .dot`).getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }""",
            point,
        )
        return float(x), float(y)

    def answered(self) -> None:
        self.page.wait_for_function(IDLE)


def test_numbers_and_controls_are_hidden_until_a_prediction_is_made(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Greedy")
    step = lesson.page.get_by_role("button", name="Step", exact=True)
    assert step.is_disabled()
    assert lesson.note() == ""
    assert not lesson.page.locator(".quiz.question").is_visible()
    lesson.predict(1)
    why = lesson.page.locator(".quiz.prediction .why")
    assert why.inner_text() == LESSONS["Greedy"].prediction.options[1].why
    assert why.get_attribute("data-verdict") == "wrong"
    assert step.is_enabled()
    assert lesson.note() == "No point is taken yet."
    lesson.page.reload()
    lesson.app.settle()
    assert why.inner_text() == LESSONS["Greedy"].prediction.options[1].why, "the answer is stored in the browser"
    assert lesson.errors() == []


def test_steps_show_the_numbers_of_the_core_without_a_message(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Greedy")
    lesson.predict()
    frames = greedy.panel(LESSONS["Greedy"].start("Cloud"), "euclidean").frames
    sent: list[str] = []
    lesson.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append("sent")))
    before = lesson.read("lesson.data")
    for number in (1, 2, 3):
        lesson.page.get_by_role("button", name="Step", exact=True).click()
        assert lesson.note() == frames[number].note
        assert f"step={number}" in lesson.page.url
    lesson.page.get_by_role("button", name="Back", exact=True).click()
    assert lesson.note() == frames[2].note
    assert lesson.read("lesson.data") == before
    assert lesson.read("lesson.sync.serial") == 0
    assert sent == []
    lesson.page.get_by_role("button", name="Play", exact=True).click()
    lesson.page.wait_for_function(f"() => {LESSON}.step >= 4")
    lesson.page.get_by_role("button", name="Pause", exact=True).click()
    at = lesson.read("lesson.step")
    assert lesson.note() == frames[at].note
    link = lesson.page.url
    lesson.page.goto(link)
    lesson.page.wait_for_function(f"() => {LESSON}?.data")
    assert lesson.read("lesson.step") == at


def test_a_dragged_point_follows_the_pointer_and_the_server_answers_with_new_steps(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Greedy")
    lesson.predict()
    first = int(lesson.read("lesson.scene.panels[0].frames[1].ring"))
    x, y = lesson.centre_of(first)
    box = lesson.picture().bounding_box()
    corner = box["x"] + 0.95 * box["width"], box["y"] + 0.95 * box["height"]
    lesson.page.mouse.move(x, y)
    lesson.page.mouse.down()
    lesson.page.mouse.move(*corner, steps=8)
    moved = lesson.centre_of(first)
    assert abs(moved[0] - corner[0]) < 3, "before any answer"
    assert abs(moved[1] - corner[1]) < 3
    lesson.page.mouse.up()
    lesson.answered()
    assert lesson.read(f"lesson.scene.panels[0].colours[{first}]") == 9, "the colour of the last bin"
    frames = greedy.panel(_array(lesson.read("lesson.points")), "euclidean").frames
    notes = lesson.read("lesson.scene.panels[0].frames.map(frame => frame.note)")
    assert [NUMBER.sub("", note) for note in notes] == [NUMBER.sub("", frame.note) for frame in frames]
    shown, expected = (
        [float(number.replace("\u2212", "-")) for note in texts for number in NUMBER.findall(note)]
        for texts in (notes, [frame.note for frame in frames])
    )
    np.testing.assert_allclose(shown, expected, atol=0.021)  # the position was rounded on its way to the server
    lesson.page.locator(".quiz.question .options button").nth(2).click()
    why = lesson.page.locator(".quiz.question .why")
    assert why.get_attribute("data-verdict") == "right"
    lesson.page.get_by_role("button", name="Start again").click()
    lesson.answered()
    assert lesson.read("lesson.points") == lesson.read("lesson.data.start")
    assert lesson.errors() == []


def _array(points: list[list[float]]) -> Any:
    import numpy as np

    return np.array(points)


def test_points_are_selected_moved_added_and_deleted_with_keys(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Greedy")
    lesson.predict()
    lesson.picture().focus()
    press = lesson.page.keyboard.press
    press("n")
    press("n")
    press("ArrowRight")
    lesson.answered()
    assert lesson.read("lesson.selected") == 1
    before = lesson.read("lesson.data.start[1]")
    assert lesson.read("lesson.points[1]") == pytest.approx([before[0] + 0.3, before[1]])
    assert lesson.page.locator(".status").inner_text().startswith("Point 2 at (")
    press("a")
    lesson.answered()
    assert lesson.read("lesson.scene.steps.length") == 42
    press("Delete")
    lesson.answered()
    assert lesson.read("[lesson.points.length, lesson.scene.steps.length]") == [40, 41]


def test_alpha_changes_the_quotas_within_the_browser(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Alpha")
    lesson.predict(1)
    slider = lesson.page.locator(".steps input[type=range]")
    slider.focus()
    lesson.page.keyboard.press("Home")
    texts = lesson.picture(1).locator("text")
    assert texts.all_text_contents()[::2] == ["20", "20"]
    lesson.page.keyboard.press("End")
    wanted = alpha.quotas(_array(alpha.SCORES[alpha.TWO]), alpha.TWO, 1, "budget").quota.tolist()
    assert texts.all_text_contents()[::2] == [str(quota) for quota in wanted]
    assert lesson.read("lesson.sync.serial") == 0
    lesson.page.get_by_role("radio", name="Ten bins").click()
    lesson.page.wait_for_function(f"() => {LESSON}.points.length === 10")
    assert len(lesson.picture(1).locator("rect").all()) == 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_every_lesson_and_drags_with_a_finger(visit: Callable[..., App], scheme: str) -> None:
    app = visit(**PHONE, color_scheme=scheme)
    for name in LESSONS:
        lesson = Page(app, name)
        lesson.predict()
        content, visible = app.page.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert content <= visible, name
        assert lesson.picture().bounding_box()["width"] > 300, name
        assert lesson.page.locator(".lesson").get_attribute("data-theme") == scheme
    lesson = Page(app, "Diversity")
    lesson.picture().scroll_into_view_if_needed()
    x, y = lesson.centre_of(0)
    box = lesson.picture().bounding_box()
    client = app.page.context.new_cdp_session(app.page)
    for kind, px, py in (("touchStart", x, y), ("touchMove", x, y - 20), ("touchMove", x - 30, box["y"] + 20)):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    lesson.answered()
    assert lesson.read("lesson.sync.serial") > 0
    assert lesson.read("lesson.points[0][1]") > 0.5, "the vector has turned to the left"


def test_the_arrow_keys_of_a_presenter_change_the_step_and_the_sidebar_is_hidden(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Greedy", presenter="true")
    lesson.predict()
    lesson.page.locator(".quiz.prediction .options button").first.evaluate("e => e.blur()")
    for _ in range(3):
        lesson.page.keyboard.press("ArrowRight")
    lesson.page.keyboard.press("ArrowLeft")
    assert lesson.read("lesson.step") == 2
    assert not lesson.page.get_by_test_id("stSidebar").is_visible()
    assert lesson.page.locator(".lesson.presenter").count() == 1


def test_a_pixel_is_read_with_the_pointer_and_with_keys(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Texture")
    assert lesson.picture(2).locator("image").count() == 0, "the texture is hidden before the prediction"
    lesson.predict(1)
    box = lesson.picture(0).bounding_box()
    lesson.page.mouse.move(box["x"] + 7.5 / 24 * box["width"], box["y"] + 5.5 / 24 * box["height"])
    status = lesson.page.locator(".status")
    for panel in (2, 3):
        assert lesson.read(f"lesson.scene.panels[{panel}].frames[0].cells[5 * 24 + 7]") in status.inner_text()
    assert status.inner_text().startswith("Pixel in column 8, row 6.")
    assert lesson.page.locator(".pictures rect.cell").count() == 4, "the same pixel in all pictures"
    lesson.picture(0).focus()
    lesson.page.keyboard.press("ArrowDown")
    assert status.inner_text().startswith("Pixel in column 8, row 7.")
    slider = lesson.page.locator(".steps input[type=range]")
    slider.focus()
    lesson.page.keyboard.press("End")
    assert lesson.note(3) == lesson.read("lesson.scene.panels[3].frames[4].note")


def test_the_sentence_of_a_term_appears_on_hover(visit: Callable[..., App]) -> None:
    from app.text.glossary import TERMS

    app = visit()
    app.open()
    app.go("Bins")
    app.page.wait_for_function("() => CSS.highlights.get('adq-terms')?.size > 0")
    rect = app.page.evaluate(
        "() => { const range = [...CSS.highlights.get('adq-terms')].find(one => /^greedy$/i.test(one.toString()));"
        "const box = range.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; }"
    )
    box = app.page.locator(".adq-term")
    app.page.mouse.move(*rect)
    box.wait_for()
    assert box.inner_text() == TERMS["greedy"]
    app.page.keyboard.press("Escape")
    assert not box.is_visible()
    app.page.get_by_role("button", name="Glossary").click()
    app.page.get_by_text(TERMS["vendi score"]).wait_for()


def test_the_answers_of_a_class_are_shared_only_on_request(visit: Callable[..., App]) -> None:
    student, lecturer = Page(visit(**TALL), "Bins"), Page(visit(**TALL), "Bins")
    student.predict(2)
    page = lecturer.page
    page.get_by_text("For a class: QR code and shared answers").click()
    page.locator(".st-key-show_answers label").click()
    prediction = LESSONS["Bins"].prediction.text
    page.get_by_text(f"{prediction} (0 answers)").wait_for()
    student.page.locator(".st-key-share label").click()
    page.get_by_text(f"{prediction} (1 answer)").wait_for()
    student.page.locator(".st-key-share label").click()
    page.get_by_text(f"{prediction} (0 answers)").wait_for()


def test_the_printed_lesson_is_one_page_without_the_sidebar(visit: Callable[..., App]) -> None:
    lesson = Page(visit(**TALL), "Greedy")
    lesson.predict()
    lesson.page.emulate_media(media="print")
    assert not lesson.page.get_by_test_id("stSidebar").is_visible()
    assert lesson.picture().is_visible()
    pages = lesson.page.pdf(format="A4").count(b"/Type /Page\n")
    assert pages == 1
