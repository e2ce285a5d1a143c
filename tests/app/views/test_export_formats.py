"""The page Export: formats of other tools, their size and time, the download and the folder."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run
from adq_core.export import FORMATS, problems_of
from app import stores
from app.blocks import export_formats
from app.export import downloads
from tests.app.conftest import until
from tests.app.pages import Open, captions_of, html_of, press, widget


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let relative paths begin in an empty folder."""
    monkeypatch.chdir(tmp_path)


def links_of(app: AppTest) -> list[str]:
    return [element.proto.url for element in app.get("link_button")]


def test_every_format_has_one_plain_sentence(open_app: Open) -> None:
    app = open_app("export")
    radio = app.radio(key="export_format")
    assert radio.options == list(FORMATS)
    assert list(radio.proto.captions) == [each.sentence for each in FORMATS.values()]
    assert all(each.sentence.count(".") == 1 or ".zip" in each.sentence for each in FORMATS.values())


@pytest.mark.parametrize("name", FORMATS)
def test_size_and_time_are_there_before_the_click(name: str, open_app: Open, run: Run) -> None:
    app = open_app("export", export_format=name)
    until(app, lambda: "<span>time</span>" in html_of(app))
    assert "<span>size</span>" in html_of(app)
    assert f"<span>selected</span><b>{len(run.selection.indices)} images</b>" in html_of(app)
    assert not app.exception
    assert not os.listdir(), "nothing is written before the click"


def test_a_prepared_download_is_the_zip(open_app: Open, run: Run) -> None:
    app = open_app("export", export_format="imagefolder")
    press(app, "Prepare the download")
    until(app, lambda: links_of(app))
    (address,) = links_of(app)
    token = address.removeprefix("exports/")
    made = downloads._known[token]
    assert problems_of(made.path) == []
    assert made.name == "stripes-imagefolder.zip"
    with zipfile.ZipFile(made.path) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".png")]) == len(run.selection.indices)
    press(app, "Prepare the download")
    until(app, lambda: links_of(app) not in ([], [address]))
    assert token not in downloads._known, "an owner has one prepared file"
    assert not made.path.exists()


def test_the_server_sends_a_prepared_file_and_nothing_else(tmp_path: Path) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    (tmp_path / "file").write_bytes(b"content")
    made = downloads.offer(tmp_path / "file", "größe.zip", "somebody")
    client = TestClient(Starlette(routes=downloads.ROUTES))
    answer = client.get(f"/{made.address}")
    assert answer.content == b"content"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.zip"
    for path in ("/exports/none", "/exports/", "/exports/../file", f"/{made.address}x"):
        assert client.get(path).status_code == 404
    downloads.offer(tmp_path / "file", "b.zip", "somebody")
    assert client.get(f"/{made.address}").status_code == 404


def test_an_old_file_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    first = downloads.offer(tmp_path / "a", "a.zip", "first owner")
    assert first.is_there
    monkeypatch.setattr(first, "created", first.created - downloads.MAX_AGE - 1)
    downloads.offer(tmp_path / "b", "b.zip", "second owner")
    assert not first.is_there
    assert not first.path.exists()


def test_write_puts_the_export_where_the_path_says(open_app: Open, tmp_path: Path) -> None:
    app = open_app("export", export_format="webdataset")
    box = widget(app, "export_path_webdataset")
    assert box.value == "stripes-webdataset"
    box.set_value(str(tmp_path / "here")).run()
    press(app, "Write")
    until(app, lambda: app.success)
    assert f"{tmp_path / 'here'}" in app.success[0].value.replace("\\", "")
    assert problems_of(tmp_path / "here") == []
    press(app, "Write")
    until(app, lambda: app.error)
    assert "exists already. Give another name or tick “Replace an earlier export there”." in app.error[0].value
    app.checkbox(key="export_replace").check().run()
    press(app, "Write")
    until(app, lambda: app.success)
    assert not app.error


def test_options_of_the_page_reach_the_export(open_app: Open, tmp_path: Path) -> None:
    app = open_app("export", export_format="imagefolder")
    app.selectbox(key="export_names").select("numbered").run()
    app.selectbox(key="export_links").select("symbolic").run()
    app.checkbox(key="export_croissant").check().run()
    press(app, "Write")
    until(app, lambda: app.success)
    folder = tmp_path / "stripes-imagefolder"
    assert (folder / "croissant.json").is_file()
    assert sorted(file.name for file in folder.glob("*/*"))[0] == "0000000.png"
    app = open_app("export", export_format="csv")
    assert not [box for box in app.selectbox if box.key in ("export_names", "export_links")]


def test_a_stopped_export_leaves_nothing(open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    began, stopped = threading.Event(), threading.Event()
    original = export_formats.write_export

    def slow(*args: object, progress: object, **options: object) -> object:
        def waiting(done: int, total: int, what: str) -> None:
            if done == 5:
                began.set()
                assert stopped.wait(60)
            progress(done, total, what)  # type: ignore[operator]

        return original(*args, progress=waiting, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(export_formats, "write_export", slow)
    app = open_app("export", export_format="imagefolder")
    monkeypatch.setattr("app.session.PROGRESS_DELAY", 0.2)
    press(app, "Write")
    assert began.wait(60)
    app.run()
    assert any(".part" in name for name in os.listdir())
    next(button for button in app.button if button.label == "Stop").click().run()
    stopped.set()
    until(app, lambda: any("Stopped. Nothing was written." in one.value for one in app.info))
    assert os.listdir() == []


def test_vectors_have_no_formats_that_need_images(open_app: Open, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", vectors=np.random.default_rng(0).normal(size=(80, 6)), labels=np.arange(80) % 4)
    app = open_app("export", dataset=str(tmp_path / "v.npz"), embeddings="own")
    assert app.radio(key="export_format").options == ["npy", "csv", "parquet", "embedding-atlas"]
    assert any("have" in text or "has vectors without images" in text for text in captions_of(app))


def test_a_public_server_writes_no_folder(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from adq_core import file_access

    monkeypatch.setattr(stores, "is_public", lambda: True)
    app = open_app("export", export_format="imagefolder")
    assert not [button for button in app.button if button.label == "Write"]
    assert not [box for box in app.text_input if str(box.key).startswith("export_path")]
    assert not [box for box in app.selectbox if box.key == "export_links"]
    monkeypatch.setattr(export_formats, "MAX_PUBLIC_BYTES", 10)
    app = open_app("export", export_format="imagefolder")
    until(app, lambda: any("This server prepares at most 10 bytes" in text for text in captions_of(app)))
    assert next(button for button in app.button if button.label == "Prepare the download").disabled
    file_access.restrict(None)


@pytest.mark.parametrize("view", ["quotas", "image", "compare", "evidence", "checks", "scores", "bins", "export"])
def test_every_page_that_shows_a_choice_has_its_code(view: str, open_app: Open, run: Run) -> None:
    app = open_app(view)
    codes = [element.value for element in app.code]
    python = next(text for text in codes if text.startswith("from "))
    names: dict[str, object] = {}
    exec(compile(python.split("\nwrite_export(")[0], "copied", "exec"), names)
    np.testing.assert_array_equal(names["rows"], run.selection.indices)
    command = next(text for text in codes if text.startswith("python -m adq_core run "))
    assert f"--diversity {run.settings.diversity}" in command
