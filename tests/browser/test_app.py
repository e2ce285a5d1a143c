"""The whole app in Chromium: opened, moved, given wrong files, refreshed, on a phone, by two people at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app import pages
from tests.app.conftest import QUICK, write_stripes

pytestmark = pytest.mark.browser

BUSY = """() => document.querySelectorAll('[data-testid=stProgress]').length > 0
    || document.querySelectorAll('h1').length === 0
    || !document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
    || [...document.querySelectorAll('[data-testid=stSidebar][aria-expanded=true]')].some(bar =>
        ['dataset input', 'alpha [role=slider]', 'n_bins input', 'image input'].some(
            one => !bar.querySelector('.st-key-' + one)))
"""  # a click on another page before the browser has drawn the sidebar would lose the settings of the link
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    # Streamlit folds the menu away after a tap where the browser calls itself mobile
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile",
}
VIEWS = ("Home", *list(pages.VIEWS.values())[1:])  # as their links are called


class App:
    """One visitor: a page of their own, and what the console complained about."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address, self.errors = page, address, []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(60_000)

    def open(self, **query: str) -> None:
        """Open the app at its root; the views are reached by their links, as a visitor does."""
        asked = "&".join(f"{name}={value}" for name, value in {**QUICK, **query}.items())
        self.page.goto(f"{self.address}/?{asked}")
        self.settle()

    def settle(self) -> None:
        """Wait until no script has run and no progress bar has been visible for four polls in a row."""
        quiet = 0
        for _ in range(6000):
            quiet = 0 if self.page.evaluate(BUSY) else quiet + 1
            if quiet == 4:
                return
            self.page.wait_for_timeout(50)
        pytest.fail("The page did not come to rest within five minutes.")

    def go(self, view: str) -> None:
        self.page.get_by_role("link", name=view, exact=True).click()
        title = "ADQ Explorer" if view == "Home" else view
        self.page.get_by_role("heading", name=title, level=1).wait_for()
        self.settle()

    def number(self, name: str) -> str:
        return self.page.locator(".adq-numbers div", has_text=name).locator("b").first.inner_text()

    def quotas(self) -> list[str]:
        """Return each bin's line in the map's legend, as `8 of 80`."""
        lines = self.page.locator(".adq .bins li")
        lines.first.wait_for()
        found = (re.search(r"[\d,]+ of [\d,]+", text) for text in lines.all_inner_texts())
        return [match[0] for match in found if match]


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app/main.py")


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., App]]:
    contexts = []

    def come(**options: Any) -> App:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options}))
        return App(contexts[-1].new_page(), address)

    yield come
    for context in contexts:
        context.close()


def test_every_view_is_reached_and_nothing_complains(visit: Callable[..., App]) -> None:
    app = visit()
    app.open()
    for view in VIEWS:
        app.go(view)
        assert not app.page.get_by_test_id("stAlertContentError").count()
        assert not app.page.get_by_test_id("stException").count()
    assert app.errors == []


def test_nothing_is_fetched_from_elsewhere(visit: Callable[..., App], address: str) -> None:
    app, asked = visit(), []
    app.page.on("request", lambda request: asked.append(request.url))
    app.open()
    app.go("Quotas")
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def test_alpha_moves_quotas_and_picture_and_the_link_restores_it(visit: Callable[..., App]) -> None:
    app = visit()
    app.open(keep_ratio="0.4", alpha="0")
    app.go("Quotas")
    canvas = app.page.locator(".adq canvas.picture")
    canvas.wait_for()
    app.page.wait_for_timeout(300)
    before, picture = app.quotas(), canvas.screenshot()
    assert sorted(before) == ["3 of 8"] * 8 + ["4 of 8"] * 2, "alpha 0 is uniform: 32 of 10 bins of 8"
    slider = app.page.locator(".adq input[aria-label=alpha]")
    slider.focus()
    app.page.keyboard.press("End")
    app.page.wait_for_url(re.compile(r"alpha=1\b"))
    app.settle()
    after = app.quotas()
    assert after != before
    assert canvas.screenshot() != picture
    assert sum(int(line.split(" of ")[0]) for line in after) == sum(int(line.split(" of ")[0]) for line in before) == 32
    assert app.number("selected") == "32 of 80 images"
    link = app.page.url
    other = visit()
    other.page.goto(link)
    other.settle()
    assert other.quotas() == after
    assert app.errors == []


