"""Another strategy on the real page: one click takes it, and the map has no slider of alpha where it has no effect."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.storage import Store
from tests.app.conftest import QUICK, write_stripes
from tests.browser.test_app import MAP_IS_IDLE, App, address, visit

pytestmark = pytest.mark.browser
__all__ = ["address", "visit"]  # fixtures


def test_a_rival_is_taken_with_one_click_and_the_map_follows(
    visit: Callable[..., App], tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = visit()
    app.open(keep_ratio="0.4")
    app.go("Better than random?")
    app.page.locator(".st-key-use_herding button").click()
    app.page.wait_for_url(re.compile(r"strategy=herding\b"))
    app.settle()
    app.go("Quotas")
    app.page.wait_for_function(MAP_IS_IDLE)
    assert not app.page.locator(".adq label.alpha").is_visible()
    assert not app.page.locator(".adq .pin").is_visible()
    assert "alpha" not in app.page.locator(".adq .scale").inner_text()
    data = write_stripes(tmp_path_factory.mktemp("data") / "stripes.npz")
    run = Run(Settings(dataset=str(data), **QUICK, keep_ratio=0.4, strategy="herding"), Store())
    counts = np.bincount(run.bins.bin_of[run.selection.selected], minlength=10)
    assert app.quotas() == [f"{count} of 8" for count in counts]
    other = visit()
    other.page.goto(app.page.url)
    other.settle()
    other.page.wait_for_function(MAP_IS_IDLE)
    assert other.quotas() == app.quotas()
    app.page.go_back()
    app.settle()
    assert app.errors == []


def test_alpha_is_on_the_map_again_with_adq(visit: Callable[..., App]) -> None:
    app = visit()
    app.open(keep_ratio="0.4", strategy="herding")
    app.go("Quotas")
    app.page.wait_for_function(MAP_IS_IDLE)
    assert not app.page.locator(".adq label.alpha").is_visible()
    app.page.locator(".st-key-strategy input").first.click()
    app.page.get_by_role("option", name="adq", exact=True).click()
    app.page.locator(".adq label.alpha").wait_for()
    app.settle()
    assert app.page.locator(".adq label.alpha").is_visible()
    assert app.errors == []
