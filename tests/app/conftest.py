"""Fixtures of the tests of pages: a small data set with known classes, its own store, and a started app."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from adq_core import Run, Settings
from adq_core.storage.store import Store
from app import session, stores
from app.pages import script

MAIN = Path(__file__).parents[2] / "app" / "main.py"
CLASSES, EACH, SIDE = 4, 20, 16
PATIENCE = 180  # seconds
QUICK = {
    "embeddings": "pixels",
    "projection": "pca",
    "diversity": "vectors",
}  # query parameters of every page: no network has to be loaded


def write_stripes(path: Path) -> Path:
    """Write an .npz of 4 classes with 20 seeded images of 16 x 16 each: stripes of one width per class, and noise."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(CLASSES), EACH)
    column = np.arange(SIDE)[None, :] // (labels[:, None] + 1) % 2  # (80, 16)
    images = np.repeat(column[:, None, :, None] * 160, SIDE, axis=1).repeat(3, axis=3)
    images = np.clip(images + rng.integers(0, 90, images.shape), 0, 255).astype(np.uint8)
    np.savez(path, images=images, labels=labels)
    return path


def until(app: AppTest, wanted: Callable[[], Any]) -> AppTest:
    """Run the script until `wanted` returns true, as a browser would, and return the app.

    The limit is a time, because the number of runs depends on the speed of the machine. It is long enough for a
    machine that compiles UMAP or trains at the same time.
    """
    end = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < end, f"The condition was not true within {PATIENCE} seconds."
        time.sleep(0.05)
        app.run()
    return app


def at_rest(app: AppTest) -> AppTest:
    """Run the script until it shows no bar."""
    return until(app, lambda: not app.get("progress"))


@pytest.fixture(scope="session")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stripes(tmp_path_factory.mktemp("data") / "stripes.npz")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all view tests, so that every stage is computed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(small_set: Path, cache: Path) -> Run:
    """The run that the app shows by default, from the same store."""
    return Run(Settings(dataset=str(small_set), **QUICK), Store(cache))


@pytest.fixture
def open_app(small_set: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Return a function that opens a view on the small set: `open_app("bins", alpha="0.9")`."""
    monkeypatch.setenv("ADQ_CACHE", str(cache))
    monkeypatch.setenv("ADQ_DATA", str(cache / "library"))
    monkeypatch.setenv("ADQ_DATASET", str(small_set))
    monkeypatch.setenv("ADQ_WARM_UP", "0")
    monkeypatch.setattr(stores, "is_public", lambda: False)  # as with app/.streamlit/config.toml
    monkeypatch.setattr(session, "PROGRESS_DELAY", 60)  # the progress bar has its own tests
    st.cache_resource.clear()

    def start(view: str = "home", **query: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=180)
        for name, value in {**QUICK, **query}.items():
            app.query_params[name] = value
        if view != "home":
            app.switch_page(script(view))
        return at_rest(app.run())

    yield start
    st.cache_resource.clear()
