"""The whole app in Chromium: pages, settings, links, invalid files, reloads, a phone, two users at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app import pages
from tests.app.conftest import QUICK, write_stripes

pytestmark = pytest.mark.browser

# Whether the page has been still for 200 ms: no script runs, no progress bar is shown, and the sidebar is drawn.
# A click on another page before the browser has drawn the sidebar would lose the settings of the link.
STILL = """() => {
    const isBusy = document.querySelectorAll('[data-testid=stProgress]').length > 0
        || document.querySelectorAll('h1').length === 0
        || !document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
        || [...document.querySelectorAll('[data-testid=stSidebar][data-collapsed=false]')].some(bar =>
            ['dataset input', 'alpha input', 'n_bins input', 'image input'].some(
                name => !bar.querySelector('.st-key-' + name)));
    if (isBusy) delete globalThis.stillSince;
    else globalThis.stillSince ??= performance.now();
    return performance.now() - globalThis.stillSince >= 200;
}"""
MAP_IS_IDLE = """() => {
    const map = [...(globalThis[Symbol.for('adq.bin_map')]?.maps.values() ?? [])][0];
    return map && map.quota && map.sync.isIdle;
}"""  # the map is drawn, and the server has confirmed all changes
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    # in a mobile browser, Streamlit closes the sidebar after a tap on a link
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile",
}
VIEWS = ("Home", *list(pages.VIEWS.values())[1:])  # names of their links


class App:
    """The page of one user, and the errors of its console."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address, self.errors = page, address, []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(60_000)

    def open(self, **query: str) -> None:
        """Open the app at its root; other pages are opened by their links, as a user does."""
        parameters = "&".join(f"{name}={value}" for name, value in {**QUICK, **query}.items())
        self.page.goto(f"{self.address}/?{parameters}")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has been still for a moment."""
        self.page.evaluate("() => { delete globalThis.stillSince; }")
        self.page.wait_for_function(STILL, polling=50, timeout=300_000)

    def go(self, view: str) -> None:
        self.page.get_by_role("link", name=view, exact=True).click()
        title = "ADQ Explorer" if view == "Home" else view
        self.page.get_by_role("heading", name=title, level=1).wait_for()
        self.settle()

    def number(self, name: str) -> str:
        return self.page.locator(".adq-numbers div", has_text=name).locator("b").first.inner_text()

    def quotas(self) -> list[str]:
        """Return the quota and the size of each bin in the list of the map, such as `8 of 80`."""
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

    def new_user(**options: Any) -> App:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options}))
        return App(contexts[-1].new_page(), address)

    yield new_user
    for context in contexts:
        context.close()


def test_every_page_opens_without_errors(visit: Callable[..., App]) -> None:
    app = visit()
    app.open()
    for view in VIEWS:
        app.go(view)
        assert not app.page.get_by_test_id("stAlertContentError").count()
        assert not app.page.get_by_test_id("stException").count()
    assert app.errors == []


def test_no_other_server_receives_a_request(visit: Callable[..., App], address: str) -> None:
    app, requested = visit(), []
    app.page.on("request", lambda request: requested.append(request.url))
    app.open()
    app.go("Quotas")
    assert [url for url in requested if not url.startswith((address, "data:", "blob:"))] == []


def test_alpha_changes_quotas_and_map_and_the_link_restores_it(visit: Callable[..., App]) -> None:
    app = visit()
    app.open(keep_ratio="0.4", alpha="0")
    app.go("Quotas")
    canvas = app.page.locator(".adq canvas.picture")
    canvas.wait_for()
    app.page.wait_for_function(MAP_IS_IDLE)
    app.page.evaluate(TWO_FRAMES)
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


def test_settings_are_the_same_on_other_pages_and_after_a_reload(visit: Callable[..., App]) -> None:
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


def test_an_invalid_file_gives_a_sentence_and_a_way_back(visit: Callable[..., App], tmp_path: Path) -> None:
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


def test_an_uploaded_file_is_opened(visit: Callable[..., App], tmp_path: Path) -> None:
    app = visit()
    app.open(dataset="digits")
    app.go("Data set")
    assert app.number("images") == "1,797"
    app.page.get_by_text("Open your own images").click()
    app.page.locator("input[type=file]").set_input_files(str(write_stripes(tmp_path / "mine.npz")))
    app.page.locator(".adq-numbers b", has_text=re.compile("^80$")).first.wait_for()
    assert "mine.npz" in app.page.url


def test_a_job_continues_after_a_reload_and_can_be_stopped(visit: Callable[..., App]) -> None:
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


def test_two_users_have_separate_settings(visit: Callable[..., App]) -> None:
    one, two = visit(), visit()
    one.open()
    two.open(dataset="digits", keep_ratio="0.2")
    for app in (one, two, one, two):
        app.go("Quotas")
        assert app.number("selected") == ("8 of 80 images" if app is one else "359 of 1,797 images")
        app.go("Bins")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_every_page_without_horizontal_scrolling(visit: Callable[..., App], scheme: str) -> None:
    app = visit(**PHONE, color_scheme=scheme)
    app.open()
    background = app.page.locator("[data-testid=stApp]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 25, 26)"}[scheme]
    for view in VIEWS:
        if view != "Home":
            app.page.get_by_test_id("stExpandSidebarButton").click()
            app.page.get_by_role("link", name=view, exact=True).click()
            app.page.get_by_role("heading", name=view, level=1).wait_for()
            app.settle()
        content, visible = app.page.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert content <= visible, view
