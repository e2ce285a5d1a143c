"""Atomic writes: complete or not at all, also when the process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adq_core.errors import StorageError
from adq_core.storage.files import atomic_file, atomic_folder

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_at_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    for text in ("one", "two"):
        with atomic_file(path) as temporary:
            temporary.write_text(text)
            assert temporary.parent == path.parent
            assert not path.exists() or path.read_text() == "one"
        assert path.read_text() == text
    assert names(path.parent) == ["a.txt"]


def test_an_exception_leaves_the_earlier_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")

    def write() -> None:
        with atomic_file(path) as temporary:
            temporary.write_text("tw")
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert names(tmp_path) == ["a.txt"]
    assert path.read_text() == "one"


def test_an_exception_leaves_no_folder(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_folder(tmp_path / "out") as temporary:
            (temporary / "half").write_text("done")
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert names(tmp_path) == []


def test_a_folder_that_another_process_has_written_is_kept(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "out") as temporary:
        (temporary / "file").write_text("ours")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "file").write_text("theirs")
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "file").read_text() == "theirs"


def test_a_folder_that_another_process_has_written_is_an_error_if_it_must_be_new(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_folder(tmp_path / "out", option="--out", keep_existing=False) as temporary:
            (temporary / "file").write_text("ours")
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "file").write_text("theirs")

    with pytest.raises(StorageError, match=r"Could not write .*out: .* Free some space or name another folder with"):
        write()
    assert names(tmp_path) == ["out"]


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with atomic_folder(tmp_path / "out", keep_existing=False) as temporary:
        (temporary / "file").write_text("ours")
    assert names(tmp_path / "out") == ["file"]


def test_an_error_of_the_disk_names_the_option_or_is_unchanged(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "sub" / "a.txt"

    def write(option: str | None) -> None:
        with atomic_file(path, option=option):
            raise AssertionError("must not be reached")

    with pytest.raises(StorageError) as caught:
        write("--out")
    assert str(caught.value) == (
        f"Could not write {path}: Not a directory. Free some space or name another folder with --out."
    )
    with pytest.raises(NotADirectoryError):
        write(None)


def test_a_very_long_name_still_fits(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    with atomic_file(path) as temporary:
        temporary.write_text("done")
    assert path.read_text() == "done"


WRITER = """
import sys, time
from pathlib import Path
from adq_core.storage.files import atomic_file, atomic_folder

folder = Path(sys.argv[1])
with atomic_file(folder / "a.txt") as file, atomic_folder(folder / "out") as temporary:
    file.write_text("half")
    (temporary / "file").write_text("half")
    print("written", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_next_write_removes_what_a_killed_process_left(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        with atomic_file(tmp_path / "b.txt") as temporary:
            temporary.write_text("done")
        assert len(names(tmp_path)) == 3  # the files of a running process stay
        process.send_signal(number)
        process.wait(60)
    assert not (tmp_path / "a.txt").exists()
    with atomic_file(tmp_path / "b.txt") as temporary:
        temporary.write_text("done")
    assert names(tmp_path) == ["b.txt"]


def test_only_temporary_files_of_this_host_are_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)
    other = [".a.adq-another_host-" + str(ended.pid) + "-0.part", f".a.{ended.pid}.part", f".b.adq-x-{os.getpid()}"]
    for name in other:
        (tmp_path / name).write_text("keep")
    with atomic_file(tmp_path / "a") as temporary:
        temporary.write_text("done")
    assert names(tmp_path) == sorted([*other, "a"])
