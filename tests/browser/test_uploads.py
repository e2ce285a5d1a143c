"""Uploads in Chromium: names, owners, sharing and refused files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_app import App, address, visit

__all__ = ["address", "visit"]  # fixtures

pytestmark = pytest.mark.browser
NAME = "кошки и 猫.zip"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return a zip of 24 photographs of two classes, with a name in three scripts."""
    rng = np.random.default_rng(0)
    path = tmp_path / NAME
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(24):
            picture = tmp_path / f"{number}.jpg"
            Image.fromarray(rng.integers(0, 255, (40, 30, 3)).astype(np.uint8)).save(picture)
            archive.write(picture, f"{'left' if number % 2 else 'right'}/{number}.jpg")
    return path


def choose(app: App, path: Path) -> None:
    """Choose a file in the upload box of the page Data set."""
    if not app.page.locator("input[type=file]").count():
        app.page.get_by_text("Open your own images").first.click()
    app.page.locator("input[type=file]").set_input_files(str(path))


def opened(app: App, count: str) -> None:
    app.page.locator(".adq-numbers b", has_text=re.compile(f"^{count}$")).first.wait_for()
    app.settle()


def test_an_upload_is_found_by_its_browser_only_until_it_is_shared(
    visit: Callable[..., App], pictures: Path, tmp_path: Path
) -> None:
    app, other = visit(), visit()
    app.open()
    app.go("Data set")
    choose(app, pictures)
    opened(app, "24")
    address_of_owner = app.page.url
    app.page.reload()
    opened(app, "24")
    (cookie,) = [cookie for cookie in app.page.context.cookies() if cookie["name"] == "adq_browser"]
    assert (cookie["httpOnly"], len(cookie["value"])) == (True, 32)

    other.page.goto(address_of_owner)
    refused = other.page.get_by_test_id("stAlertContentError")
    refused.get_by_text(f"{NAME} is not among your uploads.").wait_for()
    assert not other.page.get_by_role("button", name="Share this upload").count()

    app.page.get_by_text("Open your own images").first.click()
    app.page.get_by_role("button", name="Share this upload").click()
    link = app.page.get_by_test_id("stCode").first
    link.wait_for()
    other.page.goto(link.inner_text().strip())
    opened(other, "24")
    other.page.reload()
    opened(other, "24")
    app.page.get_by_role("button", name="Remove").first.click()
    app.settle()
    other.page.reload()
    refused.get_by_text(f"{NAME} is not among your uploads.").wait_for()


def test_a_refused_file_is_named_and_leaves_the_list(visit: Callable[..., App], tmp_path: Path) -> None:
    wrong = tmp_path / "песня.zip"
    wrong.write_bytes(b"la la la")
    app = visit()
    app.open()
    app.go("Data set")
    choose(app, wrong)
    sentence = app.page.get_by_test_id("stAlertContentError")
    sentence.get_by_text("песня.zip").wait_for()
    app.settle()
    assert not app.page.get_by_text("Your uploads").count()
    app.page.reload()
    sentence.get_by_text("песня.zip").wait_for()


def test_a_reload_during_an_upload_leaves_the_page_as_it_was_and_the_file_can_be_sent_again(
    visit: Callable[..., App], pictures: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.zip"
    with zipfile.ZipFile(large, "w") as archive:
        archive.writestr("noise.bin", np.random.default_rng(0).bytes(4_000_000))
    app = visit()
    app.open()
    app.go("Data set")
    started, finished = [], []
    is_upload = lambda request: "/upload_file/" in request.url and request.method == "PUT"  # noqa: E731
    app.page.on("request", lambda request: started.append(request) if is_upload(request) else None)
    app.page.on("requestfinished", lambda request: finished.append(request) if is_upload(request) else None)
    network = app.page.context.new_cdp_session(app.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}  # 200 s for the file
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    with app.page.expect_request(is_upload):
        choose(app, large)
    app.page.reload()
    network.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    opened(app, "80")
    assert (len(started), finished) == (1, []), "the file was on its way when the page was loaded anew"
    assert not app.page.get_by_test_id("stAlertContentError").count()
    assert not app.page.get_by_text("Your uploads").count()
    choose(app, pictures)
    opened(app, "24")
    assert len(finished) == 1
