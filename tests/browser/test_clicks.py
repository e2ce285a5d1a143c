"""Clicks with a real mouse: on a bin in a chart, which selects it on every page, and on a thumbnail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import write_stripes

from .test_app import App

pytestmark = pytest.mark.browser


HOVER = "plot => { globalThis.hovered = false; plot.once('plotly_hover', () => { globalThis.hovered = true; }); }"


def click(app: App, chart: str, x: float, y: float) -> None:
    """Click at a position in the plot of a chart, as a share of its width and height."""
    area = app.page.locator(f".st-key-{chart} .plot-container .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    click_position(app, chart, [box["x"] + x * box["width"], box["y"] + y * box["height"]])


def click_position(app: App, chart: str, position: list[float]) -> None:
    """Click at a position on the screen after Plotly has found the point there; a click selects that point."""
    app.page.locator(f".st-key-{chart} .js-plotly-plot").first.evaluate(HOVER)
    app.page.mouse.move(*position)
    app.page.wait_for_function("() => globalThis.hovered")
    app.page.mouse.click(*position)


POINT = """(plot, [trace, point]) => {
    const { xaxis, yaxis } = plot._fullLayout, { x, y } = plot._fullData[trace], box = plot.getBoundingClientRect();
    return [box.left + xaxis._offset + xaxis.d2p(x[point]), box.top + yaxis._offset + yaxis.d2p(y[point])];
}"""
ALONE = """plot => {
    const lines = plot._fullData;
    for (let step = lines[0].x.length - 1; step >= 0; step--)
        for (let line = lines.length - 1; line >= 0; line--)
            if (line !== 2 && lines.every((one, n) => n === line || one.y[step] !== lines[line].y[step]))
                return [line, step];
}"""  # a point of another bin than bin 2 that no other line covers


def click_point(app: App, chart: str, trace: int, point: int) -> None:
    """Click on a point of a chart."""
    plot = app.page.locator(f".st-key-{chart} .js-plotly-plot").first
    plot.scroll_into_view_if_needed()
    click_position(app, chart, plot.evaluate(POINT, [trace, point]))


def bin_position(number: int, n_bins: int = 10) -> float:
    """Return the position of a bin on an axis of bins from -0.6 to n_bins - 0.4, as a share of its length."""
    return (number + 0.6) / (n_bins + 0.2)


def test_a_click_on_any_chart_selects_the_bin_on_every_page(
    browser: Any, serve: Callable[[str], str], tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    app = App(context.new_page(), serve("app/main.py"))
    app.open(dataset=str(write_stripes(tmp_path / "stripes.npz")), keep_ratio="0.5")  # so that every bin has a bar
    app.go("Bins")
    for chart, x, y, number in (
        ("texture", bin_position(3), 0.5, 3),
        ("bin-classes", bin_position(7), 0.4, 7),
        ("gain", 0.55, 0.03, 5),
    ):
        click(app, chart, x, y)
        app.page.get_by_role("heading", name=f"First images of bin {number}", exact=True).wait_for()
        app.settle()
    app.go("Quotas")
    app.page.get_by_role("heading", name="Bin 5: ", exact=False).first.wait_for()
    app.page.locator(".adq .bins li").first.wait_for()  # then the map above the charts has its final height
    click(app, "quota-bars", bin_position(2), 0.95)
    app.page.get_by_role("heading", name="Bin 2: ", exact=False).first.wait_for()
    app.settle()
    assert "bin=2" in app.page.url
    line, step = app.page.locator(".st-key-quota-lines .js-plotly-plot").evaluate(ALONE)
    click_point(app, "quota-lines", line, step)
    app.page.wait_for_url(re.compile(rf"bin={line}\b"))
    app.page.get_by_role("heading", name=f"Bin {line}: ", exact=False).first.wait_for()
    app.settle()
    app.go("Scores")
    click(app, "importance", bin_position(1), 0.97)
    app.page.wait_for_url(re.compile(r"bin=1\b"))
    app.settle()
    for chart, trace, number in (
        ("raw-Rep", 0, 6),
        ("raw-Div", 0, 8),
        ("amplified-Rep", 1, 3),
        ("amplified-Div", 1, 2),
    ):
        click_point(app, chart, trace, number)
        app.page.wait_for_url(re.compile(rf"bin={number}\b"))
        app.settle()
    app.go("Bins")
    app.page.get_by_role("heading", name="First images of bin 2", exact=True).wait_for()
    assert [text for text in app.errors if "404" not in text] == []
    context.close()


def test_a_click_on_any_thumbnail_opens_the_page_of_its_image(browser: Any, serve: Callable[[str], str]) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    app = App(context.new_page(), serve("app/main.py"))
    app.open(keep_ratio="0.4", bin="3")

    def opened_image() -> str:
        app.page.get_by_role("heading", name="One image", level=1).wait_for()
        app.settle()
        assert app.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
        return str(app.page.get_by_role("textbox", name="Image", exact=True).input_value())

    for view in ("Bins", "Quotas", "Compare", "Data set", "Patches"):
        app.go(view)
        thumbnail = app.page.locator("[data-image]").last
        wanted = thumbnail.get_attribute("data-image")
        thumbnail.click()
        assert opened_image() == wanted, view
        assert "keep_ratio=0.4" in app.page.url
    neighbour = app.page.locator("figure[data-image]").first
    wanted = neighbour.get_attribute("data-image")
    neighbour.get_by_role("link").focus()
    neighbour.get_by_role("link").press("Enter")
    app.page.wait_for_url(re.compile(rf"image={wanted}\b"))
    assert opened_image() == wanted, "a key opens the page of another image"
    assert [text for text in app.errors if "404" not in text] == []
    context.close()
