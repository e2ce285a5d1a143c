"""Uploads on the page Data set: opened by their owner, shared by a link, removed, refused; nobody else finds them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import stores, visitors
from app.uploads import Limits, Upload, read_reference
from tests.app.conftest import at_rest
from tests.app.pages import Open, captions_of, html_of, number, numbers_of, press, texts_of, widget
from tests.app.uploads.test_names import SCRIPTS


@pytest.fixture
def as_owner(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that sets the browser of the sessions opened after it."""

    def set_owner(name: str) -> None:
        monkeypatch.setattr(visitors, "_token", name.encode)

    return set_owner


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].upload(name, content, "application/zip").run()
    return at_rest(app)


def zip_of_images(seed: int = 0) -> bytes:
    rng, out = np.random.default_rng(seed), io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(24):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (12, 12, 3)).astype(np.uint8)).save(picture, "png")
            archive.writestr(f"{'left' if number % 2 else 'right'}/{number}.png", picture.getvalue())
    return out.getvalue()


def stored() -> list[Path]:
    return [path for path in stores.uploads().folder.rglob("*") if path.is_file() and path.name != "upload.json"]


@pytest.fixture(autouse=True)
def no_uploads_at_the_end(open_app: Open) -> Open:
    for one in stores.uploads().all():
        stores.uploads().remove(one)
    return open_app


def only_upload() -> Upload:
    (found,) = stores.uploads().all()
    return found


@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_name_of_any_script_is_shown_and_found(open_app: Open, small_set: Path, name: str) -> None:
    name = name.rsplit(".", 1)[0] + ".npz"
    app = upload(open_app("dataset"), name, small_set.read_bytes())
    assert not app.error
    assert number(app, "images") == "80"
    reference = read_reference(app.session_state["dataset"])
    assert reference is not None
    assert reference.name == only_upload().name
    assert app.query_params["dataset"] == str(reference)
    assert f"80 images from {reference.name}." in texts_of(app).replace("\u2060", "").replace("\\", "")
    assert only_upload().id not in texts_of(app) + html_of(app) + str(captions_of(app))


def test_after_an_upload_the_box_is_a_new_one_so_the_server_releases_the_memory(open_app: Open) -> None:
    app = open_app("dataset")
    assert app.file_uploader[0].key == "upload"
    assert app.file_uploader[0].label == (
        "Upload a .zip or .tar of images (one subfolder per class, or no subfolders), or a file of images or vectors"
    )
    upload(app, "cats.zip", zip_of_images())
    assert app.file_uploader[0].key == "upload-1"
    upload(app, "song.zip", b"la la la")
    assert app.file_uploader[0].key == "upload-2"


def test_the_same_bytes_under_another_name_are_found_too(open_app: Open, small_set: Path) -> None:
    app = upload(open_app("dataset"), "one.npz", small_set.read_bytes())
    first = app.session_state["dataset"]
    upload(app, "two.npz", small_set.read_bytes())
    assert app.session_state["dataset"] != first
    assert not app.error
    assert "from two.npz" in texts_of(app)
    assert len(stored()) == 2


def test_an_upload_survives_a_reload_of_its_browser_and_no_other_browser_opens_it(
    open_app: Open, as_owner: Callable[[str], None]
) -> None:
    as_owner("mine")
    reference = upload(open_app("dataset"), "cats.zip", zip_of_images()).session_state["dataset"]
    reloaded = open_app("dataset", dataset=reference)
    assert not reloaded.error
    assert number(reloaded, "images") == "24"
    as_owner("theirs")
    other = open_app("dataset", dataset=reference)
    assert [error.value.split(" It ")[0] for error in other.error] == ["cats.zip is not among your uploads."]
    assert "adq-numbers" not in html_of(other)
    assert not [button for button in other.button if button.label == "Share this upload"]
    for view in ("home", "bins", "quotas", "export", "train"):
        assert len(open_app(view, dataset=reference).error) == 1


def test_paths_into_the_folder_of_uploads_are_refused_like_missing_ones(
    open_app: Open, as_owner: Callable[[str], None], tmp_path: Path
) -> None:
    as_owner("mine")
    upload(open_app("dataset"), "cats.zip", zip_of_images())
    path = stores.uploads().path(only_upload())
    link = tmp_path / "link.zip"
    link.symlink_to(path)
    for text in (path, path.parent, path.parent.parent, f"{path.parent}/../{path.parent.name}/{path.name}", link):
        for setting in ("dataset", "labels"):
            app = open_app("dataset", **{"dataset": "/nowhere", setting: str(text)})
            assert [error.value.startswith("There is no file or folder ") for error in app.error] == [True], text
    app = open_app("dataset")
    widget(app, "typed_path").set_value(str(path)).run()
    assert [error.value.startswith("There is no file or folder ") for error in app.error] == [True]


