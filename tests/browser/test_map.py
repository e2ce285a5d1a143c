"""The map in Chromium: it answers in the browser, tells the server when the hand rests, and lights what is exported."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.oracles import point_in_polygon

pytestmark = pytest.mark.browser

MAP = "[...globalThis[Symbol.for('adq.bin_map')].maps.values()][0]"
STILL = "[data-testid=stApp][data-test-script-state=notRunning]"


class Page:
    """The page, the websocket's frames and the console's errors."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.sent: list[int] = []
        self.received: list[int] = []
        self.errors: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._listen)

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", lambda payload: self.sent.append(len(payload)))
        socket.on("framereceived", lambda payload: self.received.append(len(payload)))

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector(".adq .bins li", timeout=60_000)
        self.rest()

    def rest(self) -> dict[str, Any]:
        """Wait until the server has heard everything and the script has run; return what it heard."""
        self.page.wait_for_function(
            f"() => {{ const m = {MAP}; return m && m.quota && !m.resting && m.said.heard === m.kept.serial; }}"
        )
        self.page.wait_for_selector(STILL)
        return self.heard()

    def heard(self) -> dict[str, Any]:
        return json.loads(self.page.locator("[data-testid=stText]").text_content())

    def map(self, expression: str) -> Any:
        return self.page.evaluate(f"() => {{ const m = {MAP}; return {expression}; }}")

    def picture(self) -> bytes:
        return self.page.locator("canvas.picture").screenshot()

    def until(self, selector: str, text: str) -> None:
        self.page.locator(selector, has_text=text).wait_for()

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()


