"""Compare and Saved selections in Chromium: links, lassos, and the saved selections of different browsers."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.oracles import point_in_polygon

from .test_app import App, address, visit  # noqa: F401  (fixtures)

pytestmark = pytest.mark.browser

STORAGE_KEY = "adq-explorer-tray"
LINK = "keep_ratio=0.4&b=random:7&embeddings=pixels&projection=pca&diversity=vectors"


SAVED_NAMES = "[class*=st-key-saved-] strong"


def press(app: App, label: str) -> None:
    """Press a button; the caller waits for its effect."""
    app.page.get_by_role("button", name=label, exact=True).first.click()


def expect_saved(app: App, names: list[str]) -> None:
    """Wait until the page shows these saved selections, which the browser sends after the page is drawn."""
    expect(app.page.locator(SAVED_NAMES)).to_have_text(names, timeout=10_000)
    app.settle()


def fill_name(app: App, name: str) -> None:
    app.settle()  # a rerun of the page during the input could replace it
    box = app.page.get_by_role("textbox", name="Name", exact=True)
    box.fill(name)
    expect(box).to_have_value(name)


def save_present(app: App, name: str) -> None:
    fill_name(app, name)
    press(app, "Save the present selection")
    app.page.locator(SAVED_NAMES, has_text=name).wait_for()
    app.settle()


def all_numbers(app: App) -> str:
    return app.page.locator(".adq-numbers").first.inner_text()


def test_a_link_restores_both_compared_selections(visit: Callable[..., App]) -> None:  # noqa: F811
    app = visit()
    app.open(keep_ratio="0.4", alpha="0")
    app.go("Compare")
    assert app.number("only in A") == "0 of 32", "alpha 0 is uniform already"
    press(app, "Fix A as B")
    app.page.wait_for_url(re.compile("b=held"))
    app.settle()
    thumb = app.page.locator(".st-key-alpha").get_by_role("slider")
    thumb.focus()
    thumb.press("End")
    app.page.wait_for_url(re.compile(r"alpha=1\b"))
    app.page.wait_for_function(  # the address changes before the page
        "() => ![...document.querySelectorAll('.adq-numbers div')].some(e => /\\b0 of 32/.test(e.innerText))"
    )
    app.settle()
    numbers = all_numbers(app)
    assert not app.number("only in A").startswith("0 ")
    assert app.page.get_by_text("A has 32 images, B has 32.").count() == 1
    link = app.page.url
    other = visit()
    other.page.goto(link)
    other.settle()
    assert all_numbers(other) == numbers
    press(other, "Swap")
    other.page.wait_for_url(re.compile(r"alpha=0(?!\.)\b"))
    other.settle()
    assert other.number("only in A") == app.number("only in B")
    assert app.errors == []


def test_a_new_random_selection_is_in_the_link(visit: Callable[..., App]) -> None:  # noqa: F811
    app = visit()
    app.page.goto(f"{app.address}/compare?{LINK}")
    app.settle()
    first = app.number("only in B")
    seen = {first}
    for seed in (8, 9, 10):
        press(app, "New random selection")
        app.page.wait_for_url(re.compile(rf"b=random(%3A|:){seed}\b"))
        app.settle()
        seen.add(app.number("only in B"))
    assert len(seen) > 1
    again = visit()
    again.page.goto(f"{again.address}/compare?{LINK}")
    again.settle()
    assert again.number("only in B") == first


def test_saved_selections_survive_a_reload_and_belong_to_one_browser(visit: Callable[..., App]) -> None:  # noqa: F811
    one, two = visit(), visit()
    for app, name, alpha in ((one, "mine, alpha 1", "1"), (two, "yours, alpha 0", "0")):
        app.open(keep_ratio="0.4", alpha=alpha)
        app.go("Saved selections")
        save_present(app, name)
    for app in (one, two):
        app.page.reload()
        app.settle()
    expect_saved(one, ["mine, alpha 1"])
    expect_saved(two, ["yours, alpha 0"])
    one.page.goto(f"{one.address}/?keep_ratio=0.2&embeddings=pixels&projection=pca&diversity=vectors")
    one.settle()
    one.go("Saved selections")
    press(one, "Restore")
    one.page.get_by_text("the same 32 images as when it was saved").wait_for()
    assert "keep_ratio=0.4" in one.page.url
    assert re.search(r"alpha=1\b", one.page.url)
    press(one, "Compare as B")
    one.page.get_by_role("heading", name="Compare", level=1).wait_for()
    one.settle()
    assert one.number("Jaccard") == "1.000"
    assert one.page.get_by_text("“mine, alpha 1” (saved selection)").count() >= 1
    one.go("Saved selections")
    expect_saved(one, ["mine, alpha 1"])
    press(one, "Delete")
    expect_saved(one, [])
    one.page.wait_for_function(f"() => localStorage.getItem('{STORAGE_KEY}') === '{{}}'")
    one.page.reload()
    one.settle()
    expect_saved(one, [])
    assert one.page.evaluate(f"localStorage.getItem('{STORAGE_KEY}')") == "{}"
    assert [error for error in one.errors + two.errors if "404" not in error] == []


@pytest.mark.parametrize("stored", ["no json", "[1, 2]", '{"x": 3, "y": {"name": "y"}}', '{"__proto__": {"a": 1}}'])
def test_invalid_stored_text_is_skipped(visit: Callable[..., App], stored: str) -> None:  # noqa: F811
    app = visit()
    item = f"'{STORAGE_KEY}', {json.dumps(stored)}"
    app.page.add_init_script(f"if (!sessionStorage.seen) {{ sessionStorage.seen = 1; localStorage.setItem({item}); }}")
    app.open()
    app.go("Saved selections")
    app.page.get_by_text("could not be read").wait_for()
    save_present(app, "after all")
    app.page.reload()
    app.settle()
    expect_saved(app, ["after all"])
    assert [error for error in app.errors if "404" not in error] == []


def test_another_tab_of_the_same_browser_shows_the_change(visit: Callable[..., App]) -> None:  # noqa: F811
    app = visit()
    app.open()
    app.go("Saved selections")
    tab = App(app.page.context.new_page(), app.address)
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    tab.open()
    tab.go("Saved selections")
    save_present(tab, "from the tab")
    expect_saved(app, ["from the tab"])
    save_present(app, "from the page")
    expect_saved(tab, ["from the page", "from the tab"])
    expect_saved(app, ["from the page", "from the tab"])


def test_without_storage_selections_are_saved_for_the_page(visit: Callable[..., App]) -> None:  # noqa: F811
    app = visit()
    app.page.add_init_script(
        "Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    app.open()
    app.go("Saved selections")
    save_present(app, "for now")
    app.page.get_by_text("This browser stores nothing").wait_for()
    expect_saved(app, ["for now"])


@pytest.fixture
def lassoed(visit: Callable[..., App]) -> Iterator[tuple[App, list[int], list[int]]]:  # noqa: F811
    """Return a page with a lasso, the rows inside by the oracle, and those of them that the map highlights."""
    app = visit(accept_downloads=True, viewport={"width": 1280, "height": 1100})
    app.open(keep_ratio="0.4")
    app.go("Quotas")
    canvas = app.page.locator(".adq canvas.picture")
    canvas.wait_for()
    app.settle()
    app.page.locator(".adq [data-tool=lasso]").click()
    box = canvas.bounding_box()
    corners = [(0.03, 0.03), (0.3, 0.05), (0.52, 0.03), (0.55, 0.5), (0.5, 0.97), (0.25, 0.95), (0.03, 0.97)]
    for number, (across, down) in enumerate(corners):  # the left half
        app.page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down, steps=4)
        if number == 0:
            app.page.mouse.down()
    app.page.mouse.up()
    app.page.get_by_role("heading", name="Inside the lasso").wait_for()
    app.settle()
    maps = "[...(globalThis[Symbol.for('adq.bin_map')]?.maps.values() ?? [])]"
    app.page.wait_for_function(f"() => {maps}.some(m => m.state.polygon)")
    found = app.page.evaluate(
        f"() => {{ const m = {maps}.find(m => m.state.polygon); "
        "const columns = ['x', 'y', 'row'].map(n => Array.from(m.points[n])); "
        "return [m.state.polygon.map(c => [...c]), ...columns, m.selectedRows()]; }"
    )
    polygon, xs, ys, rows, highlighted = found
    inside = sorted(row for px, py, row in zip(xs, ys, rows, strict=True) if point_in_polygon(px, py, polygon))
    assert 0 < len(inside) < 80
    yield app, inside, sorted(set(inside) & set(highlighted))
    assert [error for error in app.errors if "404" not in error] == []  # Streamlit requests files below the page's path


def shown_ids(app: App) -> set[int]:
    """Return the rows of the images below the heading of the lasso, by the ids in their labels."""
    titles = app.page.locator(".st-key-lasso-sheet div[role=img]").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    return {int(title.split(" · ")[0]) for title in titles}


def download(app: App, label: str) -> bytes:
    with app.page.expect_download() as waiting:
        app.page.get_by_role("button", name=label, exact=True).click()
    with open(waiting.value.path(), "rb") as file:
        return file.read()


def evenly(rows: list[int], most: int = 60) -> set[int]:
    """Return at most `most` of the rows, evenly spaced in their order."""
    return set(rows) if len(rows) <= most else {rows[round(n * (len(rows) - 1) / (most - 1))] for n in range(most)}


def test_the_images_of_a_lasso_are_those_of_the_oracle(lassoed: tuple[App, list[int], list[int]]) -> None:
    app, inside, selected = lassoed
    heading = app.page.get_by_role("heading", name="Inside the lasso").inner_text()
    assert heading == f"Inside the lasso: {len(inside)} images, {len(selected)} selected"
    assert shown_ids(app) == evenly(inside)
    assert len(evenly(selected)) < len(evenly(inside))
    app.page.get_by_role("radio", name=f"only the {len(selected)} selected").or_(
        app.page.get_by_role("button", name=f"only the {len(selected)} selected")
    ).first.click()
    expect(app.page.locator(".st-key-lasso-sheet div[role=img]")).to_have_count(len(evenly(selected)))
    app.settle()
    assert shown_ids(app) == evenly(selected)


def test_the_images_of_a_lasso_are_downloaded_and_saved(lassoed: tuple[App, list[int], list[int]]) -> None:
    app, inside, _ = lassoed
    with zipfile.ZipFile(io.BytesIO(download(app, "Download ids, rows and images"))) as packed:
        ids = [int(line) for line in packed.read("ids.txt").decode().split()]
        table = pd.read_parquet(io.BytesIO(packed.read("samples.parquet")))
        assert Image.open(io.BytesIO(packed.read(table["image"].iloc[0]))).size == (16, 16)
        assert sum(name.startswith("images/") for name in packed.namelist()) == len(inside)
    assert ids == inside
    fill_name(app, "a corner")
    press(app, "Save these images")
    app.page.get_by_text("“a corner” saved").first.wait_for()
    app.go("Saved selections")
    app.page.reload()
    app.settle()
    expect_saved(app, ["a corner"])
    with zipfile.ZipFile(io.BytesIO(download(app, "Download"))) as packed:
        assert [int(line) for line in packed.read("ids.txt").decode().split()] == inside
        assert len(json.loads(packed.read("how.json"))["lasso"]) > 3
    press(app, "Show as A")
    app.page.get_by_role("heading", name="Compare", level=1).wait_for()
    app.settle()
    assert app.number("only in A").endswith(f"of {len(inside)}")
    link = app.page.url
    numbers = all_numbers(app)
    app.page.goto(link)
    app.settle()
    assert all_numbers(app) == numbers
