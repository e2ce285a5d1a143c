"""The map while messages of the server are late: no user change is undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser import test_app
from tests.browser.test_app import App
from tests.browser.test_map import MAP, Page, drag_lasso
from tests.browser.test_slow_server import LATE, messages_sent, wait_until_sent

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

IDLE = test_app.MAP_IS_IDLE
# Record all values of alpha that are shown, frame by frame, in `alphas`.
RECORD_ALPHA = f"""() => {{
    globalThis.alphas = [];
    const record = () => {{
        if (alphas.at(-1) !== {MAP}.alpha) alphas.push({MAP}.alpha);
        requestAnimationFrame(record);
    }};
    record();
}}"""
STATE = "[m.state.alpha, m.state.bin, m.state.view.zoom, m.state.polygon, m.state.pin.isAutomatic]"


def quotas(visit: Callable[..., App], late: int) -> tuple[App, Callable[[str], Any]]:
    app = visit(viewport={"width": 1280, "height": 1000})
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    app.page.locator(".adq .bins li").first.wait_for()
    app.page.wait_for_function(IDLE)
    app.page.evaluate(f"() => {{ globalThis.late = {late}; }}")
    return app, lambda expression: app.page.evaluate(f"() => {{ const m = {MAP}; return {expression}; }}")


def test_alpha_never_returns_to_an_old_value_while_it_moves(visit: Callable[..., App]) -> None:
    app, read = quotas(visit, 700)
    app.page.locator(".adq .alpha input").focus()
    app.page.keyboard.press("ArrowRight")
    app.page.wait_for_function(f"() => {MAP}.state.serial > 0")  # the first step is sent, and its answer is on the way
    app.page.evaluate(RECORD_ALPHA)
    for k in range(8):
        if k == 4:
            app.page.wait_for_function(f"() => {MAP}.sync.confirmed > 0")  # the answer arrives between two keys
        app.page.keyboard.press("ArrowRight")
        assert read("m.alpha") == round(0.67 + k / 100, 2)
    app.page.wait_for_url(re.compile(r"alpha=0.74\b"))
    assert read("alphas") == sorted(read("alphas"))
    assert read("m.alpha") == 0.74
    box = app.page.locator(".adq .alpha input").bounding_box()
    y = box["y"] + box["height"] / 2
    app.page.keyboard.press("ArrowRight")  # its answer arrives during the drag
    app.page.wait_for_function(f"() => {MAP}.sync.timer === null")
    app.page.mouse.move(box["x"] + box["width"] * 0.3, y)
    app.page.mouse.down()
    app.page.evaluate("() => { alphas.length = 0; }")
    for k in range(10):
        if k == 5:
            app.page.wait_for_function(f"() => {MAP}.sync.confirmed === {MAP}.state.serial")
        app.page.mouse.move(box["x"] + box["width"] * (0.3 + 0.02 * k), y)
    last = read("m.alpha")
    app.page.mouse.up()
    assert read("alphas") == sorted(read("alphas"))
    assert len(read("alphas")) > 2
    assert last < 0.6
    app.page.wait_for_url(re.compile(rf"alpha={last}\b"))
    app.page.wait_for_function(IDLE)
    app.settle()
    assert read("m.alpha") == last
    assert app.errors == []


def test_a_lasso_and_other_changes_during_a_run_of_the_page_are_not_undone(visit: Callable[..., App]) -> None:
    app, read = quotas(visit, 900)
    app.page.locator(".adq [data-do=in]").click()
    app.page.locator(".adq .alpha input").press("ArrowRight")
    app.page.wait_for_function(f"() => {MAP}.state.serial > 0")
    drag_lasso(Page(app.page))
    app.page.locator(".adq button.pin").click()
    app.page.locator(".adq .alpha input").press("ArrowRight")
    app.page.locator(".adq .bins button").nth(3).click()
    app.page.locator(".adq .alpha input").press("ArrowRight")
    state = read(STATE)
    assert (state[:3], state[4]) == ([0.68, 3, 1.6], False)
    assert len(state[3]) > 5
    app.page.wait_for_url(re.compile(r"alpha=0.68\b"))
    app.page.wait_for_function(IDLE)
    app.settle()
    assert read(STATE) == state
    assert "bin=3" in app.page.url
    heading = app.page.get_by_role("heading", name="Inside the lasso").inner_text()
    assert heading.startswith(f"Inside the lasso: {read('m.lasso.points().length')} images, ")
    assert app.errors == []


def test_a_change_of_alpha_does_not_undo_a_bin_selected_by_a_button(visit: Callable[..., App]) -> None:
    app, read = quotas(visit, 900)
    before = messages_sent(app)
    app.page.locator(".st-key-bin-buttons").get_by_text("4", exact=True).click()
    wait_until_sent(app, before)  # the answer has not arrived
    app.page.locator(".adq .alpha input").press("ArrowRight")
    app.page.wait_for_url(re.compile(r"alpha=0.66\b"))
    app.page.wait_for_function(IDLE)
    app.settle()
    assert "bin=4" in app.page.url
    assert read("[m.alpha, m.state.bin]") == [0.66, 4]
    app.page.get_by_role("heading", name="Bin 4: ", exact=False).first.wait_for()
    assert app.errors == []


def test_a_value_changed_on_another_page_replaces_the_value_of_the_map(visit: Callable[..., App]) -> None:
    app, read = quotas(visit, 0)
    drag_lasso(Page(app.page))
    app.page.wait_for_function(IDLE)
    app.settle()
    before = messages_sent(app)
    app.page.locator(".adq .alpha input").press("End")
    # Open another page before the event is due: an event after the click would return the user to this page.
    link = app.page.get_by_role("link", name="Bins", exact=True)
    link.hover()
    assert read("m.sync.timer") is None
    wait_until_sent(app, before)
    link.click()
    app.page.get_by_role("heading", name="Bins", level=1).wait_for()
    app.page.wait_for_url(re.compile(r"alpha=1\b"))
    app.settle()
    app.page.locator(".st-key-alpha").get_by_role("slider").press("Home")
    app.page.wait_for_url(re.compile(r"alpha=0\b"))
    app.settle()
    app.go("Quotas")
    app.page.get_by_role("heading", name="Inside the lasso").wait_for()  # sent again by the map
    app.page.wait_for_function(IDLE)
    app.settle()
    assert read("m.alpha") == 0
    assert re.search(r"alpha=0\b", app.page.url)
    assert len(read("m.state.polygon")) > 5
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


@pytest.mark.slow  # fails in about one of five runs on a loaded machine: the map does not get the focus back in time
def test_keys_count_after_an_element_above_the_map_has_appeared_or_disappeared(page: Page) -> None:
    """Streamlit then moves or remounts the map, and the browser drops the focus."""
    page.open(page.page.url + "?line=1")
    line = page.page.get_by_text("A line above the map")
    line.wait_for()
    page.page.locator(".alpha input").focus()
    for step in range(1, 5):
        page.page.keyboard.press("ArrowRight")
        line.wait_for(state="detached" if step % 2 else "attached")
        assert page.wait()["alpha"] == round(0.65 + step / 100, 2)
        page.page.wait_for_function(  # a key that is pressed while the map is not in the page is lost
            f"() => document.activeElement !== document.body && {MAP}?.panel.box.isConnected"
        )


def turn_the_map(page: Page) -> None:
    field = page.page.get_by_role("spinbutton", name="quarter turns")
    field.fill("1")
    field.press("Enter")


def test_the_images_of_a_lasso_stay_selected_on_another_map(page: Page) -> None:
    drag_lasso(page)
    before, map_key = page.wait(), page.map("m.points.map_key")
    turn_the_map(page)
    page.page.wait_for_function(f"() => {MAP}.points.map_key !== '{map_key}'")
    event = page.wait()
    assert event["map_key"] == map_key, "the server applies the lasso to the map on which it was drawn"
    assert sorted(page.map("Array.from(m.lasso.points(), at => m.points.row[at])")) == before["inside"]
    text = page.text(".picked")
    assert text.startswith(f"{len(before['inside'])} images in the lasso (on the previous map), ")
    chosen = len(set(before["inside"]) & set(event["selected"]))
    assert text.endswith(f" {chosen} of them selected")
    page.page.locator(".alpha input").press("End")
    chosen = len(set(before["inside"]) & set(page.wait()["selected"]))
    assert page.text(".picked").endswith(f" {chosen} of them selected")


def test_the_map_does_not_change_while_a_lasso_is_drawn(page: Page) -> None:
    map_key = page.map("m.points.map_key")
    page.page.locator("[data-tool=lasso]").click()
    box = page.page.locator("canvas.picture").bounding_box()
    page.page.evaluate("() => { globalThis.late = 1000; }")
    turn_the_map(page)
    corners = [(0.2, 0.2), (0.6, 0.2), (0.6, 0.7), (0.2, 0.7)]
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in corners]
    page.page.mouse.move(*places[0])
    page.page.mouse.down()
    page.page.mouse.move(*places[1], steps=5)
    page.page.wait_for_function(
        f"() => {MAP}.isDataPending"
    )  # the other map has arrived and waits for the end of the lasso
    assert page.map("m.points.map_key") == map_key
    page.page.mouse.move(*places[2], steps=5)
    page.page.mouse.move(*places[3], steps=5)
    inside = page.map("m.renderer.inside(m.input.path.corners.map(c => m.renderer.dataAt(...c, 0))).length")
    page.page.mouse.up()
    assert page.map("m.points.map_key") != map_key
    assert (page.map("m.state.lassoMapKey"), page.map("m.lasso.points().length")) == (map_key, inside)
    assert page.wait()["map_key"] == map_key
    assert inside > 0


def test_the_late_cleanup_of_an_old_call_leaves_the_map_mounted(page: Page) -> None:
    """Streamlit may run the cleanup of a call after the next call, while the script still loads."""
    seen = page.map(
        """(() => {
            const api = globalThis[Symbol.for('adq.bin_map')], root = document.createElement('div');
            document.body.append(root);
            const call = () => ({ key: 'twice', data: m.view, parentElement: root, setStateValue() {} });
            const first = api.mount(call()), second = api.mount(call());
            first();
            const stays = api.maps.has('twice'), { input } = api.maps.get('twice');
            second();
            const remains = root.querySelectorAll('canvas').length;
            return [stays, api.maps.has('twice'), remains, input.abort.signal.aborted];
        })()"""
    )
    assert seen == [True, False, 0, True], "the listeners are removed too"


def test_a_remounted_map_adopts_the_values_of_the_server(page: Page) -> None:
    """A value was sent before the map was removed: it stays until the server has confirmed it."""
    seen = page.map(
        """(() => {
            const api = globalThis[Symbol.for('adq.bin_map')], root = document.createElement('div');
            document.body.append(root);
            const view = (alpha, confirmed = 0) => ({ ...m.view, id: 'again', alpha, confirmed });
            const call = { key: 'again', parentElement: root, setStateValue() {} };
            const mount = (...values) => api.mount({ ...call, data: view(...values) });
            const found = [], alpha = () => found.push(api.maps.get('again').alpha);
            mount(0.3);
            alpha();
            api.maps.get('again').actions.setAlpha(90);
            mount(0.4);
            alpha(); // changed by the user and not sent
            api.maps.get('again').sync.scheduleSend(0);
            api.maps.get('again').sync.sendNow();
            const second = mount(0.4);
            alpha(); // sent and not confirmed
            second();
            const third = mount(0.2);
            alpha(); // the view is from before the event
            third();
            const fourth = mount(0.2, 1);
            alpha();
            fourth();
            root.remove();
            return found;
        })()"""
    )
    assert seen == [0.3, 0.9, 0.9, 0.9, 0.2]
