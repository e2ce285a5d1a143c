"""The map in Chromium: it changes without the server, sends one event after input, and shows the exported images."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.oracles import point_in_polygon

pytestmark = pytest.mark.browser

MAP = "[...(globalThis[Symbol.for('adq.bin_map')]?.maps.values() ?? [])][0]"
STILL = "[data-testid=stApp][data-test-script-state=notRunning]"


class Page:
    """The page, the sizes of its messages, and the errors of its console."""

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
        self.wait()

    def wait(self) -> dict[str, Any]:
        """Wait until the server has confirmed everything and the page has run; return the event."""
        self.page.wait_for_function(f"() => {{ const m = {MAP}; return m && m.quota && m.sync.isIdle; }}")
        self.page.wait_for_selector(STILL)
        return self.event()

    def event(self) -> dict[str, Any]:
        return json.loads(self.page.locator("[data-testid=stText]").text_content())

    def map(self, expression: str) -> Any:
        return self.page.evaluate(f"() => {{ const m = {MAP}; return {expression}; }}")

    def pixels(self) -> bytes:
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


def test_alpha_by_mouse_changes_the_map_and_sends_one_event_when_the_button_is_released(opened: Page) -> None:
    slider = opened.page.locator(".alpha input")
    box = slider.bounding_box()
    before, counts = opened.pixels(), opened.text(".bins")
    y = box["y"] + box["height"] / 2
    opened.page.mouse.move(box["x"] + box["width"] * 0.65, y)
    opened.page.mouse.down()
    opened.sent.clear()
    for k in range(20):
        opened.page.mouse.move(box["x"] + box["width"] * (0.65 + k * 0.015), y)
    assert opened.map("m.sync.timer") is None, "no event is scheduled while the button is pressed"
    assert opened.sent == []
    assert opened.pixels() != before
    assert opened.text(".bins") != counts
    assert "in," in opened.text(".difference")
    opened.page.mouse.up()
    event = opened.wait()
    assert len(opened.sent) == 1
    assert event["alpha"] == opened.map("m.alpha")
    assert event["alpha"] > 0.9


def test_alpha_by_keys_sends_one_event_and_shows_the_exported_images(opened: Page) -> None:
    slider = opened.page.locator(".alpha input")
    slider.focus()
    opened.sent.clear()
    opened.page.keyboard.press("Home")
    opened.until("output", "0.00")
    for _ in range(12):
        opened.page.keyboard.press("ArrowRight")
    assert opened.sent == []
    event = opened.wait()
    assert (len(opened.sent), event["alpha"]) == (1, 0.12)
    assert event["selected"] == opened.map("m.selectedRows()")
    assert f"{len(event['selected'])} of 1,200 selected" in opened.text(".total")
    opened.page.keyboard.press("End")
    assert opened.wait()["selected"] == opened.map("m.selectedRows()")
    opened.until("output", "1.00")


def test_an_event_and_its_answer_are_small(opened: Page) -> None:
    slider = opened.page.locator(".alpha input")
    slider.focus()
    opened.page.keyboard.press("ArrowRight")
    opened.wait()
    opened.sent.clear()
    opened.received.clear()
    opened.page.keyboard.press("ArrowRight")
    opened.wait()
    text = len(opened.page.locator("[data-testid=stText]").text_content())
    assert sum(opened.sent) < 650
    assert sum(opened.received) - text < 2_600  # mostly messages of Streamlit itself


def test_the_images_inside_a_lasso_are_those_of_the_oracle(opened: Page) -> None:
    drag_lasso(opened)
    event = opened.wait()
    x, y, row = (opened.map(f"Array.from(m.points.{name})") for name in ("x", "y", "row"))
    expected = sorted(r for px, py, r in zip(x, y, row, strict=True) if point_in_polygon(px, py, event["polygon"]))
    assert 0 < len(expected) < 1200
    assert event["inside"] == expected
    assert opened.text(".picked").startswith(f"{len(expected):,} images in the lasso")
    opened.page.keyboard.press("Escape")
    opened.page.locator("canvas.picture").press("Escape")
    assert opened.wait()["inside"] == []


def test_zoom_and_lasso_stay_through_alpha_reruns_another_theme_and_other_bins(opened: Page) -> None:
    opened.page.locator("[data-do=in]").click()
    opened.page.locator("canvas.picture").press("ArrowRight")
    drag_lasso(opened)
    opened.wait()
    before = opened.map("JSON.stringify([m.state.view, m.state.polygon])")
    place = opened.map("JSON.stringify(m.renderer.transform)")
    opened.page.locator(".alpha input").press("ArrowLeft")
    opened.wait()
    runs = opened.event()["runs"]
    opened.page.get_by_role("button", name="Run again").click()
    opened.page.wait_for_function(
        "runs => JSON.parse(document.querySelector('[data-testid=stText]').textContent).runs > runs", arg=runs
    )
    opened.wait()
    light = opened.map("m.theme.pixels.background")
    opened.page.emulate_media(color_scheme="dark")
    opened.page.wait_for_function(f"() => {MAP}.theme.pixels.background !== {light}")
    assert opened.map("m.panel.box.dataset.theme") == "dark"
    bins = opened.page.locator("[data-testid=stNumberInput] input").first
    bins.fill("9")
    bins.press("Enter")
    opened.page.wait_for_function(f"() => {MAP}.points.capacity.length === 9")
    opened.wait()
    assert opened.map("JSON.stringify([m.state.view, m.state.polygon])") == before
    assert opened.map("JSON.stringify(m.renderer.transform)") == place
    assert opened.map("m.binList.bins.length") == 9


def test_a_bin_is_selected_in_the_list_and_an_image_by_a_click(opened: Page) -> None:
    opened.page.locator(".bins button").nth(3).press("Enter")
    assert opened.wait()["bin"] == 3
    assert opened.page.locator(".bins button").nth(3).get_attribute("aria-pressed") == "true"
    x, y = opened.map("m.renderer.placeOf(m.points.row.length - 5)")
    box = opened.page.locator("canvas.picture").bounding_box()
    opened.page.mouse.move(box["x"] + x, box["y"] + y)
    assert "Class: cloud <b>" in opened.text(".tip")
    opened.page.mouse.click(box["x"] + x, box["y"] + y)
    event = opened.wait()
    nearest = opened.map(f"m.points.row[m.renderer.nearest({x}, {y}, 14, false)]")
    assert event["row"] == nearest


def test_a_bin_is_highlighted_by_a_pointer_that_moves_over_its_bar_and_not_by_a_still_one(opened: Page) -> None:
    bar = opened.page.locator(".bins li").nth(2).bounding_box()
    x, y = bar["x"] + 40, bar["y"] + bar["height"] / 2
    opened.page.mouse.move(x, y)
    assert opened.map("m.previewBin") == 2
    opened.page.mouse.move(x, y + 400)
    assert opened.map("m.previewBin ?? -1") == -1
    opened.map("m.panel.find('.bins').style.transform = 'translateY(400px)'")  # the bar moves below the pointer
    opened.page.wait_for_function(
        f"() => {MAP}.panel.box.querySelector('.bins li:hover')?.textContent.startsWith('bin 2')"
    )
    assert opened.map("m.previewBin ?? -1") == -1
    opened.page.mouse.move(x + 3, y + 400)
    assert opened.map("m.previewBin") == 2


def test_a_pin_shows_the_images_that_were_added_and_removed(opened: Page) -> None:
    opened.page.locator("button.pin").click()
    assert opened.map("[m.state.pin.alpha, m.state.pin.isAutomatic]") == [0.65, False]
    opened.page.locator(".alpha input").press("End")
    opened.wait()
    pin, quota = np.array(opened.map("m.state.pin.quota")), np.array(opened.map("Array.from(m.quota)"))
    added, removed = np.maximum(quota - pin, 0).sum(), np.maximum(pin - quota, 0).sum()
    assert added > 0
    assert opened.text(".difference") == f"+{added} in, \u2212{removed} out since alpha 0.65"
    shown = opened.page.locator(".strip.added .thumb:visible")
    rows = [int(shown.nth(n).get_attribute("data-row")) for n in range(shown.count())]
    assert 4 <= len(rows) < added
    assert opened.text(".strip.added > :first-child").endswith(f": {added} images, {len(rows)} of them here")
    assert set(rows) <= set(opened.map("m.selectedRows()"))
    assert "background-image: url" in shown.first.get_attribute("style")


def test_one_map_per_bin_colours_and_the_playback_of_the_greedy_order(opened: Page) -> None:
    plain = opened.pixels()
    opened.page.locator(".many").check()
    opened.wait()
    assert opened.pixels() != plain
    assert opened.text(".label >> nth=2").replace("\n", "").startswith("bin 2")
    opened.page.locator(".many").uncheck()
    opened.page.locator(".colour").select_option("class")
    assert opened.page.locator(".key .class").count() == 5
    assert opened.text(".key .class >> nth=1") == "cloud <b>1</b>"
    opened.page.locator(".start").click()
    opened.page.wait_for_function(f"() => {MAP}.player.taken > 20")
    opened.page.locator(".run").click()
    opened.page.locator(".scrub input").fill("600")
    opened.until(".scrub span", "600 taken, filling bin 3")
    opened.page.locator(".start").click()
    assert opened.map("m.player.taken") is None
    opened.page.locator(".colour").select_option("bin")
    opened.until(".key", "bright: selected; grey: not selected")
    opened.page.locator(".start").click()
    opened.until(".key", "bright: taken so far, the latest large; grey: not yet taken")
    opened.page.locator(".start").click()
    opened.until(".key", "bright: selected; grey: not selected")


def test_a_screen_reader_gets_the_name_and_the_keys_of_the_map_before_any_input(opened: Page) -> None:
    canvas = opened.page.get_by_role(
        "application", name="Map of 1,200 images; the 120 selected images are highlighted. bin 0: "
    )
    assert canvas.count() == 1
    keys = canvas.evaluate("c => c.getRootNode().getElementById(c.getAttribute('aria-describedby')).textContent")
    for key in ("Arrow keys", "Plus and minus", "0", "n and p", "Enter", "Escape"):
        assert key in keys
    opened.page.locator(".alpha input").press("End")
    opened.wait()
    counts = opened.map("Array.from(m.quota)")
    assert f"bin 0: {counts[0]} of 200; " in canvas.get_attribute("aria-label")


def test_only_buttons_have_a_pressed_state_after_a_tool_change_and_a_rerun(opened: Page) -> None:
    opened.page.locator("button[data-tool=box]").click()
    opened.page.get_by_role("button", name="Run again").click()
    opened.wait()
    pressed = opened.map("[...m.panel.box.querySelectorAll('[aria-pressed]')].map(e => e.tagName)")
    assert set(pressed) == {"BUTTON"}
    assert opened.page.locator("button[data-tool=box]").get_attribute("aria-pressed") == "true"
    assert opened.page.locator("button[data-tool=move]").get_attribute("aria-pressed") == "false"


def test_the_wheel_scrolls_the_page_until_the_map_is_focused(opened: Page) -> None:
    canvas = opened.page.locator("canvas.picture")
    box = canvas.bounding_box()
    opened.page.mouse.move(box["x"] + 200, box["y"] + 150)
    opened.page.evaluate("() => window.addEventListener('wheel', e => window.handled = e.defaultPrevented)")
    opened.page.mouse.wheel(0, -240)
    opened.page.wait_for_function("() => window.handled === false")
    assert opened.map("m.state.view.zoom") == 1
    opened.until(".hint", "Click the map, or hold Ctrl")
    canvas.focus()
    opened.page.mouse.wheel(0, -240)
    opened.page.wait_for_function("() => window.handled === true")
    assert opened.map("m.state.view.zoom") > 1.3


def test_every_control_is_reached_by_tab(opened: Page) -> None:
    opened.page.locator(".alpha input").focus()
    name = "e => e ? e.className || e.dataset.tool || e.dataset.do || e.tagName : ''"
    reached: set[str] = set()
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        reached.add(opened.map(f"({name})(m.panel.root.activeElement)"))
    assert {"pin", "picture", "move", "lasso", "box", "in", "out", "fit", "seen", "colour", "many", "start"} <= reached
