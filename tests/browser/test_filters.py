"""The filter in Chromium: links, counts on every page, clear, the map, and the histograms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.browser.test_app import MAP_IS_IDLE, App

pytestmark = pytest.mark.browser

WITH_BAR = ("Home", "Data set", "Bins", "Quotas", "One image", "Patches", "Checks", "Compare", "Export")
MAP = "[...globalThis[Symbol.for('adq.bin_map')].maps.values()][0]"
COUNTS = f"() => {{ const m = {MAP}; return [m.filter?.count ?? null, m.points.length]; }}"
FILTERED_IS = f"n => {{ const m = {MAP}; return m?.quota && (m.filter?.count ?? null) === n && !m.renderer.isStale; }}"
# Positions, in CSS pixels of the page, of a point that is filtered out and of one that is not, far from all others of
# the other kind.
TWO_POINTS = f"""() => {{
    const map = {MAP};
    const box = map.panel.find("canvas.picture").getBoundingClientRect();
    const at = i => map.renderer.placeOf(i).map(each => each / map.renderer.ratio);
    const all = Array.from({{ length: map.points.length }}, (_, i) => i);
    const far = i => Math.min(...all.filter(k => map.filter.shown[k] !== map.filter.shown[i]).map(k =>
        Math.hypot(at(k)[0] - at(i)[0], at(k)[1] - at(i)[1])));
    const best = one => all.filter(i => map.filter.shown[i] === one).reduce((a, b) => (far(a) > far(b) ? a : b));
    return [0, 1].map(one => {{
        const i = best(one);
        const [x, y] = at(i);
        return {{ x: box.left + x, y: box.top + y, distance: far(i) }};
    }});
}}"""


@pytest.fixture
def app(browser: Any, serve: Callable[[str], str]) -> Iterator[App]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield App(context.new_page(), serve("app/main.py"))
    context.close()


def start(app: App, view: str, filter: str = "") -> None:
    app.open(**({"filter": quote_plus(filter)} if filter else {}))
    if view != "Home":
        app.go(view)


def counted(app: App) -> str:
    return str(app.page.locator(".st-key-filter-bar p").filter(has_text="images").first.inner_text())


def filter_box(app: App) -> Any:
    return app.page.get_by_test_id("stSidebar").get_by_label("Filter", exact=True)


def test_a_link_restores_the_filter_on_every_page_and_one_click_clears_it(app: App) -> None:
    start(app, "Home", "class:2 selected")
    found = counted(app)
    number = int(found.split(" of ")[0])
    assert found.endswith("of 80 images")
    assert 0 < number < 20
    for title in WITH_BAR[1:]:
        app.go(title)
        assert counted(app) == found, title
        assert "filter=class%3A2+selected" in app.page.url, title
    assert app.errors == []
    app.page.reload()
    app.settle()
    app.errors.clear()  # Streamlit first asks for its own addresses below the address of the page
    assert counted(app) == found
    app.page.get_by_role("button", name="Clear the filter").click()
    app.page.wait_for_function("() => !location.search.includes('filter=')")
    app.settle()
    assert counted(app) == "80 images"
    assert filter_box(app).input_value() == ""
    for title in ("Quotas", "Home"):
        app.go(title)
        assert counted(app) == "80 images", title
    assert app.errors == []


def test_a_chip_removes_one_condition(app: App) -> None:
    start(app, "Bins", "class:2 bin:0-1")
    app.page.get_by_role("button", name="class 2").click()
    app.page.wait_for_function("() => location.search.includes('filter=bin%3A0-1')")
    app.settle()
    assert filter_box(app).input_value() == "bin:0-1"


def test_the_map_greys_images_that_do_not_match_and_they_have_no_tooltip(app: App) -> None:
    start(app, "Quotas", "class:2")
    app.page.wait_for_function(MAP_IS_IDLE)
    assert app.page.evaluate(COUNTS) == [20, 80]
    app.page.locator("canvas.picture").scroll_into_view_if_needed()
    hidden, shown = app.page.evaluate(TWO_POINTS)
    assert hidden["distance"] > 20
    app.page.mouse.move(shown["x"], shown["y"])
    app.page.wait_for_function(f"() => !{MAP}.panel.find('.tip').hidden")
    app.page.mouse.move(hidden["x"], hidden["y"])
    app.page.wait_for_function(f"() => {MAP}.panel.find('.tip').hidden")
    sent = app.page.evaluate(f"() => {MAP}.points.key")
    app.page.get_by_role("button", name="Clear the filter").click()
    app.page.wait_for_function(FILTERED_IS, arg=None)
    assert app.page.evaluate(f"() => {MAP}.points.key") == sent, "the points stay in the browser"
    app.settle()
    hidden_now = app.page.evaluate(f"() => {MAP}.filter")
    assert hidden_now is None
    assert app.errors == []


def test_a_drag_over_a_histogram_filters_and_the_others_follow(app: App) -> None:
    start(app, "Bins")
    app.page.get_by_text("Histograms", exact=True).click()
    canvas = app.page.get_by_role("img", name="Histogram of texture")
    canvas.wait_for()
    app.settle()
    box = canvas.bounding_box()
    panel = "globalThis[Symbol.for('adq.histograms')].parts.values().next().value.panel"
    before = app.page.evaluate(f"() => Array.from({panel}.all[1])")
    app.page.mouse.move(box["x"] + 2, box["y"] + 20)
    app.page.mouse.down()
    app.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20, steps=5)
    app.page.wait_for_function(f"() => {panel}.drag && {panel}.live.textContent.includes(' of 80 images')")
    app.page.mouse.up()
    app.page.wait_for_function("() => location.search.includes('filter=texture%3D..')")
    app.settle()
    number = int(counted(app).split(" of ")[0])
    assert 0 < number < 80
    app.page.wait_for_function(f"() => {panel}.live.textContent.startsWith('{number} of 80 images')")
    app.page.get_by_role("img", name=f"Histogram of gain: {number} of 80 images").wait_for()
    assert app.page.evaluate(f"() => Array.from({panel}.all[1])") == before, "the grey bars are all images"
    canvas.click()
    app.page.wait_for_function("() => !location.search.includes('filter=')")
    app.settle()
    assert counted(app) == "80 images"
    assert app.errors == []
