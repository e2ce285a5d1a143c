"""How the map is drawn: stamps as a slow oracle lays them, at once and once a frame, and only what changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.browser import test_map
from tests.browser.conftest import ROOT
from tests.browser.test_map import MAP, Page
from tests.oracles import laid_on

pytestmark = pytest.mark.browser
opened = test_map.opened  # the fixture of the same page

STRIDE = 60
STAMPED = f"""({{ shapes, colours, places, ground }}) => {{
    const stamps = shapes.map(([shape, radius, ...rest]) => makeStamp(shape, radius, {STRIDE}, ...rest));
    const buffer = Int32Array.from(ground);
    stampAll(buffer, Int32Array.from(places), 1, places.length - 1, makeInk(makeMould(stamps), colours));
    return {{ stamps: stamps.map((s) => [Array.from(s.offset), Array.from(s.cover)]), seen: Array.from(buffer) }};
}}"""


def test_an_ink_stamps_what_its_layers_laid_one_after_the_other_would(browser: Any) -> None:
    page = browser.new_page()
    page.add_script_tag(path=str(ROOT / "app" / "components" / "bin_map" / "frontend" / "glyphs.js"))
    rng = np.random.default_rng(0)
    full = blended = 0
    for _ in range(12):
        many = int(rng.integers(1, 4))
        shapes = [
            [
                str(rng.choice(["disc", "square", "triangle", "cross", "diamond", "ring"])),
                float(rng.uniform(0.5, 7)),
                float(rng.choice([1, 1, 1, 0.8, 0.28])),
                1.5,
            ]
            for _ in range(many)
        ]
        colours = [int(0xFF000000 | c) for c in rng.integers(0, 1 << 24, many)]
        ground = [int(0xFF000000 | c) for c in rng.integers(0, 1 << 24, STRIDE * STRIDE)]
        # Some on each other, some outside; the first and the last are not asked for.
        places = [700, *(int(x + STRIDE * y) for x, y in rng.integers(20, 34, (6, 2))), -1, 2500, 900]
        told = {"shapes": shapes, "colours": colours, "places": places, "ground": ground}
        found = page.evaluate(STAMPED, told)
        expected = list(ground)
        for at in places[1:-1]:
            if at < 0:
                continue
            layers: dict[int, list[tuple[int, int]]] = {}
            for (offset, cover), colour in zip(found["stamps"], colours, strict=True):
                for place, share in zip(offset, cover, strict=True):
                    layers.setdefault(at + place, []).append((colour, share))
            for pixel, over in layers.items():
                expected[pixel] = laid_on(expected[pixel], over)
            full += sum(over[-1] == (colours[-1], 256) for over in layers.values())
            blended += sum(over[-1][1] < 256 for over in layers.values())
        assert [pixel & 0xFFFFFFFF for pixel in found["seen"]] == expected
    assert min(full, blended) > 500  # both ways of writing a pixel were met
    page.close()


def test_the_first_change_is_drawn_at_once_and_what_follows_with_the_frame(opened: Page) -> None:
    seen = opened.page.evaluate(
        f"""async () => {{
            const m = {MAP}, draw = m.draw;
            const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            const shown = () => m.panel.find("output").textContent;
            let drawn = 0;
            m.draw = () => (drawn++, draw.call(m));
            await frame();
            const found = [];
            for (const step of [10, 20, 30]) (m.setAlpha(step), found.push([drawn, shown()]));
            await frame();
            found.push([drawn, shown()]);
            await frame();
            m.setAlpha(40);
            found.push([drawn, shown()]);
            await frame();
            found.push([drawn, shown()]);
            delete m.draw;
            return found;
        }}"""
    )
    assert seen == [[1, "0.10"], [1, "0.10"], [1, "0.10"], [2, "0.30"], [3, "0.40"], [3, "0.40"]]


def test_the_layer_above_the_picture_is_wiped_when_the_last_thing_on_it_goes(opened: Page) -> None:
    drawn = """(() => {
        const { width, height } = m.over;
        return m.over.getContext("2d").getImageData(0, 0, width, height).data.some((v) => v > 0);
    })()"""
    seen = opened.map(
        f"""(() => {{
            const found = [{drawn}];
            for (const [on, off] of [
                [() => m.hover(7), () => m.hover(-1)],
                [() => m.chooseRow(5), () => m.chooseRow(5)],
                [() => m.setPolygon(m.boxOf(50, 50, 200, 200)), () => m.setPolygon(null)],
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


def test_a_step_there_and_back_shows_the_same_picture_and_the_same_words(opened: Page) -> None:
    """What is only touched where it changed must not keep anything of the state in between."""
    opened.page.locator("button.pin").click()
    opened.page.locator(".colour").select_option("class")
    opened.rest()
    slider = opened.page.locator(".alpha input")

    def seen() -> list[Any]:
        opened.rest()
        shown = "[...m.panel.box.querySelectorAll('.thumb')].filter(t => !t.hidden)"
        parts = ("t.title", "t.ariaLabel", "t.dataset.row", "t.style.backgroundPosition", "t.style.borderBottomColor")
        words = [opened.text(selector) for selector in (".top", ".bins", ".labels", ".strips")]
        thumbs = [opened.map(f"{shown}.map(t => {part})") for part in parts]
        return [opened.map("m.picture.canvas.toDataURL()"), *words, *thumbs]

    slider.press("End")
    first = seen()
    assert len(first[-1]) > 6
    slider.press("Home")
    between = seen()
    assert all(one != other for one, other in zip(first, between, strict=True))
    slider.press("End")
    assert seen() == first
