"""Hostile names of files and classes, and hostile links: text only. No foreign requests, no markup, no links."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from tests.app.conftest import QUICK
from tests.app.pages import VIEWS

from .test_app import App, address, visit  # noqa: F401

pytestmark = pytest.mark.browser

LONG = 10_000  # characters
# Each markup holds a marker; when it is drawn as markup, some element contains nothing but the marker.
MARKUP = (
    "**zq1**", "*zq2*", "~~zq3~~", ":red[zq4]", ":blue-background[zq5]", "$zq6$", "$$zq7$$", "`zq8`", "<b>zq9</b>",
    "<sub>zq10</sub>", "<i>zq11</i>", "[zq12](http://elsewhere.example/a)", "<a href='http://elsewhere.example/b'>zq13</a>",
    "[zq14](javascript:alert(1))", ":small[zq15]", ":gray-badge[zq16]", "__zq17__", "_zq18_",
)  # fmt: skip
OTHERS = (
    "![x](http://elsewhere.example/c.png)", "<img src=http://elsewhere.example/d.png onerror=alert(1)>", ":x:", ":+1:",
    ":material/home:", "http://elsewhere.example/", "www.elsewhere.example", "me@elsewhere.example", "\u202ertl\u202c",
    "<script>alert(1)</script>", "<br>", "&lt;b&gt;", "%{x} %{customdata}", "<https://elsewhere.example>",
    "<svg onload=alert(1)>", "'\"><iframe src=http://elsewhere.example></iframe>", "<extra>e</extra>", "{{7*7}} ${7*7}",
)  # fmt: skip
BLOCKS = (
    "# zq20",
    "> zq21",
    "- zq22",
    "1. zq23",
    "| zq24 | zq25 |",
    "---",
    "```zq26",
    "    zq27 text",
    "===",
    "<!-- zq28 -->",
)
NAMES = (*MARKUP, *OTHERS, *BLOCKS, " ".join(MARKUP), " ".join(OTHERS), "long " + "\u0416" * LONG, "unbroken" * 100)

# Markers that stand alone in an element, elements that could load or run something, and links that leave the app.
DRAWN = r"""() => {
    const found = [], dialogs = document.querySelectorAll('[role=dialog] iframe').length;
    const visit = root => {
        for (const element of root.querySelectorAll('*')) {
            if (element.shadowRoot) visit(element.shadowRoot);
            const text = element.textContent.trim();
            if (/^zq\d+$/.test(text)) found.push(`${element.localName}: ${text}`);
            for (const name of ['href', 'xlink:href', 'src', 'action', 'poster', 'data'])
                if (/^(javascript:|(https?:)?\/\/(?!127\.0\.0\.1))/.test(element.getAttribute(name) ?? ''))
                    found.push(`${element.localName} ${name}=${element.getAttribute(name)}`.slice(0, 120));
            if (['iframe', 'object', 'embed'].includes(element.localName)) found.push(element.localName);
            for (const { name } of element.attributes) if (name.startsWith('on')) found.push(name);
        }
    };
    visit(document);
    return found.concat(dialogs ? ['dialog'] : []);
}"""
WIDER = """() => [...document.querySelectorAll('[data-testid=stMain], [data-testid=stSidebarContent], html')]
    .filter(part => part.scrollWidth > part.clientWidth + 1)
    .map(part => `${part.dataset.testid ?? part.localName}: ${part.scrollWidth} of ${part.clientWidth}`)"""


class Watched:
    """A page of which all requests and complaints of the browser are recorded."""

    def __init__(self, app: App) -> None:
        self.app, self.requests, self.complaints = app, [], []
        app.page.on("request", lambda request: self.requests.append(request.url))
        app.page.on("console", lambda message: self._complaint(message.text))
        app.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def _complaint(self, text: str) -> None:
        if "Content Security Policy" in text or "elsewhere" in text:
            self.complaints.append(text)

    def check(self, where: str) -> None:
        """Fail if markup was drawn, if a foreign request was made, or if the browser had to refuse one."""
        own = (self.app.address, self.app.address.replace("http", "ws"), "data:", "blob:")
        assert [url for url in self.requests if not url.startswith(own)] == [], where
        assert self.complaints == [], where
        assert self.app.page.evaluate(DRAWN) == [], where
        assert not self.app.page.get_by_test_id("stException").count(), where
        main = self.app.page.locator("[data-testid=stMain]").inner_text()
        assert not set(main) & set("❌👍"), f"{where}: an emoji was drawn"

    def visit(self, view: str, **query: str) -> None:
        """Open a page by its address and check it."""
        parameters = "&".join(f"{name}={quote(value, safe='')}" for name, value in {**QUICK, **query}.items())
        self.app.page.goto(f"{self.app.address}/{'' if view == 'home' else view}?{parameters}")
        self.app.settle()
        self.check(f"{view} {sorted(query)}")


def hostile_arrays(path: Path) -> Path:
    """Write an .npz whose classes have all the names."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(NAMES)), 12)
    images = rng.integers(0, 255, (len(labels), 8, 8, 3)).astype(np.uint8)
    images[1] = images[0]
    np.savez(path, images=images, labels=labels, class_names=np.array(NAMES))
    return path


