"""The page Storage: uploads and weights of this browser, and the stored results of the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from adq_core.storage import cache_entries
from app import stores, trainings
from app.pages import script
from tests.app.conftest import at_rest, until
from tests.app.pages import Open, captions_of, html_of, number, press, texts_of, widget


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_app: Open) -> Path:
    """Return a cache of this test alone, which the page uses, because the tests remove results."""
    monkeypatch.setenv("ADQ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def with_results(open_app: Open) -> AppTest:
    app = open_app("bins")
    app.switch_page(script("storage")).run()
    return at_rest(app)


def kinds_in(folder: Path) -> set[str]:
    return {entry.kind for entry in cache_entries(folder)}


def test_the_stored_results_are_listed_with_their_sizes(open_app: Open, own_cache: Path) -> None:
    app = with_results(open_app)
    entries = cache_entries(own_cache)
    assert {"bins", "embeddings"} <= set(app.table[0].value["kind"]) == {entry.kind for entry in entries}
    assert number(app, "entries") == str(len(entries))
    assert app.table[0].value["entries"].astype(int).sum() == len(entries)
    assert f"In the folder `{own_cache}`." in captions_of(app)


def test_a_kind_of_results_is_removed_and_then_all(open_app: Open, own_cache: Path) -> None:
    app = with_results(open_app)
    before = kinds_in(own_cache)
    app.multiselect(key="storage_kinds").set_value(["bins"])
    press(app, "Remove results")
    assert kinds_in(own_cache) == before - {"bins"}
    assert at_rest(app).success[0].value.startswith("Removed 1 entries, ")
    assert "bins" not in set(app.table[0].value["kind"])
    app.multiselect(key="storage_kinds").set_value([])
    press(app, "Remove results")
    assert not kinds_in(own_cache)
    assert "Nothing is stored." in captions_of(at_rest(app))
    app.switch_page(script("bins")).run()
    at_rest(app)
    assert not app.error, "removed results are computed again"


def test_results_are_removed_down_to_a_size(open_app: Open, own_cache: Path) -> None:
    app = with_results(open_app)
    press(app, "Remove the least recently used")
    assert at_rest(app).success[0].value == "Removed 0 entries, 0 bytes.", "five gigabytes are enough"
    widget(app, "storage_gigabytes").set_value(None)
    widget(app, "storage_days").set_value(1.0)
    press(app, "Remove the least recently used")
    assert at_rest(app).success[0].value == "Removed 0 entries, 0 bytes.", "all are of today"
    widget(app, "storage_gigabytes").set_value(0.0)
    press(app, "Remove the least recently used")
    assert not kinds_in(own_cache)


def test_results_of_a_later_moment_are_seen_after_reading_again(open_app: Open, own_cache: Path) -> None:
    app = with_results(open_app)
    shown = number(app, "entries")
    folder = own_cache / "bins" / "later"
    folder.mkdir()
    assert number(app.run(), "entries") == shown, "the folder is not read at every run of the page"
    press(app, "Read again")
    until(app, lambda: number(app, "entries") == str(int(shown) + 1))


def test_users_of_a_public_server_do_not_see_the_stored_results(
    open_app: Open, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "is_public", lambda: True)
    app = with_results(open_app)
    assert not app.table
    assert not [button for button in app.button if "Remove" in button.label]
    assert str(own_cache) not in html_of(app) + texts_of(app) + str(captions_of(app))


def test_own_uploads_and_weights_are_listed_and_deleted(
    open_app: Open, own_cache: Path, tmp_path: Path, small_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainings, "folder", lambda: tmp_path / "trained")
    (tmp_path / "trained").mkdir()
    weights = tmp_path / "trained" / "cats-0123-unet.safetensors"
    weights.write_bytes(bytes(2000))
    app = open_app("dataset")
    app.file_uploader[0].upload("кошки.npz", small_set.read_bytes(), "application/zip").run()
    app.switch_page(script("storage")).run()
    at_rest(app)
    assert "**кошки.npz** · " in texts_of(app)
    assert "`cats-0123-unet.safetensors` · 2.0 kB · " in texts_of(app)
    press(app, "Remove")
    assert "None. Upload files on the page *Data set*." in captions_of(at_rest(app))
    assert not stores.uploads().all()
    press(app, "Delete")
    assert not weights.exists()
    assert "None. Train a network on the page *Train*." in captions_of(at_rest(app))
