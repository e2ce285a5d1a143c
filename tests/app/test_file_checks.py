"""The files of a folder opened from its listing are compared in a background thread; the page reports a change."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from adq_core.data import FileChanges, folders
from adq_core.errors import InputError
from app import server
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
    assert server.file_checks() == {}  # the first opening has read each file
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

    press(app, "Open it again")
    at_rest(app)
    assert not app.warning
    assert not app.error
    assert not any(button.label == "Open it again" for button in app.button)
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
