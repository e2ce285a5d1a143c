"""Late messages of the server must not undo changes that the user has made in the meantime."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.app.conftest import QUICK
from tests.browser import test_app
from tests.browser.test_app import App

pytestmark = pytest.mark.browser
address, visit = test_app.address, test_app.visit  # the fixtures of the same server

# Every message from the server is delayed by `late` milliseconds, and is at least `apart` after the one before it.
# `traffic` counts the messages that were sent and those that wait, and contains the time of the last one.
LATE = """(() => {
    const Original = WebSocket;
    const traffic = globalThis.traffic = { sent: 0, waiting: 0, last: 0 };
    let before = Promise.resolve();
    const pause = time => new Promise(done => setTimeout(done, time));
    globalThis.WebSocket = class extends Original {
        send(data) {
            traffic.sent++;
            traffic.last = performance.now();
            super.send(data);
        }
        addEventListener(kind, listener, ...more) {
            const late = event => {
                const arrived = performance.now();
                traffic.waiting++;
                before = before.then(async () => {
                    await pause(Math.max(arrived + (globalThis.late ?? 0) - performance.now(), globalThis.apart ?? 0));
                    traffic.waiting--;
                    traffic.last = performance.now();
                    listener(event);
                });
            };
            super.addEventListener(kind, kind === 'message' ? late : listener, ...more);
        }
    };
})()"""
NO_TRAFFIC = "() => traffic.waiting === 0 && performance.now() - traffic.last > 1000"


def messages_sent(app: App) -> int:
    return app.page.evaluate("() => traffic.sent")


def wait_until_sent(app: App, before: int) -> None:
    """Wait until the browser has sent a message after the first `before` ones."""
    app.page.wait_for_function("before => traffic.sent > before", arg=before)


def wait_for_late_messages(app: App) -> None:
    """Wait until no message is on the way, for longer than the delay and the answer of the server."""
    app.page.wait_for_function(NO_TRAFFIC, polling=50)
    app.settle()


def keep_ratio(app: App) -> str:
    found = re.search(r"keep_ratio=([\d.]+)", app.page.url)
    return found[1] if found else ""


def test_all_keys_count_while_the_server_is_slow(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE)
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    thumb = app.page.locator(".st-key-keep_ratio").get_by_role("slider")
    thumb.focus()
    app.page.evaluate("() => { globalThis.late = 600; }")
    for _ in range(6):
        before = messages_sent(app)
        app.page.keyboard.press("ArrowRight")
        wait_until_sent(app, before)
    app.page.wait_for_url(re.compile("keep_ratio=0.43"))
    wait_for_late_messages(app)
    assert keep_ratio(app) == "0.43"
    assert app.number("selected") == "34 of 80 images"


def test_a_change_of_another_input_counts_while_the_server_is_slow(visit: Callable[..., App]) -> None:
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
    wait_for_late_messages(app)
    assert keep_ratio(app) == "0.62"
    assert app.number("selected") == "50 of 80 images"


def test_settings_are_kept_when_another_page_is_opened_before_the_sidebar_is_drawn(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.add_init_script(LATE + "; globalThis.apart = 150;")
    settings = {**QUICK, "keep_ratio": "0.4", "alpha": "0.9", "n_bins": "5"}
    app.page.goto(f"{app.address}/?{'&'.join(f'{name}={value}' for name, value in settings.items())}")
    app.page.get_by_role("link", name="Quotas", exact=True).click()
    assert app.page.locator(".st-key-alpha").count() == 0, "the sidebar is not drawn yet"
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
