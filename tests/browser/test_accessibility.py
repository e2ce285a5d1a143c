"""axe-core finds no serious or critical violation on any page: both themes, three sizes of the window.

axe-core is a package of npm (`npm ci`, as in `package.json`); the test is skipped without it, and fails if CI=true.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_app import VIEWS, App, address, visit

__all__ = ["address", "visit"]  # fixtures

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {
    "1280 x 800": (1280, 800),
    "1024 x 768 at 150 % zoom": (683, 512),
    "390 x 844": (390, 844),
}  # in CSS pixels
# Violations that cannot be repaired from our side: (page, rule, element, why). The test fails if one of them is gone.
KNOWN: set[tuple[str, str, str, str]] = set()
# A theme changes nothing but colours. The tag "cat.color" would add the rule of level AAA, which is off by default.
ONLY = {"light": None, "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
CHECK = """async (runOnly) => {
    const found = await axe.run(document, { resultTypes: ["violations"], ...(runOnly ? { runOnly } : {}) });
    return found.violations.filter(one => ["serious", "critical"].includes(one.impact)).flatMap(one =>
        one.nodes.map(node => [one.id, node.target.flat().join(" "), node.html.slice(0, 200)]));
}"""
IS_FADED = "() => document.querySelector('[data-stale=true], [data-testid=stSkeleton]')"


@pytest.fixture(scope="module")
def axe() -> str:
    if AXE.is_file():
        return AXE.read_text(encoding="utf-8")
    reason = "axe-core is missing: run `npm ci`."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def violations(app: App, axe: str, scheme: str = "light") -> list[Any]:
    """Return (rule, element, HTML) of all serious and critical violations on the page as it is."""
    app.page.wait_for_function(f"() => !({IS_FADED})()")
    app.page.evaluate(f"() => {{ if (!globalThis.axe) {{ {axe} }} }}")
    found: list[Any] = app.page.evaluate(CHECK, ONLY[scheme])
    return found


def resize(app: App, size: tuple[int, int]) -> None:
    app.page.set_viewport_size({"width": size[0], "height": size[1]})
    app.settle()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_or_critical_violation(visit: Callable[..., App], axe: str, scheme: str) -> None:
    app = visit(color_scheme=scheme)
    app.open(keep_ratio="0.4", bin="2", image="3")
    found: dict[tuple[str, str, str], list[str]] = {}
    for view in VIEWS:
        if view != "Home":
            app.go(view)
        for name, size in SIZES.items():
            resize(app, size)
            for rule, element, html in violations(app, axe, scheme):
                found.setdefault((view, rule, element), []).append(f"{name}: {html}")
        resize(app, SIZES["1280 x 800"])
    known = {(page, rule, element) for page, rule, element, _ in KNOWN}
    new = [f"{place}: {html}" for place, html in found.items() if place not in known]
    assert not new, "\n".join(new)
    assert known <= found.keys(), "remove these from KNOWN"


def test_opened_lists_and_explanations_have_no_violation(visit: Callable[..., App], axe: str) -> None:
    app = visit()
    app.open()
    app.page.locator(".st-key-alpha input").focus()
    app.page.keyboard.press("ArrowLeft")
    app.settle()
    app.go("Quotas")
    app.page.get_by_text("How to read this page").click()
    for group in ("Embeddings and map", "Bins", "Scores", "Patches"):
        app.page.get_by_test_id("stSidebar").get_by_text(group, exact=True).last.click()
    app.page.get_by_role("button", name="History").click()
    app.page.get_by_role("button", name="Before these changes").wait_for()
    assert violations(app, axe) == []


def test_a_fault_is_found(visit: Callable[..., App], axe: str) -> None:
    """The check itself: an image without a text and grey text on white are two violations."""
    app = visit()
    app.open()
    html = '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p style="color:#aaa">Grey</p>'
    app.page.locator("[data-testid=stMain] h1").evaluate("(e, html) => e.insertAdjacentHTML('afterend', html)", html)
    assert {rule for rule, _, _ in violations(app, axe)} == {"image-alt", "color-contrast"}
