"""A public server: users name files below its folder of data, and no text or address has a path of the server."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run, file_access, models
from adq_core.file_access import AllowedFolder
from adq_core.storage.store import Store
from app import stores, trainings, visitors
from app.pages import script
from app.selections import saved_widgets
from app.selections.saved import read
from app.views.quotas import lasso
from tests.app.conftest import at_rest
from tests.app.pages import VIEWS, Open, captions_of, html_of, number, press, texts_of, widget


@pytest.fixture
def root(
    tmp_path: Path, small_set: Path, cache: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return the folder of data of a public server, with two data sets and a broken one."""
    root = tmp_path / "all data"
    (root / "sets").mkdir(parents=True)
    for name in ("one.npz", "two.npz"):
        shutil.copy(small_set, root / "sets" / name)
    (root / "sets" / "broken.npz").write_bytes(b"PK")
    shutil.copy(small_set, tmp_path / "secret.npz")
    monkeypatch.setattr(stores, "is_public", lambda: True)
    monkeypatch.setenv("ADQ_DATA_ROOT", str(root))
    monkeypatch.setenv("ADQ_DATASET", str(root / "sets" / "one.npz"))
    file_access.restrict([AllowedFolder(root), AllowedFolder(cache / "library" / "trained", 1)])
    yield root
    file_access.restrict(None)


def all_texts(app: AppTest) -> str:
    """Return everything that the page shows and its address."""
    parts = [texts_of(app), html_of(app), *captions_of(app), str(app.query_params)]
    parts += [element.value for kind in (app.error, app.warning, app.info, app.code) for element in kind]
    parts += [button.label for button in app.button]
    parts += [str(box.value) + str(box.options) for box in app.selectbox]
    parts += [str(box.value) for box in app.text_input]
    return "\n".join(parts)


def test_files_are_named_relative_to_the_folder_of_data(open_app: Open, root: Path) -> None:
    app = open_app("dataset", dataset="sets/two.npz")
    assert not app.error
    assert number(app, "images") == "80"
    assert app.session_state["settings"].dataset == str(root / "sets" / "two.npz")
    for view in VIEWS:
        app.switch_page(script(view)).run()
        assert str(root.parent) not in all_texts(at_rest(app)), view
    app.switch_page(script("export")).run()
    assert any("run sets/two.npz" in code.value for code in at_rest(app).code)


def test_the_first_data_set_and_typed_paths_are_relative_too(open_app: Open, root: Path) -> None:
    app = open_app("dataset")
    assert app.selectbox(key="dataset").value == "sets/one.npz"
    for typed in ("sets/two.npz", str(root / "sets" / "two.npz")):
        widget(app, "typed_path").set_value(typed).run()
        at_rest(app)
        assert not app.error
        assert app.session_state["dataset"] == "sets/two.npz"
        assert app.session_state["settings"].dataset == str(root / "sets" / "two.npz")


@pytest.mark.parametrize("setting", ["dataset", "labels", "weights", "embeddings"])
@pytest.mark.parametrize("name", ["../secret.npz", "sets/../../secret.npz", "{}/secret.npz", "/etc/passwd", "~/x.npz"])
def test_other_files_are_refused_and_the_sentence_has_no_path(
    open_app: Open, root: Path, setting: str, name: str
) -> None:
    app = open_app("dataset", **{"dataset": "sets/one.npz", setting: name.format(root.parent)})
    assert len(app.error) == 1
    assert "must be a built-in name, an upload, or a file in the data folder of this server" in app.error[0].value
    assert str(root.parent) not in app.error[0].value


def test_an_error_and_the_way_back_have_no_path(open_app: Open, root: Path) -> None:
    app = open_app("dataset", dataset="sets/one.npz")
    widget(app, "typed_path").set_value("sets/broken.npz").run()
    at_rest(app)
    assert app.error[0].value.startswith("broken.npz must be an .npz file")
    assert str(root.parent) not in all_texts(app)
    press(app, "Back to one.npz")
    assert not app.error
    assert app.session_state["dataset"] == "sets/one.npz"
    app = open_app("dataset", dataset="sets/none.npz")
    assert len(app.error) == 1
    assert str(root.parent) not in all_texts(app)


WEIGHTS = "mine-encoder.safetensors"


@pytest.fixture
def weights(open_app: Open, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return weights that this visitor has trained: a file in the library of the server."""
    monkeypatch.setattr(visitors, "owner", lambda: "me")
    path = Path(trainings.folder()) / WEIGHTS
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(models.__file__).parent / "pretrained" / "small.safetensors", path)
    return path


def with_files(open_app: Open, view: str, **query: str) -> AppTest:
    """Open a page with a data set and weights that are files of the server."""
    return open_app(view, dataset="sets/two.npz", embeddings="small", weights=WEIGHTS, keep_ratio="0.4", **query)


def test_a_saved_selection_has_no_path_of_the_server_and_is_restored(open_app: Open, root: Path, weights: Path) -> None:
    app = with_files(open_app, "tray")
    assert app.session_state["settings"].weights == str(weights)
    app.text_input(key="save-present-name").set_value("mine")
    press(app, "Save the present selection")
    saved = app.session_state["saved_selections"]
    ((_, _, stored),) = saved.changes
    assert (stored["settings"]["dataset"], stored["settings"]["weights"]) == ("sets/two.npz", WEIGHTS)
    assert str(root.parent) not in str(stored)
    assert "library" not in str(stored)
    by_name, unreadable = read(json.dumps({"mine": stored}))
    assert (by_name, unreadable) == (saved.by_name, 0), "what the browser sends back names the same files"
    widget(app, "weights").set_value("").run()
    press(app, "Restore")
    assert app.session_state["settings"].weights == str(weights)
    assert any("the same 32 images" in message.value for message in app.success)


def test_a_link_to_a_fixed_selection_has_no_path_of_the_server(open_app: Open, root: Path, weights: Path) -> None:
    app = press(with_files(open_app, "compare"), "Fix A as B")
    link = app.query_params["b"]
    assert WEIGHTS in str(link)
    assert "library" not in str(link)
    assert str(root.parent) not in all_texts(app)
    assert not app.error
    assert not app.warning
    assert app.session_state["settings"].weights == str(weights)


def test_files_about_picked_images_have_no_path_of_the_server(open_app: Open, root: Path, weights: Path) -> None:
    settings = with_files(open_app, "dataset").session_state["settings"]
    run = Run(settings, Store(None))
    corners = np.array([[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]])
    how = lasso.lasso_origin(run, corners, np.arange(len(run.dataset)), run.projection, only_selected=True)
    assert (how["settings"]["dataset"], how["settings"]["weights"]) == ("sets/two.npz", WEIGHTS)
    archive = zipfile.ZipFile(io.BytesIO(saved_widgets.archive_of(run, np.arange(3), run.projection, how)))
    for name in archive.namelist():
        for path in (root, weights.parent):
            assert str(path).encode() not in archive.read(name), name


def test_no_page_writes_the_values_of_settings_without_hiding_paths() -> None:
    """Files and links are made with `trainings.shown_values` and `visible_files.shown_settings`."""
    app = Path(trainings.__file__).parent
    guilty = {
        path.relative_to(app).as_posix()
        for path in app.rglob("*.py")
        if re.search(r"asdict\((\w+\.)?settings\)|settings\.recorded\(\)", path.read_text(encoding="utf-8"))
    }
    assert guilty == {"trainings.py", "selections/links.py"}
