"""Somebody's list of images, and lists of images to keep and to leave out, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.browser.test_app import App, address, visit

__all__ = ["address", "visit"]  # fixtures

pytestmark = pytest.mark.browser


def shown(app: App, value: str) -> None:
    app.page.locator(".adq-numbers b", has_text=re.compile(f"^{value}$")).first.wait_for()
    app.settle()


def test_a_list_is_uploaded_audited_and_found_again_after_a_reload(visit: Callable[..., App], tmp_path: Path) -> None:
    for number in (0, 1):
        np.save(tmp_path / f"select_indices_STRIPES_exp{number}.npy", np.arange(40 * number, 40 * number + 40, 4))
    (tmp_path / "wrong.txt").write_text("1\n1\n99\n")
    app = visit()
    app.open()
    app.go("Audit a selection")
    app.page.locator("input[type=file]").set_input_files(sorted(map(str, tmp_path.glob("*.npy"))))
    shown(app, "20 of 80 images")
    app.page.get_by_text("select_indices_STRIPES_exp0.npy and 1 other").first.wait_for()
    app.page.reload()
    shown(app, "20 of 80 images")
    app.page.get_by_text("Choose a list").first.click()
    app.page.locator("input[type=file]").set_input_files(str(tmp_path / "wrong.txt"))
    sentence = app.page.get_by_test_id("stAlertContentError")
    sentence.get_by_text("of 3 entries, 1 is outside 0 to 79").wait_for()


def test_an_image_is_left_out_from_its_page_and_the_link_opens_the_same_lists(visit: Callable[..., App]) -> None:
    app, other = visit(), visit()
    app.open()
    app.go("One image")
    app.page.get_by_role("button", name="Never take this image").click()
    app.page.get_by_text("Left out by hand").first.wait_for()
    shown(app, "not selected")
    app.go("Always keep, never take")
    shown(app, "1")
    other.page.goto(app.page.url)
    shown(other, "1")
    other.page.get_by_role("button", name="Remove", exact=True).click()
    other.page.get_by_text("These are in no selection").first.wait_for()
