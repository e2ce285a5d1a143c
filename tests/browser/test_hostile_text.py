"""Markup in names of classes and in query parameters: no request to other servers, no links on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from .test_app import App, address, visit  # noqa: F401

pytestmark = pytest.mark.browser

NAMES = (
    "![x](http://elsewhere.example/a.png)",
    "[log in](http://elsewhere.example) :x: <a href='http://elsewhere.example'>y</a>",
    "http://elsewhere.example/ www.elsewhere.example me@elsewhere.example :material/home:",
)


def test_no_request_leaves_and_no_name_becomes_a_link(visit: Callable[..., App], tmp_path: Path) -> None:  # noqa: F811
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 20)
    images = rng.integers(0, 255, (60, 16, 16, 3)).astype(np.uint8)
    images[1] = images[0]
    path = tmp_path / "names.npz"
    np.savez(path, images=images, labels=labels, class_names=np.array(NAMES))
    app = visit()
    requests: list[str] = []
    app.page.on("request", lambda request: requests.append(request.url))
    app.open(dataset=str(path), image=quote(NAMES[0]), find=quote(NAMES[0]), images="by+id", b="held:rule=paper")
    for view in ("Home", "Bins", "Quotas", "One image", "Patches", "Compare", "The method", "Saved selections"):
        if view != "Home":
            app.go(view)
        links = app.page.locator("a").evaluate_all(
            "all => all.map(a => a.getAttribute('href') ?? a.getAttribute('xlink:href'))"
        )
        assert [link for link in links if "elsewhere" in (link or "")] == [], view
        assert "❌" not in app.page.locator("[data-testid=stMain]").inner_text(), view
    app.open(dataset=quote(NAMES[0]))
    app.open(b=quote(NAMES[0]), painter=quote(NAMES[0]), alpha=quote(NAMES[0]), embeddings=quote(NAMES[0]))
    app.go("Compare")
    assert [url for url in requests if not url.startswith((app.address, "data:", "blob:"))] == []