def hostile_folder(folder: Path) -> Path:
    """Write a folder whose name, classes and files are markup, as far as file systems allow it."""
    rng = np.random.default_rng(0)
    allowed = [name for name in NAMES if "/" not in name and "\0" not in name and len(name.encode()) < 200]
    for number, name in enumerate(allowed):
        group = folder / f"**zq1** {'<b>zq9</b>'.replace('/', '')}" / (name if number % 2 else f"class {number % 3}")
        group.mkdir(parents=True, exist_ok=True)
        for copy in range(10):
            pixels = rng.integers(0, 255, (8, 8, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(group / f"{copy} {name}.png")
        (group / f"broken {name}.jpg").write_bytes(b"no image")
    return next(folder.iterdir())


@pytest.mark.parametrize("make", [hostile_arrays, hostile_folder])
def test_names_of_classes_and_files_are_text(
    visit: Callable[..., App],  # noqa: F811
    tmp_path: Path,
    make: Callable[[Path], Path],
) -> None:
    path = make(tmp_path / ("names.npz" if make is hostile_arrays else "folder"))
    watched = Watched(visit())
    queries: dict[str, dict[str, str]] = {
        "image": {"image": "3"},
        "compare": {"b": "random:3"},
        "patches": {"images": "by id"},
    }
    for view in VIEWS:
        watched.visit(view, dataset=str(path), n_bins="2", pool="all", keep_ratio="0.3", **queries.get(view, {}))
        if view != "train":
            assert not watched.app.page.get_by_test_id("stAlertContentError").count(), view
        assert watched.app.page.evaluate(WIDER) == [], view
    watched.visit("image", dataset=str(path), n_bins="2", pool="all", image="zq")
    watched.check("suggestions")


def test_charts_show_names_as_text_when_hovered(visit: Callable[..., App], tmp_path: Path) -> None:  # noqa: F811
    path = hostile_arrays(tmp_path / "names.npz")
    watched = Watched(visit(viewport={"width": 1280, "height": 1200}))
    for view, chart in (
        ("bins", "bin-classes"),
        ("dataset", "class-sizes"),
        ("bins", "gain"),
        ("compare", "compare-classes"),
    ):
        watched.visit(view, dataset=str(path), n_bins="2", pool="all", b="random:3", keep_ratio="0.3")
        area = watched.app.page.locator(f".st-key-{chart} .nsewdrag").first
        area.scroll_into_view_if_needed()
        box: Any = area.bounding_box()
        seen = 0
        for step in range(24):
            x, y = (0.25, 0.5, 0.55)[step % 3], (step + 0.5) / 24
            watched.app.page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
            watched.app.page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 120)))")
            seen += watched.app.page.locator(f".st-key-{chart} .hovertext").count()
            watched.check(f"{view} {chart}")
        assert seen or chart == "gain", f"no tooltip on {chart}"


def test_another_page_cannot_frame_the_app(visit: Callable[..., App]) -> None:  # noqa: F811
    app = visit()
    app.page.goto("data:text/html,<title>elsewhere</title>")
    app.page.set_content(f'<iframe src="{app.address}/" width=800 height=600></iframe>')
    end = time.monotonic() + 30
    while not any(frame.url.startswith("chrome-error:") for frame in app.page.frames):
        assert time.monotonic() < end, [frame.url for frame in app.page.frames]
        app.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert not any(frame.locator("#root").count() for frame in app.page.frames)


SETTINGS = (
    "labels", "embeddings", "weights", "projection", "pool", "n_bins", "schedule", "fraction", "kernel", "softmax",
    "representativeness", "diversity", "diversity_images", "normalisation", "rule", "alpha", "keep_ratio", "draw_order",
    "patch_ranking", "patch_keep_ratio", "patch_image_size", "patch_size", "seed", "map_seed",
)  # fmt: skip
FREE = ("labels", "embeddings", "weights")  # accept any text, and fail later
OF_PAGES = ("image", "bin", "images", "find", "first", "patches", "painter", "train", "beside", "a", "b", "unknown")
PAYLOADS = (" ".join((*MARKUP, *OTHERS)), "![x](http://elsewhere.example/c.png)", "# zq20")


@pytest.mark.parametrize("payload", PAYLOADS, ids=["all", "image", "heading"])
def test_links_are_text_on_every_page(visit: Callable[..., App], payload: str) -> None:  # noqa: F811
    watched = Watched(visit())
    hostile = {name: payload for name in (*SETTINGS, *OF_PAGES) if name not in FREE}
    for view in VIEWS:
        watched.visit(view, **hostile, embeddings="pixels")
    for name in ("dataset", *FREE):
        for view in ("dataset", "compare"):
            watched.visit(view, **{name: payload})
    folder = {"dataset": "/" + payload, "labels": payload}
    watched.visit("dataset", **folder)
    for value in (
        f"held:alpha={quote(payload)}",
        f"held:{quote(payload)}=1",
        f"held:weights={quote(payload)}",
        f"rows:{payload}",
    ):
        watched.visit("compare", b=value, a=value)
    watched.visit("patches", images="by id", find=payload, patches="kept patches")
    watched.visit("patches", painter=payload + ".safetensors")
