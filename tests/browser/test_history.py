"""Undo and redo in Chromium: the buttons, the keys, the list of changes, and links."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.state.history import MERGE_WITHIN
from tests.browser.test_app import App, address, visit

__all__ = ["address", "visit"]  # fixtures

pytestmark = pytest.mark.browser


def slide(app: App, name: str, key: str, times: int = 1) -> None:
    app.page.locator(f".st-key-{name} input").focus()
    for _ in range(times):
        app.page.keyboard.press(key)


def wait_for_values(app: App, **values: str | None) -> None:
    """Wait until the address has these values; None: it does not name the setting."""
    for name, value in values.items():
        pattern = rf"^(?!.*[?&]{name}=)" if value is None else rf"[?&]{name}={re.escape(value)}(&|$)"
        app.page.wait_for_url(re.compile(pattern))
    app.settle()


def pause(app: App) -> None:
    """Wait until the next change of a value counts as another one."""
    app.page.evaluate(f"() => new Promise(done => setTimeout(done, {1000 * MERGE_WITHIN + 300}))")


def state_of(app: App) -> Any:
    """Return the settings that the sidebar shows."""
    return app.page.evaluate("""() => [...document.querySelectorAll('[data-testid=stSidebar] input')].map(
        input => [input.closest('[class*=st-key-]')?.className.match(/st-key-(\\S+)/)[1], input.value])""")


def test_keys_and_buttons_undo_and_redo_on_other_pages_and_links_restore_the_state(visit: Callable[..., App]) -> None:
    app = visit()
    app.open(keep_ratio="0.4")
    first = state_of(app)
    slide(app, "alpha", "ArrowLeft", 5)  # one change
    wait_for_values(app, alpha="0.6")
    slide(app, "keep_ratio", "ArrowRight")
    wait_for_values(app, keep_ratio="0.405")
    app.go("Bins")
    second, link = state_of(app), app.page.url

    app.page.locator(".st-key-alpha input").focus()
    app.page.keyboard.press("Control+z")
    app.page.keyboard.press("Control+z")
    wait_for_values(app, alpha=None, keep_ratio="0.4")
    assert state_of(app) == first
    app.page.keyboard.press("Control+Shift+Z")
    wait_for_values(app, alpha="0.6", keep_ratio="0.4")
    app.page.get_by_role("button", name="Redo").click()
    wait_for_values(app, alpha="0.6", keep_ratio="0.405")
    assert state_of(app) == second

    app.page.get_by_role("button", name="History").click()
    lines = app.page.locator(".st-key-changes button")
    assert [re.sub(r"^radio\w+\s*", "", line) for line in lines.all_inner_texts()] == [
        "keep ratio 40.0% → 40.5%",
        "alpha 0.65 → 0.60",
        "Before these changes",
    ]
    app.page.get_by_role("button", name="Before these changes").click()
    wait_for_values(app, alpha=None, keep_ratio="0.4")
    assert state_of(app) == first

    other = visit()
    other.page.goto(link)
    other.settle()
    assert state_of(other) == second
    assert app.errors == []


def test_a_text_field_undoes_its_own_text_and_a_drag_on_the_map_is_one_change(visit: Callable[..., App]) -> None:
    app = visit()
    app.open()
    app.go("Quotas")
    slider = app.page.locator(".adq input[aria-label=alpha]")
    slider.focus()
    for _ in range(12):
        app.page.keyboard.press("ArrowRight")
    wait_for_values(app, alpha="0.77")
    pause(app)
    box = app.page.locator(".st-key-n_bins input")
    box.focus()
    app.page.keyboard.press("End")
    app.page.keyboard.type("2")
    app.page.keyboard.press("Control+z")
    assert box.input_value() == "10"
    assert "alpha=0.77" in app.page.url, "the keys belong to the text field"
    app.page.keyboard.press("Escape")
    slider.focus()
    app.page.keyboard.press("Control+z")
    wait_for_values(app, alpha=None)
    assert app.page.get_by_role("button", name="Undo").is_disabled()
    assert app.page.get_by_role("button", name="Redo").is_enabled()
    app.page.reload()
    app.settle()
    assert app.page.get_by_role("button", name="Redo").is_disabled(), "the history is that of the open page"