def test_settings_survive_going_from_view_to_view_and_a_reload(visit: Callable[..., App]) -> None:
    app = visit()
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    thumb = app.page.locator(".st-key-keep_ratio").get_by_role("slider")
    thumb.focus()
    for _ in range(3):
        app.page.keyboard.press("ArrowRight")
    app.page.wait_for_url(re.compile(r"keep_ratio=0.415"))
    app.settle()
    for view in ("Bins", "Quotas", "Export"):
        app.go(view)
        assert "keep_ratio=0.415" in app.page.url
    assert app.number("selected") == "33 of 80 images"  # 0.415 x 80 = 33.2
    app.page.reload()
    app.settle()
    assert app.number("selected") == "33 of 80 images"


def test_a_wrong_file_becomes_a_sentence_and_nothing_is_lost(visit: Callable[..., App], tmp_path: Path) -> None:
    song = tmp_path / "song.zip"
    song.write_bytes(b"la la la")
    app = visit()
    app.open()
    app.go("Data set")
    app.page.get_by_text("Open your own images").click()
    app.page.locator("input[type=file]").set_input_files(str(song))
    sentence = app.page.get_by_test_id("stAlertContentError")
    sentence.wait_for()
    assert "song.zip" in sentence.inner_text()
    assert "Traceback" not in app.page.content()
    app.settle()
    app.page.get_by_role("button", name="Back to stripes.npz").click()
    app.page.get_by_text("files skipped", exact=True).wait_for()
    app.settle()
    assert app.number("images") == "80"


def test_a_right_file_is_opened(visit: Callable[..., App], tmp_path: Path) -> None:
    app = visit()
    app.open(dataset="digits")
    app.go("Data set")
    assert app.number("images") == "1,797"
    app.page.get_by_text("Open your own images").click()
    app.page.locator("input[type=file]").set_input_files(str(write_stripes(tmp_path / "mine.npz")))
    app.page.locator(".adq-numbers b", has_text=re.compile("^80$")).wait_for()
    assert "mine.npz" in app.page.url


def test_a_refresh_during_a_job_finds_it_again_and_it_can_be_stopped(visit: Callable[..., App]) -> None:
    app = visit()
    app.page.goto(f"{app.address}/bins?dataset=shapes&embeddings=small")  # half a minute of work
    bar = app.page.get_by_test_id("stProgress")
    bar.get_by_text(re.compile(r"Computing the embeddings .* of 10,000")).wait_for()

    def done() -> int:
        found = re.search(r"([\d,]+) of 10,000", bar.first.inner_text())
        return int(found[1].replace(",", "")) if found else 0

    before = done()
    app.page.reload()
    bar.get_by_text(re.compile(r"Computing the embeddings .* of 10,000")).wait_for()
    assert done() >= before > 0
    app.page.get_by_role("button", name="Stop").click()
    app.page.get_by_text("Stopped before it was finished").wait_for()


def test_two_visitors_do_not_mix(visit: Callable[..., App]) -> None:
    one, two = visit(), visit()
    one.open()
    two.open(dataset="digits", keep_ratio="0.2")
    for app in (one, two, one, two):
        app.go("Quotas")
        assert app.number("selected") == ("8 of 80 images" if app is one else "359 of 1,797 images")
        app.go("Bins")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_every_view_without_sideways_scrolling(visit: Callable[..., App], scheme: str) -> None:
    app = visit(**PHONE, color_scheme=scheme)
    app.open()
    ground = app.page.locator("[data-testid=stApp]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 25, 26)"}[scheme]
    for view in VIEWS:
        if view != "Home":
            app.page.get_by_test_id("stExpandSidebarButton").click()
            app.page.get_by_role("link", name=view, exact=True).click()
            app.page.get_by_role("heading", name=view, level=1).wait_for()
            app.settle()
        wide = app.page.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide[0] <= wide[1], view
