"""The files of a folder opened from its listing are compared in a background thread; the page reports a change."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from adq_core.data import FileChanges
from adq_core.data.folders import folder_files
from adq_core.data.folders import image_folder as folders
from adq_core.errors import InputError
from app import file_checks, server
from app.file_checks import FileCheck, describe_changes
from tests.app.conftest import at_rest, until
from tests.app.pages import Open, numbers_of, press

FEW = {"n_bins": "4"}


def write(path: Path, seed: int) -> None:
    """Write an image; a file that exists is written again in place, and its directory does not change."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (20, 20, 3)).astype(np.uint8)
    before = path.parent.stat().st_mtime_ns
    existed = path.exists()
    Image.fromarray(pixels).save(path)
    os.utime(path, (seed + 1, seed + 1))
    assert not existed or path.parent.stat().st_mtime_ns == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(24):
        write(tmp_path / "pets*1" / ("cat" if number % 2 else "dog") / f"{number:02d}.png", number)
    return tmp_path / "pets*1"


def restart() -> None:
    """Forget all that a server keeps in memory."""
    st.cache_resource.clear()


def finished_check() -> FileCheck:
    (check,) = server.file_checks().values()
    assert check._finished.wait(60)
    return check


def test_a_changed_file_is_reported_and_opened_again(open_app: Open, folder: Path) -> None:
    app = open_app("dataset", dataset=str(folder), **FEW)
    assert finished_check().problem is None  # the first opening has read each file
    assert not app.warning
    restart()
    write(folder / "cat" / "01.png", 99)
    app = open_app("dataset", dataset=str(folder), **FEW)
    until(app, lambda: app.warning)
    assert [warning.value for warning in app.warning] == [
        "Files of pets\\*1 differ from the ones that were read: 1 changed (cat/01.png). All results shown are those of "
        "the earlier files."
    ]
    (stale,) = server.open_datasets().values()

    press(app, "Reopen")
    at_rest(app)
    assert not app.warning
    assert not app.error
    assert not any(button.label == "Reopen" for button in app.button)
    (data,) = server.open_datasets().values()
    assert data.key != stale.key
    row = data.ids.index("cat/01.png")
    np.testing.assert_array_equal(data.read(row), np.asarray(Image.open(folder / "cat" / "01.png")))


def test_the_page_is_drawn_before_the_files_are_compared(
    open_app: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_app("dataset", dataset=str(folder), **FEW)
    restart()
    write(folder / "cat" / "01.png", 99)
    go_on, run = threading.Event(), FileCheck._run

    def wait_and_run(check: FileCheck) -> None:
        go_on.wait(60)
        run(check)

    monkeypatch.setattr(FileCheck, "_run", wait_and_run)
    app = open_app("dataset", dataset=str(folder), **FEW)
    assert "<span>images</span><b>24</b>" in numbers_of(app)
    assert not app.warning
    go_on.set()
    until(app, lambda: app.warning)


def test_nothing_is_drawn_for_an_unchanged_folder(
    open_app: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_app("dataset", dataset=str(folder), **FEW)
    restart()
    monkeypatch.setattr(folders, "scan", None)  # must not be called
    app = open_app("dataset", dataset=str(folder), **FEW)
    assert finished_check().problem is None
    app.run()
    assert not app.warning
    assert not app.error
    assert "<span>images</span><b>24</b>" in numbers_of(app)


def test_a_new_file_opens_the_folder_again_by_itself(open_app: Open, folder: Path) -> None:
    app = open_app("dataset", dataset=str(folder), **FEW)
    write(folder / "cat" / "new.png", 7)
    at_rest(app.run())
    assert "<span>images</span><b>25</b>" in numbers_of(app)
    assert not app.warning


def test_the_notice_counts_and_names_some_files() -> None:
    changes = FileChanges(changed=tuple(f"{n}.png" for n in range(1200)), new=("a.png",), missing=("b", "c", "d"))
    assert describe_changes("pets", changes) == (
        "Files of pets differ from the ones that were read: 1,200 changed (0.png, 1.png, 2.png, ...); 1 new (a.png); "
        "3 missing (b, c, d). All results shown are those of the earlier files."
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check the files at every run of a page."""
    monkeypatch.setattr(file_checks, "INTERVAL", 0.0)
    monkeypatch.setattr(file_checks, "SHARE", 0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("change", ["a file in place", "a file added deep down"])
def test_a_change_while_the_data_set_is_open_is_reported(open_app: Open, folder: Path, change: str) -> None:
    (folder / "cat" / "a" / "b").mkdir(parents=True)
    write(folder / "cat" / "a" / "b" / "deep.png", 50)
    app = open_app("dataset", dataset=str(folder), **FEW)
    assert not at_rest(app.run()).warning
    before = server.open_datasets().copy()
    if change == "a file in place":
        status = (folder / "cat" / "01.png").stat()
        pixels = (folder / "cat" / "03.png").read_bytes()[: status.st_size].ljust(status.st_size, b"\0")
        (folder / "cat" / "01.png").write_bytes(pixels)  # of equal size, with the old time
        os.utime(folder / "cat" / "01.png", ns=(status.st_atime_ns, status.st_mtime_ns))
        expected = "1 changed (cat/01.png)"
    else:
        write(folder / "cat" / "a" / "b" / "new.png", 51)
        expected = "1 new (cat/a/b/new.png)"
    until(app, lambda: app.warning)
    assert expected in app.warning[0].value
    press(app, "Reopen")
    at_rest(app)
    assert not app.warning
    (old,), (new,) = before.values(), server.open_datasets().values()
    assert new.key != old.key


def test_checks_are_rare_and_never_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    hold = threading.Event()

    def check() -> FileChanges:
        calls.append(1)
        hold.wait(60)
        return FileChanges()

    one = FileCheck("pets", check, is_recent=True)
    assert one.finished
    one.look_again()
    assert calls == []  # the files have just been compared
    monkeypatch.setattr(file_checks, "INTERVAL", 0.0)
    for _ in range(5):
        one.look_again()
    hold.set()
    deadline = time.monotonic() + 60
    while one._ended == float("inf"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert calls == [1]
    one._started = one._ended - 1000.0  # a check that takes long
    one.look_again()
    assert calls == [1]


def test_an_error_about_a_changed_file_has_a_button_that_reads_all_files_again(
    open_app: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_files, "file_fingerprint", lambda status: "always the same")
    app = open_app("dataset", dataset=str(folder), **FEW)
    changed = folder / "cat" / "01.png"
    write(changed, 99)
    app = open_app("scores", dataset=str(folder), **FEW, embeddings="pixels", representativeness="compressibility")
    until(app, lambda: app.error)
    assert "01.png of pets\\*1 has changed since the data set was opened" in app.error[0].value
    press(app, "Reopen")
    at_rest(app)
    assert not app.error
    (data,) = server.open_datasets().values()
    np.testing.assert_array_equal(data.read(data.ids.index("cat/01.png")), np.asarray(Image.open(changed)))


def fail() -> FileChanges:
    raise InputError("The folder /pets cannot be read (Permission denied). Change that or remove it.")


def crash() -> FileChanges:
    raise RuntimeError("secret")


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        (fail, "The folder /pets cannot be read (Permission denied). Change that or remove it."),
        (crash, "The files of pets could not be compared with the ones that were read."),
        (FileChanges, None),
    ],
)
def test_a_check_that_fails_says_so(check: type[FileChanges], problem: str | None) -> None:
    one = FileCheck("pets", check)
    assert one._finished.wait(60)
    assert one.finished
    assert one.problem == problem