@pytest.fixture
def opened(browser: Any, serve: Callable[[str], str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = Page(context.new_page())
    page.open(serve("tests/browser/map_page.py"))
    yield page
    assert page.errors == []
    context.close()


def drag_lasso(page: Page, n: int = 24) -> None:
    page.page.locator("[data-tool=lasso]").click()
    box = page.page.locator("canvas.picture").bounding_box()
    middle = (box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.5)
    page.page.mouse.move(middle[0] + 170, middle[1])
    page.page.mouse.down()
    for k in range(1, n):
        turn = 2 * math.pi * k / n
        page.page.mouse.move(middle[0] + 170 * math.cos(turn), middle[1] + 120 * math.sin(turn))
    page.page.mouse.up()


def test_alpha_by_mouse_changes_picture_and_counts_and_sends_nothing_until_the_hand_rests(opened: Page) -> None:
    slider = opened.page.locator(".alpha input")
    box = slider.bounding_box()
    before, counts = opened.picture(), opened.text(".bins")
    y = box["y"] + box["height"] / 2
    opened.page.mouse.move(box["x"] + box["width"] * 0.65, y)
    opened.page.mouse.down()
    opened.sent.clear()
    for k in range(20):
        opened.page.mouse.move(box["x"] + box["width"] * (0.65 + k * 0.015), y)
        opened.page.wait_for_timeout(10)
    opened.page.wait_for_timeout(600)  # a hand that pauses has not let go
    assert opened.sent == []
    assert opened.picture() != before
    assert opened.text(".bins") != counts
    assert "in," in opened.text(".moved")
    opened.page.mouse.up()
    heard = opened.rest()
    assert len(opened.sent) == 1
    assert heard["alpha"] == opened.map("m.alpha")
    assert heard["alpha"] > 0.9


def test_alpha_by_keys_tells_once_and_lights_what_the_server_would_export(opened: Page) -> None:
    slider = opened.page.locator(".alpha input")
    slider.focus()
    opened.sent.clear()
    opened.page.keyboard.press("Home")
    opened.until("output", "0.00")
    for _ in range(12):
        opened.page.keyboard.press("ArrowRight")
    assert opened.sent == []
    heard = opened.rest()
    assert (len(opened.sent), heard["alpha"]) == (1, 0.12)
    assert heard["lit"] == opened.map("m.litRows()")
    assert f"{len(heard['lit'])} of 1,200 chosen" in opened.text(".kept")
    opened.page.keyboard.press("End")
    assert opened.rest()["lit"] == opened.map("m.litRows()")
    opened.until("output", "1.00")


def test_at_rest_one_small_message_goes_and_a_small_answer_comes(opened: Page) -> None:
    slider = opened.page.locator(".alpha input")
    slider.focus()
    opened.page.keyboard.press("ArrowRight")
    opened.rest()
    opened.sent.clear()
    opened.received.clear()
    opened.page.keyboard.press("ArrowRight")
    opened.rest()
    told = len(opened.page.locator("[data-testid=stText]").text_content())
    assert sum(opened.sent) < 650
    assert sum(opened.received) - told < 2_600  # most of it Streamlit's own


def test_a_lassos_rows_are_those_of_the_oracle(opened: Page) -> None:
    drag_lasso(opened)
    heard = opened.rest()
    x, y, row = (opened.map(f"Array.from(m.points.{name})") for name in ("x", "y", "row"))
    expected = sorted(r for px, py, r in zip(x, y, row, strict=True) if point_in_polygon(px, py, heard["polygon"]))
    assert 0 < len(expected) < 1200
    assert heard["inside"] == expected
    assert opened.text(".picked").startswith(f"{len(expected):,} images selected")
    opened.page.keyboard.press("Escape")
    opened.page.locator("canvas.picture").press("Escape")
    assert opened.rest()["inside"] == []


def test_zoom_and_lasso_survive_alpha_reruns_a_theme_and_other_bins(opened: Page) -> None:
    opened.page.locator("[data-do=in]").click()
    opened.page.locator("canvas.picture").press("ArrowRight")
    drag_lasso(opened)
    opened.rest()
    kept = opened.map("JSON.stringify([m.kept.view, m.kept.polygon])")
    place = opened.map("JSON.stringify(m.picture.now)")
    opened.page.locator(".alpha input").press("ArrowLeft")
    opened.rest()
    opened.page.get_by_role("button", name="Run again").click()
    opened.page.wait_for_timeout(300)
    opened.rest()
    light = opened.map("m.theme.background")
    opened.page.emulate_media(color_scheme="dark")
    opened.page.wait_for_function(f"() => {MAP}.theme.background !== {light}")
    assert opened.map("m.panel.box.dataset.theme") == "dark"
    bins = opened.page.locator("[data-testid=stNumberInput] input").first
    bins.fill("9")
    bins.press("Enter")
    opened.page.wait_for_function(f"() => {MAP}.points.capacity.length === 9")
    opened.rest()
    assert opened.map("JSON.stringify([m.kept.view, m.kept.polygon])") == kept
    assert opened.map("JSON.stringify(m.picture.now)") == place
    assert opened.map("m.bins === undefined && m.panel.bins.length") == 9


def test_a_bin_is_chosen_anywhere_and_an_image_by_a_click(opened: Page) -> None:
    opened.page.locator(".bins button").nth(3).press("Enter")
    assert opened.rest()["bin"] == 3
    assert opened.page.locator(".bins button").nth(3).get_attribute("aria-pressed") == "true"
    x, y = opened.map("m.picture.placeOf(m.points.row.length - 5)")
    box = opened.page.locator("canvas.picture").bounding_box()
    opened.page.mouse.move(box["x"] + x, box["y"] + y)
    assert "Class: cloud <b>" in opened.text(".tip")
    opened.page.mouse.click(box["x"] + x, box["y"] + y)
    heard = opened.rest()
    nearest = opened.map(f"m.points.row[m.picture.nearest({x}, {y}, 14, false)]")
    assert heard["row"] == nearest


def test_a_bins_bar_lights_it_under_a_hand_that_moves_and_not_where_a_pointer_rests(opened: Page) -> None:
    bar = opened.page.locator(".bins li").nth(2).bounding_box()
    x, y = bar["x"] + 40, bar["y"] + bar["height"] / 2
    opened.page.mouse.move(x, y)
    assert opened.map("m.peeked") == 2
    opened.page.mouse.move(x, y + 400)
    assert opened.map("m.peeked ?? -1") == -1
    opened.map("m.panel.find('.bins').style.transform = 'translateY(400px)'")  # the bar comes to lie under the pointer
    opened.page.wait_for_function(f"() => {MAP}.panel.find('.bins li:hover')?.textContent.startsWith('bin 2')")
    assert opened.map("m.peeked ?? -1") == -1
    opened.page.mouse.move(x + 3, y + 400)
    assert opened.map("m.peeked") == 2


def test_a_pin_marks_what_came_in_and_what_went_out(opened: Page) -> None:
    opened.page.locator("button.pin").click()
    assert opened.rest()["pin"] == 0.65
    opened.page.locator(".alpha input").press("End")
    opened.rest()
    pin, quota = np.array(opened.map("m.kept.pin.quota")), np.array(opened.map("Array.from(m.quota)"))
    came, left = np.maximum(quota - pin, 0).sum(), np.maximum(pin - quota, 0).sum()
    assert came > 0
    assert opened.text(".moved") == f"+{came} in, \u2212{left} out since alpha 0.65"
    shown = opened.page.locator(".strip.came .thumb:visible")
    rows = [int(shown.nth(n).get_attribute("data-row")) for n in range(shown.count())]
    assert 4 <= len(rows) < came
    assert opened.text(".strip.came > :first-child").endswith(f": {came} images, {len(rows)} of them here")
    assert set(rows) <= set(opened.map("m.litRows()"))
    assert "background-image: url" in shown.first.get_attribute("style")


def test_small_multiples_colours_and_the_greedys_play(opened: Page) -> None:
    plain = opened.picture()
    opened.page.locator(".many").check()
    opened.rest()
    assert opened.picture() != plain
    assert opened.text(".label >> nth=2").replace("\n", "").startswith("bin 2")
    opened.page.locator(".many").uncheck()
    opened.page.locator(".colour").select_option("class")
    assert opened.page.locator(".key .class").count() == 5
    assert opened.text(".key .class >> nth=1") == "cloud <b>1</b>"
    opened.page.locator(".start").click()
    opened.page.wait_for_function(f"() => {MAP}.player.taken > 20")
    opened.page.locator(".run").click()
    opened.page.locator(".scrub input").fill("600")
    assert opened.text(".scrub span").startswith("600 taken, filling bin 3")
    opened.page.locator(".start").click()
    assert opened.map("m.player.taken") is None
    opened.page.locator(".colour").select_option("bin")
    assert opened.text(".key") == "lit: chosen; grey: not chosen"
    opened.page.locator(".start").click()
    assert opened.text(".key") == "lit: taken so far, the latest large; grey: not yet taken"
    opened.page.locator(".start").click()
    assert opened.text(".key") == "lit: chosen; grey: not chosen"


def test_everything_is_reached_by_tab_and_the_canvas_has_words(opened: Page) -> None:
    opened.page.locator(".alpha input").press("ArrowRight")
    opened.rest()
    label = opened.page.locator("canvas.picture").get_attribute("aria-label")
    assert label.startswith("Map of 1,200 images; 120 chosen are lit. bin 0: ")
    opened.page.locator(".alpha input").focus()
    reached = set()
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        reached.add(
            opened.map(
                "(e => e ? e.className || e.dataset.tool || e.dataset.do || e.tagName : '')(m.panel.root.activeElement)"
            )
        )
    assert {"pin", "picture", "move", "lasso", "box", "in", "out", "fit", "seen", "colour", "many", "start"} <= reached
