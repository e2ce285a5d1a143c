"""Drawing of the map: immediately, then once per frame, and only the parts that changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import test_map
from tests.browser.test_map import MAP, Page

pytestmark = pytest.mark.browser
opened = test_map.opened  # the fixture of the same page


def test_the_first_change_is_drawn_at_once_and_later_ones_with_the_next_frame(opened: Page) -> None:
    seen = opened.page.evaluate(
        f"""async () => {{
            const m = {MAP}, draw = m.draw;
            const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            const shown = () => m.panel.find("output").textContent;
            let drawn = 0;
            m.draw = () => (drawn++, draw.call(m));
            await frame();
            const found = [];
            for (const step of [10, 20, 30]) (m.actions.setAlpha(step), found.push([drawn, shown()]));
            await frame();
            found.push([drawn, shown()]);
            await frame();
            m.actions.setAlpha(40);
            found.push([drawn, shown()]);
            await frame();
            found.push([drawn, shown()]);
            delete m.draw;
            return found;
        }}"""
    )
    assert seen == [[1, "0.10"], [1, "0.10"], [1, "0.10"], [2, "0.30"], [3, "0.40"], [3, "0.40"]]


def test_the_overlay_is_cleared_when_nothing_is_left_on_it(opened: Page) -> None:
    drawn = """(() => {
        const { width, height } = m.overlay.canvas;
        return m.overlay.canvas.getContext("2d").getImageData(0, 0, width, height).data.some((v) => v > 0);
    })()"""
    seen = opened.map(
        f"""(() => {{
            const found = [{drawn}];
            for (const [on, off] of [
                [() => m.actions.hover(7), () => m.actions.hover(-1)],
                [() => m.actions.selectRow(5), () => m.actions.selectRow(5)],
                [() => m.lasso.set(m.lasso.boxOf(50, 50, 200, 200)), () => m.lasso.set(null)],
            ]) {{
                on();
                m.draw();
                found.push({drawn});
                off();
                found.push({drawn});
            }}
            return found;
        }})()"""
    )
    assert seen == [False, True, False, True, False, True, False]


def test_a_change_and_its_reversal_show_the_same_pixels_and_texts(opened: Page) -> None:
    """Elements are updated only where they change, so no part of the state in between may remain."""
    opened.page.locator("button.pin").click()
    opened.page.locator(".colour").select_option("class")
    opened.wait()
    slider = opened.page.locator(".alpha input")

    def seen() -> list[Any]:
        opened.wait()
        shown = "[...m.panel.box.querySelectorAll('.thumb')].filter(t => !t.hidden)"
        parts = ("t.title", "t.ariaLabel", "t.dataset.row", "t.style.backgroundPosition", "t.style.borderBottomColor")
        words = [opened.text(selector) for selector in (".top", ".bins", ".labels", ".strips")]
        thumbs = [opened.map(f"{shown}.map(t => {part})") for part in parts]
        return [opened.map("m.renderer.canvas.toDataURL()"), *words, *thumbs]

    slider.press("End")
    first = seen()
    assert len(first[-1]) > 6
    slider.press("Home")
    between = seen()
    assert all(one != other for one, other in zip(first, between, strict=True))
    slider.press("End")
    assert seen() == first
