"""Names of classes and files, ids and query parameters never become markup, on any page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.app.pages import VIEWS, Open
from tests.app.saved_selections import manual, open_with_saved, saved

MARKUP = ("![", "](", ":x:", ":red[", "*bold*", "<a href", "<img", "$hostile$")
CLASS = "![c](x) :x: *bold* <a href=x>y<a> $hostile$"
FILE = "[f](x) ![f](x) :red[y] `code` <img src=x> *bold* $hostile$"
DRAWN_AS_MARKDOWN = (
    "markdown",
    "caption",
    "title",
    "header",
    "subheader",
    "error",
    "warning",
    "info",
    "success",
    "toast",
)
# Inline code, escaped characters, and the coloured icons of the Checks page.
WITHOUT_MEANING = re.compile(
    r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)|\\[^\w\s]|^:(red|orange|green|grey)\[:material/\w+:\]", re.MULTILINE
)
LABELLED = (
    *("button", "button_group", "checkbox", "number_input", "selectbox", "slider", "text_input", "expander"),
    *("download_button", "file_uploader", "page_link", "text_area"),
)


@pytest.fixture(scope="module")
def hostile_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two classes of twelve images, two of them equal, with markup in all names."""
    folder = tmp_path_factory.mktemp("hostile") / "[d](x) :x: *bold* <a href=x>"
    rng = np.random.default_rng(0)
    for label in range(2):
        (folder / f"{CLASS}{label}").mkdir(parents=True)
        for number in range(12):
            pixels = rng.integers(0, 255, (20, 20, 3)).astype(np.uint8) if number else np.zeros((20, 20, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{CLASS}{label}" / f"{FILE}{number:02d}.png")
    (folder / f"{CLASS}0" / f"{FILE}broken.png").write_bytes(b"no image")
    return folder


def drawn_texts(app: AppTest) -> Iterator[str]:
    """Yield every text that the browser reads as Markdown or as HTML, of Streamlit's elements and of charts."""
    for kind in DRAWN_AS_MARKDOWN:
        yield from (element.value for element in app.get(kind))
    for kind in LABELLED:
        for element in app.get(kind):
            yield getattr(element, "label", "") or ""
            yield getattr(getattr(element, "proto", None), "help", "") or ""
    for table in app.table:
        yield from map(str, [*table.value.columns, *table.value.to_numpy().ravel()])
    yield from (element.proto.spec for element in app.get("plotly_chart"))
    yield from (element.proto.body for element in app.get("html"))


def active_markup(app: AppTest) -> list[tuple[str, str]]:
    """Return the active markup with the text around it; in HTML and charts only elements are active."""
    found = []
    for text in drawn_texts(app):
        is_html = text.startswith(("<", "{"))
        visible = text if is_html else WITHOUT_MEANING.sub("", text)
        for markup in ("<a href", "<img src=x") if is_html else MARKUP:
            if markup in visible:
                found.append((markup, visible[max(0, visible.find(markup) - 60) :][:160]))
    return found


@pytest.mark.parametrize("view", VIEWS)
def test_names_of_classes_and_files_are_no_markup(open_app: Open, view: str, hostile_set: Path) -> None:
    app = open_app(view, dataset=str(hostile_set), n_bins="4", keep_ratio="0.5", image=f"{CLASS}0/{FILE}00.png")
    assert not app.exception
    assert not app.error
    assert active_markup(app) == []
    if view not in ("train", "tray", "scores"):
        assert "bold" in "".join(drawn_texts(app)), "the name is on the page"


@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("image", {"image": FILE}),
        ("image", {"image": "png"}),
        ("patches", {"painter": FILE}),
        ("patches", {"images": "by id", "find": FILE}),
        ("home", {"dataset": f"/nowhere/{FILE}"}),
        ("home", {"embeddings": FILE}),
        ("home", {"weights": FILE, "embeddings": "small"}),
        ("quotas", {"alpha": FILE, "rule": FILE}),
        ("compare", {"b": FILE}),
        ("compare", {"b": f"held:{FILE}=1"}),
        ("compare", {"b": f"held:embeddings=pixels&diversity=vectors&weights={FILE}"}),
    ],
)
def test_query_parameters_are_no_markup(open_app: Open, view: str, query: dict[str, str], hostile_set: Path) -> None:
    app = open_app(view, **{"dataset": str(hostile_set), "n_bins": "4", **query})
    assert not app.exception
    assert active_markup(app) == []


def test_names_of_saved_selections_are_no_markup(open_app: Open, run: object) -> None:
    for view in ("tray", "compare"):
        app = open_with_saved(open_app, view, saved(run, FILE, alpha=0.9), manual(run, [0, 1]))
        assert active_markup(app) == []
