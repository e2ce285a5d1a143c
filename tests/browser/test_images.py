"""The image browser in Chromium: scrolling, marks, the map beside it, links, reloads, and hostile names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.app.conftest import QUICK
from tests.browser import test_app
from tests.browser.test_app import MAP_IS_IDLE, PHONE, App

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

GRID = "[...(globalThis[Symbol.for('adq.image_grid')]?.grids.values() ?? [])][0]"
MAP = "[...globalThis[Symbol.for('adq.bin_map')].maps.values()][0]"
# All visible tiles have their picture, and the server has the marks.
LOADED = f"""() => {{
    const grid = {GRID};
    if (!grid?.layout || !grid.order?.length || grid.isMoving || grid.sheets.running.size) return false;
    const first = Math.floor(grid.offset / grid.layout.pitch) * grid.layout.columns;
    const isHeard = !grid.marks.size || grid.view.received === grid.serial;
    return isHeard && grid.sheets.tile(grid.order[first], false) !== null;
}}"""


def open_grid(app: App, **query: str) -> None:
    parameters = "&".join(f"{name}={value}" for name, value in {**QUICK, **query}.items())
    app.page.goto(f"{app.address}/browse?{parameters}")
    app.settle()
    app.page.wait_for_function(LOADED)


def value(app: App, expression: str) -> Any:
    """Return the value of an expression with `grid`, the image browser."""
    return app.page.evaluate(f"() => {{ const grid = {GRID}; return {expression}; }}")


def place(app: App, index: int) -> tuple[float, float]:
    """Return the centre of a tile on the screen."""
    box = app.page.locator("[role=grid] canvas").bounding_box()
    script = """([index]) => {
        const grid = GRID, { layout } = grid;
        const [column, line] = [index % layout.columns, Math.floor(index / layout.columns)];
        const half = layout.tile / 2;
        return [6 + column * layout.pitchX + half, 6 + line * layout.pitch - grid.offset + half];
    }""".replace("GRID", GRID)
    x, y = app.page.evaluate(script, [index])
    return box["x"] + x, box["y"] + y


def click(app: App, index: int, *keys: str) -> None:
    for key in keys:
        app.page.keyboard.down(key)
    app.page.mouse.click(*place(app, index))
    for key in keys:
        app.page.keyboard.up(key)


def errors(app: App) -> list[str]:
    """Return the errors of the console without those of Streamlit, which looks for its server below the page first."""
    return [error for error in app.errors if "404 (Not Found)" not in error]


def marked(app: App) -> list[int]:
    """Return the indexes of the marked images in the present order."""
    found: list[int] = value(app, "[...grid.order.keys()].filter((index) => grid.marks.has(grid.order[index]))")
    return found


def test_scrolling_shows_other_images_and_requests_only_their_sheets(visit: Callable[..., App]) -> None:
    app = visit()
    requests: list[str] = []
    app.page.on("request", lambda request: requests.append(request.url) if "/adq-tiles/" in request.url else None)
    open_grid(app)
    value(app, "grid.setSize(160)")
    app.page.wait_for_function(LOADED)
    box = app.page.locator("[role=grid]").bounding_box()
    app.page.mouse.move(box["x"] + 100, box["y"] + 100)
    app.page.mouse.wheel(0, 100_000)
    app.page.wait_for_function(f"() => {GRID}.offset > 100")
    app.page.wait_for_function(LOADED)
    sheets = [url for url in requests if url.startswith(f"{value(app, 'grid.sheets.address')}/sheet?")]
    assert len(sheets) == len(set(sheets)) == 2  # 80 images in sheets of 64
    assert value(app, "grid.offset + grid.viewHeight") == pytest.approx(value(app, "grid.layout.height"), abs=2)
    pixels = value(app, "[...grid.painter.pen.getImageData(20, 20, 40, 40).data]")
    assert np.array(pixels).reshape(-1, 4)[:, :3].std() > 10  # a picture, not one colour
    assert errors(app) == []


def test_marks_by_mouse_and_keyboard(visit: Callable[..., App]) -> None:
    app = visit()
    open_grid(app, map="false")
    click(app, 2, "Control")
    click(app, 5, "Shift")
    assert marked(app) == [2, 3, 4, 5]
    click(app, 0, "Shift")
    assert marked(app) == [0, 1, 2]
    click(app, 1, "Control")
    assert marked(app) == [0, 2]
    grid = app.page.locator("[role=grid]")
    grid.focus()
    for key in ("End", "Space", "Shift+ArrowLeft", "Home", "ArrowRight", "Space"):
        app.page.keyboard.press(key)
    assert marked(app) == [0, 1, 2, 78, 79]
    app.page.wait_for_function(LOADED)
    app.settle()
    app.page.get_by_role("heading", name=re.compile("^Marked: 5 images")).wait_for()
    active = grid.get_attribute("aria-activedescendant")
    assert active == "image-1"
    cell = grid.locator(f"#{active}")
    assert cell.get_attribute("aria-selected") == "true"
    assert re.search(r"^\d+, 0, (not )?selected, marked$", cell.get_attribute("aria-label") or "")
    assert grid.get_attribute("aria-rowcount") == str(value(app, "grid.layout.rows"))
    app.page.keyboard.press("Control+a")
    assert len(marked(app)) == 80
    app.page.keyboard.press("Escape")
    assert marked(app) == []
    assert errors(app) == []


def test_marks_and_position_survive_another_page_and_a_reload(visit: Callable[..., App]) -> None:
    app = visit()
    open_grid(app, map="false")
    app.page.locator("[role=grid]").focus()
    for key in ("End", "Space"):
        app.page.keyboard.press(key)
    app.page.wait_for_function(LOADED)
    offset = value(app, "grid.offset")
    app.page.reload()
    app.settle()
    app.page.wait_for_function(LOADED)
    assert marked(app) == [79]
    assert value(app, "grid.offset") == pytest.approx(offset, abs=value(app, "grid.layout.pitch"))
    app.page.get_by_role("heading", name=re.compile("^Marked: 1 image")).wait_for()
    app.go("Bins")
    app.go("Images")
    app.page.wait_for_function(LOADED)
    assert marked(app) == [79]
    app.page.get_by_role("heading", name=re.compile("^Marked: 1 image")).wait_for()


def test_a_click_opens_the_page_of_the_image_and_back_returns(visit: Callable[..., App]) -> None:
    app = visit()
    open_grid(app, map="false")
    name = value(app, "grid.sheets.texts.get(grid.order[4])[0]")
    click(app, 4)
    app.page.get_by_role("heading", name="One image", level=1).wait_for()
    app.settle()
    assert f"image={name}" in app.page.url
    app.page.go_back()
    app.page.get_by_role("heading", name="Images", level=1).wait_for()
    app.settle()
    app.page.wait_for_function(LOADED)
    app.page.locator("[role=grid]").focus()
    app.page.keyboard.press("s")
    app.page.get_by_role("heading", name="Similar images", level=1).wait_for()
    app.settle()
    assert f"image={name}" in app.page.url


def test_hover_is_linked_both_ways_and_marks_follow_alpha(visit: Callable[..., App]) -> None:
    app = visit()
    open_grid(app)
    app.page.wait_for_function(MAP_IS_IDLE)
    app.page.mouse.move(*place(app, 3))
    row = value(app, "grid.order[3]")
    assert app.page.evaluate(f"() => {MAP}.linkedRow") == row
    tip = app.page.locator("[role=grid] ~ .tip")
    assert "texture: " in tip.inner_text()
    app.page.mouse.move(5, 5)
    assert app.page.evaluate(f"() => {MAP}.linkedRow") is None
    app.page.evaluate(f"() => {MAP}.actions.hover(7)")
    assert value(app, "grid.linkedRow") == app.page.evaluate(f"() => {MAP}.points.row[7]")
    before = value(app, "grid.selection.countIn(grid.order)")
    app.page.evaluate(f"() => {MAP}.actions.setAlpha(0)")  # a drag of the slider: the server gets no message yet
    same = f"grid.order.filter((row) => grid.selection.has(row)).sort().join() === {MAP}.selectedRows().sort().join()"
    assert value(app, same)
    app.page.evaluate(f"() => {MAP}.actions.setAlpha(100)")
    assert value(app, same)
    assert value(app, "grid.selection.countIn(grid.order)") == before


def test_a_link_restores_order_and_filter(visit: Callable[..., App]) -> None:
    app = visit()
    open_grid(app, sort="texture", sort_down="true", filter="bin:1-3", map="false")
    order = value(app, "[...grid.order]")
    assert 0 < len(order) < 80
    address = app.page.url
    assert "sort=texture" in address
    app.page.goto(address)
    app.settle()
    app.page.wait_for_function(LOADED)
    assert value(app, "[...grid.order]") == order


def test_a_finger_marks_by_a_long_press_and_opens_by_a_tap(visit: Callable[..., App]) -> None:
    app = visit(**PHONE)
    open_grid(app, map="false")
    app.page.locator("[role=grid]").scroll_into_view_if_needed()
    session = app.page.context.new_cdp_session(app.page)
    x, y = place(app, 1)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    app.page.wait_for_function(f"() => {GRID}.marks.size === 1")
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    app.page.touchscreen.tap(*place(app, 2))  # while images are marked, a tap marks
    app.page.wait_for_function(f"() => {GRID}.marks.size === 2")
    assert marked(app) == [1, 2]
    app.page.get_by_role("button", name="Clear marks").click()
    app.settle()
    app.page.locator("[role=grid]").scroll_into_view_if_needed()
    app.page.touchscreen.tap(*place(app, 0))
    app.page.get_by_role("heading", name="One image", level=1).wait_for()
    width = app.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390


def test_hostile_names_are_texts(visit: Callable[..., App], tmp_path: Any) -> None:
    folder = tmp_path / "set"
    for label in ("<img src=x onerror=alert(1)>", "![c](x)"):
        (folder / label).mkdir(parents=True)
        for number in range(12):
            pixels = np.random.default_rng(number).integers(0, 255, (20, 20, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / label / f"<b>{number:02}<script>.png")
    app = visit()
    open_grid(app, dataset=str(folder), map="false")
    value(app, "grid.setSize(160)")
    app.page.wait_for_function(LOADED)
    app.page.mouse.move(*place(app, 0))
    tip = app.page.locator("[role=grid] ~ .tip")
    assert "<b>00<script>.png" in tip.inner_text()
    assert tip.locator("b").count() == 1
    app.page.locator("[role=grid]").focus()
    app.page.keyboard.press("Space")
    app.settle()
    assert app.page.locator("img[src=x], .tip script").count() == 0
    assert errors(app) == []


def test_ids_of_marked_images_are_copied(visit: Callable[..., App]) -> None:
    app = visit(permissions=["clipboard-read", "clipboard-write"])
    open_grid(app, map="false")
    click(app, 1, "Control")
    click(app, 3, "Control")
    app.page.get_by_role("button", name="Copy ids").click()
    app.page.get_by_text("Ids copied").wait_for()
    ids = value(app, "[1, 3].map((index) => grid.sheets.texts.get(grid.order[index])[0])")
    assert app.page.evaluate("() => navigator.clipboard.readText()") == "\n".join(ids)


def test_colours_of_the_system_replace_those_of_the_page(visit: Callable[..., App]) -> None:
    app = visit(forced_colors="active", reduced_motion="reduce")
    open_grid(app, map="false")
    assert value(app, "grid.colours.accent") == "Highlight"
    assert errors(app) == []
