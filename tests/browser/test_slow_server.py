"""A server that answers late must not undo what the user has done in the meantime."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.app.conftest import QUICK
from tests.browser import test_app
from tests.browser.test_app import App

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

LATE = """(() => {
    const Quick = WebSocket;
    let before = Promise.resolve();
    const pause = time => new Promise(done => setTimeout(done, time));
    globalThis.WebSocket = class extends Quick {
        addEventListener(kind, heard, ...more) {
            const late = event => {
                const came = performance.now();
                before = before.then(async () => {
                    await pause(Math.max(came + (globalThis.late ?? 0) - performance.now(), globalThis.apart ?? 0));
                    heard(event);
                });
            };
            super.addEventListener(kind, kind === 'message' ? late : heard, ...more);
        }
    };
})()"""  # a message from the server is heard `late` milliseconds after it came, and `apart` after the one before it


def keep_ratio(app: App) -> str:
    found = re.search(r"keep_ratio=([\d.]+)", app.page.url)
    return found[1] if found else ""


def test_keys_pressed_while_the_server_is_slow_all_count(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    thumb = app.page.locator(".st-key-keep_ratio").get_by_role("slider")
    thumb.focus()
    app.page.evaluate("() => { globalThis.late = 600; }")
    for _ in range(6):
        app.page.keyboard.press("ArrowRight")
        app.page.wait_for_timeout(350)  # wait until each step has been sent to the server
    app.page.wait_for_timeout(3000)
    app.settle()
    assert keep_ratio(app) == "0.43"
    assert app.number("selected") == "34 of 80 images"


def test_a_step_of_another_input_meanwhile_counts_too(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    app.page.locator(".st-key-keep_ratio").get_by_role("slider").focus()
    app.page.evaluate("() => { globalThis.late = 600; }")
    app.page.keyboard.press("ArrowRight")
    app.page.wait_for_url(re.compile("keep_ratio=0.405"))
    count = app.page.get_by_role("spinbutton", name="Images to keep")
    count.fill("50")
    count.press("Enter")
    app.page.wait_for_url(re.compile(r"keep_ratio=0.62\b"))
    app.page.wait_for_timeout(1500)  # until nothing can come late any more
    app.settle()
    assert keep_ratio(app) == "0.62"
    assert app.number("selected") == "50 of 80 images"


def test_who_leaves_before_the_sidebar_is_there_takes_the_settings_along(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE + "; globalThis.apart = 150;")
    settings = {**QUICK, "keep_ratio": "0.4", "alpha": "0.9", "n_bins": "5"}
    app.page.goto(f"{app.address}/?{'&'.join(f'{name}={value}' for name, value in settings.items())}")
    app.page.get_by_role("link", name="Quotas", exact=True).click()
    assert app.page.locator(".st-key-alpha").count() == 0, "the sidebar is not there yet"
    app.page.evaluate("() => { globalThis.apart = 0; }")
    app.page.get_by_role("heading", name="Quotas", level=1).wait_for()
    app.settle()
    for name, value in settings.items():
        app.page.wait_for_url(re.compile(rf"[?&]{name}={value}(&|$)"))
    assert len(app.quotas()) == 5
    assert app.number("selected") == "32 of 80 images"
    app.page.reload()
    app.settle()
    assert len(app.quotas()) == 5
    assert app.number("selected") == "32 of 80 images"
