"""A public server: users name files below its folder of data, and no text or address has a path of the server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from adq_core import file_access
from adq_core.file_access import AllowedFolder
from app import stores
from app.pages import script
from tests.app.conftest import at_rest
from tests.app.pages import Open, captions_of, html_of, number, press, texts_of, widget


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
    for view in ("home", "dataset", "quotas", "export", "tray", "storage", "train"):
        app.switch_page(script(view)).run()
        assert str(root.parent) not in all_texts(at_rest(app)), view
    app.switch_page(script("export")).run()
    assert "run sets/two.npz" in at_rest(app).code[1].value


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
