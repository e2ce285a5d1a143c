"""Every view with a set of vectors that has no images, through AppTest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from adq_core.data.vectors.vector_sets import open_vectors
from app.images import vector_tiles
from tests.app.pages import Open, headings_of, html_of, numbers_of, texts_of


@pytest.fixture(scope="module")
def vectors_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vectors") / "sensors.npz"
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    np.savez(path, vectors=rng.normal(size=(60, 6)) + 3 * rng.normal(size=(3, 6))[labels], labels=labels)
    return path


def opened(open_app: Open, view: str, path: Path, **query: str) -> AppTest:
    wanted = {"embeddings": "lite0", "diversity": "vendi", "n_bins": "4", **query}  # the defaults of the app
    app = open_app(view, dataset=str(path), **wanted)
    assert not app.exception
    return app


@pytest.mark.parametrize(
    "view", ["home", "dataset", "bins", "scores", "quotas", "image", "method", "patches", "export"]
)
def test_every_page_opens_and_explains_its_tiles(open_app: Open, view: str, vectors_file: Path) -> None:
    app = opened(open_app, view, vectors_file)
    assert not app.error
    assert (
        ":material/info: This data set has vectors without images. On every page, *image* means one vector, and a tile "
        "shows its 6 numbers line by line: dark is low, light is high."
    ) in texts_of(app)


def test_the_size_of_a_vector_is_its_number_of_values(open_app: Open, vectors_file: Path) -> None:
    app = opened(open_app, "dataset", vectors_file)
    assert "<span>vectors</span><b>60</b>" in numbers_of(app)
    assert "<span>numbers per vector</span><b>6</b>" in numbers_of(app)
    assert 'aria-label="0 · class 0 · 6 numbers"' in html_of(app)


def test_scores_name_the_replaced_measures(open_app: Open, vectors_file: Path) -> None:
    texts = texts_of(opened(open_app, "scores", vectors_file))
    assert (
        "This data set has vectors but no images: Rep is the closeness to the centre of the bin, and Div is measured"
        in texts
    )
    assert "**Rep** is the mean closeness to the bin's centre of a bin." in texts


def test_bins_show_the_closeness_and_no_texture(open_app: Open, vectors_file: Path) -> None:
    app = opened(open_app, "bins", vectors_file)
    headings = headings_of(app)
    assert "Closeness to the bin's centre in each bin" in headings
    assert "The mean closeness to the bin's centre of the bins differs by" in texts_of(app)


def test_patches_need_images(open_app: Open, vectors_file: Path) -> None:
    app = opened(open_app, "patches", vectors_file)
    assert "This data set has no images, so there are no patches." in texts_of(app)


def test_a_setting_that_needs_pixels_is_an_error_with_a_fix(open_app: Open, vectors_file: Path) -> None:
    app = opened(open_app, "scores", vectors_file, representativeness="compressibility")
    assert [element.value for element in app.error] == [
        "Representativeness must not need pixels, because sensors.npz is a set of vectors without images, got "
        "compressibility. Choose centre-closeness."
    ]
    next(button for button in app.button if button.label == "Use centre-closeness").click()
    app.run()
    assert not app.error
    assert app.session_state["settings"].representativeness == "centre-closeness"


@given(st.integers(1, 200), st.integers(0, 100))
def test_equal_numbers_have_equal_greys_in_every_tile(d: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(5, d)).astype(np.float32)
    tiles = vector_tiles.Tiles(vectors)
    shown = tiles[np.array([0, 3])]
    side = shown.shape[1]
    assert shown.shape == (2, side, side, 3)
    assert (side - 1) ** 2 < d <= side**2
    flat = shown[..., 0].reshape(2, -1)
    assert (flat[:, d:] == vector_tiles.EMPTY).all()
    order = np.argsort(vectors[[0, 3]].ravel(), kind="stable")
    assert (np.diff(flat[:, :d].ravel()[order].astype(int)) >= 0).all(), "a larger number is never darker"
    np.testing.assert_array_equal(tiles[3], shown[1])


def test_constant_vectors_and_very_long_vectors() -> None:
    assert (vector_tiles.Tiles(np.ones((3, 4), np.float32))[0] == 128).all()
    assert vector_tiles.Tiles(np.zeros((2, 5000), np.float32))[np.array([0, 1])].shape == (2, 64, 64, 3)


def test_a_set_of_images_has_no_note_about_tiles(vectors_file: Path) -> None:
    from adq_core.data.open import open_dataset

    assert vector_tiles.tile_note(open_dataset("digits")) == ""
    assert vector_tiles.tile_note(open_vectors(vectors_file)).startswith("This data set has vectors without images")


def test_the_page_of_one_vector_shows_its_closeness(open_app: Open, vectors_file: Path) -> None:
    app = opened(open_app, "image", vectors_file, image="7")
    headings = headings_of(app)
    assert "The vector" in headings
    assert "Its closeness to the bin's centre" in headings
    assert "<span>numbers</span><b>6</b>" in numbers_of(app)
