"""A click on a bin in any chart picks it in every view, one on a thumbnail opens its page: with a real mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import write_stripes

from .test_app import App

pytestmark = pytest.mark.browser


def click(app: App, chart: str, across: float, down: float) -> None:
    """Click at a place of a chart's plot, as a share of its width and height."""
    plot = app.page.locator(f".st-key-{chart} .plot-container .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    place = box["x"] + across * box["width"], box["y"] + down * box["height"]
    app.page.mouse.move(*place)
    app.page.wait_for_timeout(400)  # Plotly hovers before it selects
    app.page.mouse.click(*place)


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
}"""  # a point that no other line covers, of another bin than the one that is picked


def click_point(app: App, chart: str, trace: int, point: int) -> None:
    """Click on a point of a chart."""
    plot = app.page.locator(f".st-key-{chart} .js-plotly-plot").first
    plot.scroll_into_view_if_needed()
    place = plot.evaluate(POINT, [trace, point])
    app.page.mouse.move(*place)
    app.page.wait_for_timeout(400)
    app.page.mouse.click(*place)


def over(number: int, n_bins: int = 10) -> float:
    """Return where a bin stands along an axis of bins, from -0.6 to n_bins - 0.4."""
    return (number + 0.6) / (n_bins + 0.2)


def test_a_click_in_any_chart_picks_the_bin_everywhere(
    browser: Any, serve: Callable[[str], str], tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    app = App(context.new_page(), serve("app/main.py"))
    app.open(dataset=str(write_stripes(tmp_path / "stripes.npz")), keep_ratio="0.5")  # so that every bin has a bar
    app.go("Bins")
    for chart, across, down, number in (
        ("texture", over(3), 0.5, 3),
        ("bin-classes", over(7), 0.4, 7),
        ("gain", 0.55, 0.03, 5),
    ):
        click(app, chart, across, down)
        app.page.get_by_role("heading", name=f"First images of bin {number}", exact=True).wait_for()
        app.settle()
    app.go("Quotas")
    app.page.get_by_role("heading", name="Bin 5: ", exact=False).first.wait_for()
    app.page.locator(".adq .bins li").first.wait_for()  # the map above the charts has its height
    click(app, "quota-bars", over(2), 0.95)
    app.page.get_by_role("heading", name="Bin 2: ", exact=False).first.wait_for()
    app.settle()
    assert "bin=2" in app.page.url
    line, step = app.page.locator(".st-key-quota-lines .js-plotly-plot").evaluate(ALONE)
    click_point(app, "quota-lines", line, step)
    app.page.wait_for_url(re.compile(rf"bin={line}\b"))
    app.page.get_by_role("heading", name=f"Bin {line}: ", exact=False).first.wait_for()
    app.settle()
    app.go("Scores")
    click(app, "importance", over(1), 0.97)
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


def test_a_click_on_any_thumbnail_opens_the_page_about_it(browser: Any, serve: Callable[[str], str]) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    app = App(context.new_page(), serve("app/main.py"))
    app.open(keep_ratio="0.4", bin="3")

    def about() -> str:
        app.page.get_by_role("heading", name="One image", level=1).wait_for()
        app.settle()
        assert app.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
        return str(app.page.get_by_role("textbox", name="Image", exact=True).input_value())

    for view in ("Bins", "Quotas", "Compare", "Data set", "Patches"):
        app.go(view)
        thumbnail = app.page.locator("[data-image]").last
        wanted = thumbnail.get_attribute("data-image")
        thumbnail.click()
        assert about() == wanted, view
        assert "keep_ratio=0.4" in app.page.url
    neighbour = app.page.locator("[data-image]").first
    wanted = neighbour.get_attribute("data-image")
    neighbour.focus()
    neighbour.press("Enter")
    app.page.wait_for_url(re.compile(rf"image={wanted}\b"))
    assert about() == wanted, "the same page about another image, by a key"
    assert [text for text in app.errors if "404" not in text] == []
    context.close()
