"""Sequences of user actions in Chromium: the map shows the exported images, links and reloads restore a page."""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import TimeoutError

from tests.browser import test_app
from tests.browser.test_app import App

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

MAP = "[...(globalThis[Symbol.for('adq.bin_map')]?.maps.values() ?? [])][0]"

FREE_POINT = f"""canvas => {{
    const m = {MAP}, box = canvas.getBoundingClientRect();
    for (let at = m.points.row.length - 1; at >= 0; at--) {{
        const [x, y] = m.renderer.placeOf(at);
        const place = [box.left + x, box.top + y];
        if (canvas.getRootNode().elementFromPoint(...place) === canvas) return place;
    }}
}}"""  # a point of the map that no label covers
STATE = {"n_bins": "5", "keep_ratio": "0.3", "alpha": "0.9", "bin": "3", "image": "17"}
TEXT = """() => [...document.querySelectorAll(
    '[data-testid=stMain] :is(h1, h2, h3, [data-testid=stMarkdownContainer] p, .adq-numbers div, figcaption)'
)].map(e => e.innerText).join('\\n')"""  # the text of the page without its charts, which are drawn later
TEXT_IS_STILL = f"""() => {{
    const text = ({TEXT})(), now = performance.now();
    if (globalThis.lastText !== text) [globalThis.lastText, globalThis.changedAt] = [text, now];
    return now - globalThis.changedAt > 3000;
}}"""


def highlighted(app: App) -> list[int]:
    """Return the rows that the map highlights, after the server has confirmed all changes."""
    app.page.wait_for_function(test_app.MAP_IS_IDLE)
    return app.page.evaluate(f"() => [...{MAP}.selectedRows()]")


def still_text(app: App) -> str:
    """Return the text of the page when it has not changed for three seconds; a loaded machine pauses for over one."""
    app.page.wait_for_function(TEXT_IS_STILL, polling=50)
    return app.page.evaluate(TEXT)


def text_equal_to(app: App, expected: str) -> str:
    """Return the text of the page when it is as expected, or else after 20 seconds."""
    with contextlib.suppress(TimeoutError):
        app.page.wait_for_function(f"expected => ({TEXT})() === expected", arg=expected, polling=50, timeout=20_000)
    return app.page.evaluate(TEXT)


def test_the_images_highlighted_on_the_map_are_the_exported_images(visit: Callable[..., App]) -> None:
    app = visit()
    sent: list[int] = []
    app.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))))
    app.open(keep_ratio="0.4", alpha="0")
    app.go("Quotas")
    before = highlighted(app)
    slider = app.page.locator(".adq input[aria-label=alpha]")
    slider.focus()
    sent.clear()
    for _ in range(12):
        app.page.keyboard.press("PageUp")
    moving = app.page.evaluate(f"() => [...{MAP}.selectedRows()]")
    assert sent == [], "the map changes without the server"
    assert moving != before
    app.page.wait_for_url(re.compile(r"alpha=1\b"))
    app.settle()
    after = highlighted(app)
    assert after == moving
    app.go("Export")
    with app.page.expect_download() as waiting:
        app.page.get_by_role("button", name="Download the .zip").click()
    with zipfile.ZipFile(waiting.value.path()) as packed:
        ids = packed.read("selected_ids.txt").decode().split()
    assert sorted(map(int, ids)) == sorted(after)
    assert app.errors == []


def test_a_click_on_the_map_opens_the_image_and_back_returns(visit: Callable[..., App]) -> None:
    app = visit(viewport={"width": 1280, "height": 1000})
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    highlighted(app)
    app.page.locator(".adq .alpha input").press("Home")
    thumb = app.page.locator(".adq .strip.added .thumb:visible").first
    spot = thumb.bounding_box()
    app.page.mouse.click(spot["x"] + 20, spot["y"] + 20)  # thumb.click() would scroll the page
    why = app.page.locator(".st-key-why-here")
    app.page.wait_for_function(
        """([thumb, why]) => thumb.getBoundingClientRect().bottom <= why.getBoundingClientRect().top""",
        arg=[thumb.element_handle(), why.element_handle()],
    )  # the explanation does not cover the next thumbnail
    app.settle()
    app.page.locator(".adq .alpha input").press("End")
    app.page.mouse.click(*app.page.locator(".adq canvas.picture").evaluate(FREE_POINT))
    why.get_by_text("This image has draw position").wait_for()
    box = why.bounding_box()
    assert 0 < box["y"] < box["y"] + box["height"] <= 1000, "visible without scrolling"
    app.page.get_by_role("link", name="Show this image").click()
    app.page.get_by_role("heading", name="One image", level=1).wait_for()
    app.settle()
    found = re.search(r"image=(\d+)", app.page.url)
    assert found, app.page.url
    assert app.page.get_by_role("textbox", name="Image", exact=True).input_value() == found[1]
    link, place = app.page.url, app.number("draw position in the bin")
    other = visit()
    other.page.goto(link)
    other.settle()
    assert other.number("draw position in the bin") == place
    app.page.go_back()
    app.page.get_by_role("heading", name="Quotas", level=1).wait_for()
    app.settle()
    assert app.number("selected") == "32 of 80 images"
    assert app.errors == []


def test_keys_open_the_next_and_the_previous_image(visit: Callable[..., App]) -> None:
    app = visit()
    app.open(image="17")
    app.go("One image")
    box = app.page.get_by_role("textbox", name="Image", exact=True)
    place = app.number("draw position in the bin")
    following = "p" if place.startswith("8 of") else "n"
    app.page.get_by_role("heading", name="One image", level=1).click()
    app.page.keyboard.press(following)
    app.page.wait_for_function("() => !new URL(location).searchParams.get('image')?.match(/^17$/)")
    app.settle()
    assert box.input_value() != "17"
    assert abs(int(app.number("draw position in the bin").split()[0]) - int(place.split()[0])) == 1
    box.fill("41")
    box.press("Enter")
    app.page.wait_for_url(re.compile(r"image=41\b"))
    app.settle()
    assert app.errors == []


@pytest.mark.parametrize(
    "view",  # two pages in every run, the others with --slow: each test opens the app three times
    [view if view in ("Scores", "Quotas") else pytest.param(view, marks=pytest.mark.slow) for view in test_app.VIEWS],
)
def test_a_reload_and_a_link_show_the_same_page(visit: Callable[..., App], view: str) -> None:
    app = visit()
    app.open(**STATE)
    app.go(view)
    app.page.locator(".adq-numbers").first.wait_for()
    before = still_text(app)
    assert len(before) > 200
    app.page.reload()
    app.settle()
    assert [name for name, value in STATE.items() if f"{name}={value}" not in app.page.url] == [], app.page.url
    assert text_equal_to(app, before) == before
    other = visit()
    other.page.goto(app.page.url)
    other.settle()
    assert text_equal_to(other, before) == before
    assert [error for error in other.errors if "404" not in error] == []  # requests of Streamlit below a page's path
