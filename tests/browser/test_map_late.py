"""The map while the server answers late: nothing that a hand has done on it is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import test_app
from tests.browser.test_app import App
from tests.browser.test_map import MAP, Page, drag_lasso
from tests.browser.test_slow_server import LATE

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

TOLD = f"() => {{ const m = {MAP}; return m && m.quota && !m.resting && m.said.heard === m.kept.serial; }}"
HELD = "[m.kept.alpha, m.kept.bin, m.kept.view.zoom, m.kept.polygon, m.kept.pin.auto]"


def quotas(visit: Callable[..., App], late: int) -> tuple[App, Callable[[str], Any]]:
    app = visit(viewport={"width": 1280, "height": 1000})
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    app.page.locator(".adq .bins li").first.wait_for()
    app.page.wait_for_function(TOLD)
    app.page.evaluate(f"() => {{ globalThis.late = {late}; }}")
    return app, lambda expression: app.page.evaluate(f"() => {{ const m = {MAP}; return {expression}; }}")


def test_alpha_never_springs_back_under_keys_or_mouse(visit: Callable[..., App]) -> None:
    app, told = quotas(visit, 700)
    app.page.locator(".adq .alpha input").focus()
    app.page.keyboard.press("ArrowRight")
    app.page.wait_for_function(f"() => {MAP}.kept.serial > 0")  # the first step is told, and its answer on the way
    seen = []
    for _ in range(8):
        app.page.keyboard.press("ArrowRight")
        app.page.wait_for_timeout(120)
        seen.append(told("m.alpha"))
    assert seen == [round(0.67 + k / 100, 2) for k in range(8)]
    app.page.wait_for_url(re.compile(r"alpha=0.74\b"))
    box = app.page.locator(".adq .alpha input").bounding_box()
    y = box["y"] + box["height"] / 2
    app.page.keyboard.press("ArrowRight")  # and its answer comes during the drag
    app.page.wait_for_function(f"() => !{MAP}.resting")
    app.page.mouse.move(box["x"] + box["width"] * 0.3, y)
    app.page.mouse.down()
    seen = []
    for k in range(10):
        app.page.mouse.move(box["x"] + box["width"] * (0.3 + 0.02 * k), y)
        app.page.wait_for_timeout(120)
        seen.append(told("m.alpha"))
    app.page.mouse.up()
    assert seen == sorted(seen)
    assert seen[-1] < 0.6
    app.page.wait_for_url(re.compile(rf"alpha={seen[-1]}\b"))
    app.page.wait_for_function(TOLD)
    app.settle()
    assert told("m.alpha") == seen[-1]
    assert app.errors == []


def test_a_lasso_drawn_while_the_page_runs_stays_with_all_else(visit: Callable[..., App]) -> None:
    app, told = quotas(visit, 900)
    app.page.locator(".adq [data-do=in]").click()
    app.page.locator(".adq .alpha input").press("ArrowRight")
    app.page.wait_for_function(f"() => {MAP}.kept.serial > 0")
    drag_lasso(Page(app.page))
    app.page.locator(".adq button.pin").click()
    app.page.locator(".adq .alpha input").press("ArrowRight")
    app.page.locator(".adq .bins button").nth(3).click()
    app.page.locator(".adq .alpha input").press("ArrowRight")
    held = told(HELD)
    assert (held[:3], held[4]) == ([0.68, 3, 1.6], False)
    assert len(held[3]) > 5
    app.page.wait_for_url(re.compile(r"alpha=0.68\b"))
    app.page.wait_for_function(TOLD)
    app.settle()
    assert told(HELD) == held
    assert "bin=3" in app.page.url
    heading = app.page.get_by_role("heading", name="Inside the lasso").inner_text()
    assert heading.startswith(f"Inside the lasso: {told('m.picked.inside.length')} images, ")
    assert app.errors == []


def test_a_bin_picked_elsewhere_is_not_taken_back_by_alpha_moved_meanwhile(visit: Callable[..., App]) -> None:
    app, told = quotas(visit, 900)
    app.page.locator(".st-key-bin-buttons").get_by_text("4", exact=True).click()
    app.page.wait_for_timeout(100)  # the pick has left, its answer has not come
    app.page.locator(".adq .alpha input").press("ArrowRight")
    app.page.wait_for_url(re.compile(r"alpha=0.66\b"))
    app.page.wait_for_function(TOLD)
    app.settle()
    assert "bin=4" in app.page.url
    assert told("[m.alpha, m.kept.bin]") == [0.66, 4]
    app.page.get_by_role("heading", name="Bin 4: ", exact=False).first.wait_for()
    assert app.errors == []


def test_what_another_page_changed_wins_over_what_the_map_remembers(visit: Callable[..., App]) -> None:
    app, told = quotas(visit, 0)
    drag_lasso(Page(app.page))
    app.page.locator(".adq .alpha input").press("End")
    # On to another page before the hand has rested: a message after the click would call the visitor back.
    link = app.page.get_by_role("link", name="Bins", exact=True)
    link.hover()
    assert told("m.resting") is None
    app.page.wait_for_timeout(100)  # Streamlit sends it in a turn of its own
    link.click()
    app.page.get_by_role("heading", name="Bins", level=1).wait_for()
    app.page.wait_for_url(re.compile(r"alpha=1\b"))
    app.settle()
    app.page.locator(".st-key-alpha").get_by_role("slider").press("Home")
    app.page.wait_for_url(re.compile(r"alpha=0\b"))
    app.settle()
    app.go("Quotas")
    app.page.get_by_role("heading", name="Inside the lasso").wait_for()  # told again by the map, which had kept it
    app.page.wait_for_function(TOLD)
    app.settle()
    assert told("m.alpha") == 0
    assert re.search(r"alpha=0\b", app.page.url)
    assert len(told("m.kept.polygon")) > 5
    assert app.errors == []


@pytest.fixture
def page(browser: Any, serve: Callable[[str], str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = Page(context.new_page())
    page.page.add_init_script(LATE)
    page.open(serve("tests/browser/map_page.py"))
    yield page
    assert page.errors == []
    context.close()


def turn_the_map(page: Page) -> None:
    field = page.page.get_by_role("spinbutton", name="quarter turns")
    field.fill("1")
    field.press("Enter")


def test_what_a_lasso_holds_stays_picked_when_another_map_takes_the_place(page: Page) -> None:
    drag_lasso(page)
    before, ground = page.rest(), page.map("m.points.ground")
    turn_the_map(page)
    page.page.wait_for_function(f"() => {MAP}.points.ground !== '{ground}'")
    heard = page.rest()
    assert heard["ground"] == ground, "the server reads the lasso on the map on which it was drawn"
    assert sorted(page.map("Array.from(m.picked.inside, at => m.points.row[at])")) == before["inside"]
    text = page.text(".picked")
    assert text.startswith(f"{len(before['inside'])} images selected (on the map before), ")
    chosen = len(set(before["inside"]) & set(heard["lit"]))
    assert text.endswith(f" {chosen} of them chosen")
    page.page.locator(".alpha input").press("End")
    chosen = len(set(before["inside"]) & set(page.rest()["lit"]))
    assert page.text(".picked").endswith(f" {chosen} of them chosen")


def test_the_ground_is_not_drawn_from_under_a_lasso(page: Page) -> None:
    ground = page.map("m.points.ground")
    page.page.locator("[data-tool=lasso]").click()
    box = page.page.locator("canvas.picture").bounding_box()
    page.page.evaluate("() => { globalThis.late = 1000; }")
    turn_the_map(page)
    corners = [(0.2, 0.2), (0.6, 0.2), (0.6, 0.7), (0.2, 0.7)]
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.page.mouse.move(*places[0])
    page.page.mouse.down()
    page.page.mouse.move(*places[1], steps=5)
    page.page.wait_for_function(f"() => {MAP}.waits")  # the other map has come, and waits for the hand
    assert page.map("m.points.ground") == ground
    page.page.mouse.move(*places[2], steps=5)
    page.page.mouse.move(*places[3], steps=5)
    held = page.map("m.picture.inside(m.hands.path.corners.map(c => m.inPanel(...c, 0))).length")
    page.page.mouse.up()
    assert page.map("m.points.ground") != ground
    assert (page.map("m.kept.drawnOn"), page.map("m.picked.inside.length")) == (ground, held)
    assert page.rest()["ground"] == ground
    assert held > 0


def test_a_mount_that_is_undone_late_leaves_the_later_one_alone(page: Page) -> None:
    """Streamlit undoes a call that a newer one has overtaken, while the script still loads, after the newer one."""
    seen = page.map(
        """(() => {
            const shared = globalThis[Symbol.for('adq.bin_map')], root = document.createElement('div');
            document.body.append(root);
            const call = () => ({ key: 'twice', data: m.said, parentElement: root, setStateValue() {} });
            const first = shared.mount(call()), second = shared.mount(call());
            first();
            const stays = shared.maps.has('twice');
            second();
            return [stays, shared.maps.has('twice'), root.querySelectorAll('canvas').length];
        })()"""
    )
    assert seen == [True, False, 0]


def test_a_map_that_comes_back_believes_the_server_in_what_it_had_told(page: Page) -> None:
    """Told, and left before an answer: whatever the server says on the return has heard it, or is newer."""
    seen = page.map(
        """(() => {
            const shared = globalThis[Symbol.for('adq.bin_map')], root = document.createElement('div');
            document.body.append(root);
            const said = (alpha) => ({ ...m.said, id: 'again', alpha, heard: 0 });
            const rest = { key: 'again', parentElement: root, setStateValue() {} };
            const mount = (alpha) => shared.mount({ ...rest, data: said(alpha) });
            const found = [], alpha = () => found.push(shared.maps.get('again').alpha);
            mount(0.3);
            alpha();
            shared.maps.get('again').setAlpha(90);
            mount(0.4);
            alpha(); // a hand has moved it and told nobody yet
            shared.maps.get('again').rest(0);
            shared.maps.get('again').flush();
            const second = mount(0.4);
            alpha(); // told, and not heard yet
            second();
            const third = mount(0.2);
            alpha();
            third();
            root.remove();
            return found;
        })()"""
    )
    assert seen == [0.3, 0.9, 0.9, 0.2]
