"""The map in the app while the theme, the settings and the selected bin change."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.charts.theme import DARK, LIGHT
from tests.browser import test_app
from tests.browser.test_app import App
from tests.browser.test_map import MAP, Page, drag_lasso

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

IDLE = test_app.MAP_IS_IDLE

INK = """wanted => {
    const text = document.querySelector('.st-key-sensitivity .xtick text');
    const pen = document.createElement('canvas').getContext('2d');
    pen.fillStyle = text ? getComputedStyle(text).fill : '#000000';
    return pen.fillStyle === wanted;
}"""  # whether the numbers of the chart have this colour

LABELS = "m.binList.bins.map(({ label }) => [label.hidden, label.style.transform])"  # positions of the labels of bins


def heading(app: App) -> str:
    return app.page.get_by_role("heading", name="Inside the lasso").inner_text()


def test_zoom_and_lasso_stay_through_themes_settings_and_a_bin_selected_elsewhere(visit: Callable[..., App]) -> None:
    app = visit(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    app.page.wait_for_function(f"() => globalThis[Symbol.for('adq.bin_map')] && ({IDLE})()")

    def map_(expression: str) -> Any:
        return app.page.evaluate(f"() => {{ const m = {MAP}; return {expression}; }}")

    def stays() -> None:
        app.page.wait_for_function(IDLE)
        app.settle()
        assert map_("JSON.stringify([m.state.view, m.state.polygon])") == before
        assert map_(LABELS) == labels
        assert heading(app).startswith(inside)

    app.page.locator(".adq [data-do=out]").click(click_count=2)
    app.page.locator(".adq canvas.picture").press("ArrowRight")
    drag_lasso(Page(app.page))
    app.page.get_by_role("heading", name="Inside the lasso").wait_for()
    before, inside = map_("JSON.stringify([m.state.view, m.state.polygon])"), heading(app).split(", ")[0]
    labels = map_(LABELS)  # their widths depend on the sizes of the bins, so no quota moves them
    assert len({place for hidden, place in labels if not hidden}) > 3, "labels have different positions"
    assert map_("m.state.view.zoom") == 0.5, "the smallest zoom"
    assert not inside.endswith(": 0 images")
    assert map_("m.state.polygon.length") > 5
    stays()
    app.page.wait_for_function(INK, arg=LIGHT.muted)
    app.page.emulate_media(color_scheme="dark")
    app.page.wait_for_function(f"() => {MAP}.theme.isDark")
    stays()
    app.page.wait_for_function(INK, arg=DARK.muted)  # the page has run again: its charts are dark as well
    app.page.locator(".adq .alpha input").press("End")
    app.page.wait_for_url(re.compile(r"alpha=1\b"))
    stays()
    app.page.locator(".st-key-keep_ratio").get_by_role("slider").press("ArrowRight")
    app.page.wait_for_url(re.compile(r"keep_ratio=0.405"))
    stays()
    app.page.locator(".st-key-bin-buttons").get_by_text("4", exact=True).click()
    app.page.wait_for_function(f"() => {MAP}.state.bin === 4")
    stays()
    app.page.emulate_media(color_scheme="light")
    app.page.wait_for_function(f"() => !{MAP}.theme.isDark")
    app.page.wait_for_function(INK, arg=LIGHT.muted)
    stays()
    assert app.errors == []
