"""The maps of Compare and Home in Chromium: zoom and hidden groups stay, tooltips, and the names for screen readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import test_app
from tests.browser.test_app import App
from tests.browser.test_compare import press
from tests.browser.test_map import MAP

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

PLACE = "m.renderer.placeOf({}).map(pixels => pixels / m.renderer.ratio)"


class GroupMap:
    """The map of groups on the page."""

    def __init__(self, app: App) -> None:
        self.app, self.page = app, app.page
        self.canvas = app.page.locator(".adq canvas.picture")
        self.canvas.wait_for()
        self.page.wait_for_function(f"() => {MAP}?.groups")

    def read(self, expression: str) -> Any:
        return self.page.evaluate(f"() => {{ const m = {MAP}; return {expression}; }}")

    def wait_for(self, expression: str) -> None:
        self.page.wait_for_function(f"() => {{ const m = {MAP}; return m?.groups && {expression}; }}")

    def view(self) -> str:
        return self.read("JSON.stringify([m.state.view, m.renderer.transform])")

    def number_of(self, name: str) -> int:
        return self.read(f"m.counts[m.groups.groups.findIndex(group => group.name === '{name}')]")

    def zoom_and_move(self) -> None:
        """Zoom with the wheel beside the middle, then drag the map aside."""
        box = self.canvas.bounding_box()
        x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.6 * box["height"]
        self.canvas.focus()
        self.page.mouse.move(x, y)
        for _ in range(3):
            self.page.mouse.wheel(0, -240)
        self.wait_for("m.state.view.zoom > 2")
        self.page.mouse.down()
        self.page.mouse.move(x + 60, y - 40, steps=5)
        self.page.mouse.up()


def test_zoom_and_hidden_groups_stay_through_b_alpha_and_the_theme(visit: Callable[..., App]) -> None:
    app = visit(viewport={"width": 1280, "height": 1400}, color_scheme="light")
    app.page.goto(f"{app.address}/compare?keep_ratio=0.4&alpha=0.7&b=random:3&embeddings=pixels&projection=pca")
    app.settle()
    shown = GroupMap(app)
    whole = shown.view()
    shown.zoom_and_move()
    moved = shown.view()
    assert moved != whole
    shown.read("m.mark = 'the same map'")
    points = shown.read("m.points.key")
    button = app.page.locator(".adq .legend button", has_text="only in A")
    button.click()
    assert button.get_attribute("aria-pressed") == "false"

    def stays(before: str) -> str:
        """Wait until the groups are others; zoom and hidden groups are as before."""
        shown.wait_for(f"m.view.groups !== '{before}'")
        app.settle()
        assert shown.view() == moved
        assert shown.read("[...m.state.hiddenGroups, m.mark, m.points.key]") == ["only in A", "the same map", points]
        for name in ("only in A", "only in B"):
            count = shown.number_of(name)
            assert app.number(name).startswith(f"{count} of ")
            assert app.page.locator(".adq .legend button", has_text=name).inner_text() == f"{name} ({count})"
        return shown.read("m.view.groups")

    groups = shown.read("m.view.groups")
    press(app, "New random selection")  # B
    groups = stays(groups)
    thumb = app.page.locator(".st-key-alpha").get_by_role("slider")  # A
    thumb.focus()
    thumb.press("End")
    groups = stays(groups)
    app.page.emulate_media(color_scheme="dark")
    shown.wait_for("m.theme.isDark")
    app.settle()
    assert shown.view() == moved
    assert shown.read("m.state.hiddenGroups") == ["only in A"]
    app.page.locator(".adq [data-do=fit]").click()
    assert shown.view() == whole
    button.click()
    assert shown.read("m.state.hiddenGroups") == []
    assert [error for error in app.errors if "404" not in error] == []


def test_a_double_click_on_a_name_shows_only_this_group_and_hidden_points_have_no_tooltip(
    visit: Callable[..., App],
) -> None:
    app = visit(viewport={"width": 1280, "height": 1400})
    app.page.goto(f"{app.address}/compare?keep_ratio=0.4&b=random:3&embeddings=pixels&projection=pca")
    app.settle()
    shown = GroupMap(app)
    drawn = shown.canvas.screenshot()
    point = shown.read("m.groups.level.indexOf(3)")  # in neither
    x, y = shown.read(PLACE.format(point))
    box = shown.canvas.bounding_box()
    app.page.mouse.move(box["x"] + x, box["y"] + y)
    tip = app.page.locator(".adq .tip p").inner_text().split("\n")
    assert tip[0] == "in neither"
    assert tip[1].startswith("Class: ")
    assert tip[2].startswith("Bin: ")
    shown.wait_for("m.panel.find('.tip').firstElementChild.style.backgroundImage.includes('url')")
    app.page.locator(".adq .legend button", has_text="in both").dblclick()
    assert shown.read("m.state.hiddenGroups") == ["only in A", "only in B", "in neither"]
    assert shown.canvas.screenshot() != drawn
    assert shown.read(f"m.pointAt({x} * m.renderer.ratio, {y} * m.renderer.ratio, 1)") != point
    app.page.locator(".adq .legend button", has_text="in both").dblclick()
    assert shown.read("m.state.hiddenGroups") == []
    assert [error for error in app.errors if "404" not in error] == []


def test_the_map_of_home_has_the_classes_and_only_controls_of_the_view(visit: Callable[..., App]) -> None:
    app = visit(viewport={"width": 1280, "height": 1000})
    app.open()
    shown = GroupMap(app)
    name = "Map of 80 images. 0: 20; 1: 20; 2: 20; 3: 20."
    assert app.page.get_by_role("application", name=name, exact=True).count() == 1
    labels = app.page.locator(".adq .label:visible")
    assert sorted(labels.all_inner_texts()) == ["0", "1", "2", "3"]
    assert app.page.locator(".adq button:visible").all_inner_texts() == ["+", "\u2212", "Fit"]
    shown.canvas.press("n")
    first = app.page.locator(".adq .tip p").inner_text()
    assert first == f"Class: {shown.read('m.groups.groups[m.groups.level[0]].name')}"
    whole = shown.view()
    shown.canvas.press("+")
    assert shown.view() != whole
    app.page.keyboard.down("Shift")  # there is no lasso
    box = shown.canvas.bounding_box()
    app.page.mouse.move(box["x"] + 200, box["y"] + 200)
    app.page.mouse.down()
    app.page.mouse.move(box["x"] + 260, box["y"] + 260, steps=4)
    app.page.mouse.up()
    app.page.keyboard.up("Shift")
    assert shown.read("m.state.polygon") is None
    app.go("Compare")
    app.go("Home")
    GroupMap(app)
    assert shown.read("m.state.view.zoom") > 1.5, "the zoom stays while another page is open"
    assert app.errors == []
