"""The map of a comparison stays where the visitor moved it: through changes of A, of B, of alpha and of the theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.charts.theme import DARK
from tests.browser import test_app
from tests.browser.test_app import App
from tests.browser.test_compare import press

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

CHART = "document.querySelector('.st-key-compare-map .js-plotly-plot')"
WHOLE = f"() => {{ const a = {CHART}?.layout?.xaxis; return a && a.autorange !== false; }}"
TOLD = 900  # ms: the rest of the hand, and the run that follows


class Map:
    """What is in sight on the map of the comparison."""

    def __init__(self, app: App) -> None:
        self.app, self.page = app, app.page
        self.stage = app.page.locator(".st-key-compare-map .nsewdrag").first

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(f"() => {{ const chart = {CHART}; return {expression}; }}")

    def box(self) -> list[float]:
        return self.ask("[...chart.layout.xaxis.range, ...chart.layout.yaxis.range]")

    def hidden(self) -> list[str]:
        return self.ask("chart.data.filter(t => t.visible === 'legendonly').map(t => t.name.split(' (')[0])")

    def zoom_and_pan(self) -> None:
        """Zoom by the wheel somewhere off the middle, then pull the map aside."""
        box = self.stage.bounding_box()
        x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"]
        self.page.mouse.move(x, y)
        for _ in range(3):
            self.page.mouse.wheel(0, -240)
            self.page.wait_for_timeout(120)
        self.page.mouse.down()
        self.page.mouse.move(x + 60, y - 40, steps=5)
        self.page.mouse.up()
        self.page.wait_for_timeout(TOLD)
        self.app.settle()


def test_zoom_pan_and_hidden_groups_survive_a_b_alpha_and_the_theme(visit: Callable[..., App]) -> None:
    app = visit(viewport={"width": 1280, "height": 1400}, color_scheme="light")
    app.page.goto(f"{app.address}/compare?keep_ratio=0.4&alpha=0.7&b=random:3&embeddings=pixels&projection=pca")
    app.settle()
    app.page.wait_for_function(WHOLE)
    shown = Map(app)
    whole = shown.box()
    shown.ask("chart.was = 'this one'")
    shown.zoom_and_pan()
    moved = shown.box()
    assert moved[1] - moved[0] < 0.8 * (whole[1] - whole[0])
    assert shown.ask("chart.was") == "this one", "a user action makes no new chart"

    def stays() -> None:
        """Another chart has come, and shows what was in sight."""
        app.page.wait_for_function(f"() => {CHART}?.layout?.xaxis && !{CHART}.was")
        app.settle()
        assert shown.box() == pytest.approx(moved, abs=1e-5)
        shown.ask("chart.was = 'an earlier one'")

    press(app, "New random selection")  # B
    stays()
    thumb = app.page.locator(".st-key-alpha").get_by_role("slider")  # A
    thumb.focus()
    thumb.press("End")
    stays()
    app.page.locator(".st-key-compare-map .legendtoggle").nth(1).click()
    app.page.wait_for_timeout(TOLD)
    (gone,) = shown.hidden()
    app.page.emulate_media(color_scheme="dark")
    app.page.wait_for_function(f"() => {CHART}?.data?.some(t => t.marker.color === '{DARK.accent}')")
    stays()
    assert shown.hidden() == [gone]
    shown.stage.dblclick()  # the whole again, and it stays so
    app.page.wait_for_function(WHOLE)
    app.page.wait_for_timeout(TOLD)
    app.settle()
    press(app, "New random selection")
    app.page.wait_for_function(f"() => {CHART}?.layout?.xaxis && !{CHART}.was")
    assert shown.ask("chart.layout.xaxis.autorange !== false")
    assert [error for error in app.errors if "404" not in error] == []
