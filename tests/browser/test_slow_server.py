"""A server that answers late must not take back what the hand has done meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser import test_app
from tests.browser.test_app import App

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

LATE = """(() => {
    const Quick = WebSocket;
    globalThis.WebSocket = class extends Quick {
        addEventListener(kind, heard, ...more) {
            const late = kind === 'message' ? event => setTimeout(() => heard(event), globalThis.late ?? 0) : heard;
            super.addEventListener(kind, late, ...more);
        }
    };
})()"""  # every message from the server arrives `late` milliseconds after it came


def keep_ratio(app: App) -> str:
    found = re.search(r"keep_ratio=([\d.]+)", app.page.url)
    return found[1] if found else ""


def test_keys_pressed_while_the_server_is_slow_all_count(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    thumb = app.page.locator(".st-key-keep_ratio_here").get_by_role("slider")
    thumb.focus()
    app.page.evaluate("() => { globalThis.late = 600; }")
    for _ in range(6):
        app.page.keyboard.press("ArrowRight")
        app.page.wait_for_timeout(350)  # a hand that waits until each step has left for the server
    app.page.wait_for_timeout(3000)
    app.settle()
    assert keep_ratio(app) == "0.43"
    assert app.number("chosen") == "34 of 80 images"


def test_a_step_of_another_input_meanwhile_counts_too(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    app.page.locator(".st-key-keep_ratio_here").get_by_role("slider").focus()
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
    assert app.number("chosen") == "50 of 80 images"