def test_a_shared_upload_is_opened_by_its_link_and_only_its_owner_can_stop_that(
    open_app: Open, as_owner: Callable[[str], None]
) -> None:
    as_owner("mine")
    app = upload(open_app("dataset"), "cats.zip", zip_of_images())
    assert not [block for block in app.code if "shared" in block.value]
    press(app, "Share this upload")
    link = only_upload().shared_reference
    assert link is not None
    assert app.code[0].value.endswith(f"dataset=cats.zip%20%28shared%20{only_upload().token}%29")
    as_owner("theirs")
    other = open_app("dataset", dataset=link)
    assert not other.error
    assert number(other, "images") == "24"
    assert other.query_params["dataset"] == link
    assert not [button for button in other.button if button.label in ("Stop sharing", "Remove", "Share this upload")]
    press(app, "Stop sharing")
    assert other.run().error[0].value.startswith("cats.zip is not among your uploads.")


@pytest.mark.parametrize(
    ("name", "content"), [("song.zip", b"la la la"), ("empty.zip", b""), ("пусто.npz", b"PK"), ("x.csv", b"\0\0")]
)
def test_a_refused_file_is_deleted_and_its_owner_reads_why(
    open_app: Open, small_set: Path, name: str, content: bytes
) -> None:
    app = upload(open_app("dataset"), name, content)
    assert len(app.error) == 1
    assert name in app.error[0].value.replace("\u2060", "")
    assert not app.exception
    assert not stored()
    assert "Your uploads" not in texts_of(app)
    first = app.error[0].value
    assert at_rest(app.run()).error[0].value == first, "the reason stays"
    press(app, f"Back to {small_set.name}")
    assert not app.error
    assert "<span>images</span><b>80</b>" in numbers_of(app)


def test_a_wrong_file_of_labels_does_not_delete_an_upload(open_app: Open, tmp_path: Path) -> None:
    app = upload(open_app("dataset"), "cats.zip", zip_of_images())
    labels = tmp_path / "labels.csv"
    labels.write_text("file,label\nnowhere.png,cat\n")
    widget(app, "labels").set_value(str(labels)).run()
    assert at_rest(app).error
    assert len(stored()) == 1
    widget(app, "labels").set_value("").run()
    assert not at_rest(app).error


def test_a_new_upload_leaves_out_the_labels_of_the_former_data_set(open_app: Open, tmp_path: Path) -> None:
    app = open_app("dataset", labels=str(tmp_path / "nowhere.csv"), dataset=str(tmp_path))
    assert app.error
    upload(app, "cats.zip", zip_of_images())
    assert not app.error
    assert app.session_state["settings"].labels is None


def test_own_uploads_are_listed_opened_and_removed(open_app: Open, small_set: Path) -> None:
    app = upload(open_app("dataset"), "cats.zip", zip_of_images())
    upload(app, "dogs.zip", zip_of_images(1))
    assert [button.label for button in app.button if button.label in ("Open", "Is open")] == ["Is open", "Open"]
    press(app, "Open")
    assert "from cats" in texts_of(at_rest(app))
    (remove, _) = [button for button in app.button if button.label == "Remove"][::-1]
    remove.click().run()
    assert "dogs" in texts_of(at_rest(app)), "the data set that was open before"
    assert len(stored()) == 1
    press(app, "Remove")
    assert not at_rest(app).error
    assert number(app, "images") == "80", "the first data set of the server"
    assert not stored()


def test_a_full_folder_is_said_and_nothing_is_stored(open_app: Open) -> None:
    app = open_app("dataset")
    stores.uploads().limits = Limits(owner_bytes=1000)
    upload(app, "cats.zip", zip_of_images())
    assert app.error[0].value.startswith("cats.zip has 0.0 MB. The uploads of one browser may have 0.0 MB together")
    assert not stored()
    assert number(app, "images") == "80"


def test_the_export_of_an_upload_names_the_file_and_no_path_of_the_server(open_app: Open) -> None:
    app = upload(open_app("dataset"), "кошки.zip", zip_of_images())
    app.switch_page("views/export.py").run()
    at_rest(app)
    assert any(code.value.startswith("python -m adq_core run 'кошки.zip' ") for code in app.code)
    assert all(str(stores.uploads().folder) not in code.value for code in app.code)
