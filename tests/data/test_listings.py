"""An unchanged folder opens from its stored listing; a change of a directory or a file is noticed."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adq_core.cli import main
from adq_core.data import FileChanges, ImageDataset, open_dataset
from adq_core.data import open as opening
from adq_core.data.folders import image_folder as folders


def write(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (9, 7), (value, 0, 0)).save(path)


def rewrite(path: Path, value: int) -> None:
    """Write a file again in place: its directory does not change."""
    before = path.parent.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.truncate()
        Image.new("RGB", (9, 7), (value, 0, 0)).save(file, "PNG")
    os.utime(path, ns=(1, before + 10**9 + value))
    assert path.parent.stat().st_mtime_ns == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pets"
    for number in range(6):
        write(root / ("2" if number % 2 else "10") / f"{number}.png", number)
    (root / "2" / "broken.png").write_bytes(b"no image")
    (root / "2" / "raw.cr2").write_bytes(b"no image")
    (root / "notes.txt").write_text("text")
    return root


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def values(data: ImageDataset) -> dict[str, Any]:
    """Return what two openings of the same files must have in common."""
    plain = {"name", "ids", "class_names", "skipped", "key", "paths", "description"}
    found = {name: value for name, value in vars(data).items() if name in plain}
    found |= {name: getattr(data, name).tolist() for name in ("labels", "sizes", "thumbnails", "held_out")}
    return found | {"pixels": [data.read(row).tolist() for row in range(len(data))]}


def forbid(monkeypatch: pytest.MonkeyPatch, *functions: tuple[Any, str]) -> None:
    def called(*args: Any, **options: Any) -> Any:
        raise AssertionError("must not be called")

    for module, name in functions:
        monkeypatch.setattr(module, name, called)


@pytest.mark.parametrize("verify", [True, False])
def test_an_unchanged_folder_opens_from_the_listing(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, verify: bool
) -> None:
    first = open_dataset(str(folder), cache=cache)
    assert len(first.skipped) == 2
    forbid(monkeypatch, (folders, "scan"), (opening, "dataset_from_source"))
    if not verify:
        forbid(monkeypatch, (opening, "folder_source"))
    again = open_dataset(str(folder), cache=cache, verify=verify)
    assert values(again) == values(first)
    assert first.check_files is not None
    assert again.check_files is not None
    assert not first.check_files()
    assert not again.check_files()


def test_a_listing_has_the_lists_of_a_data_set_with_unusual_names(cache: Path, tmp_path: Path) -> None:
    root = tmp_path / "odd"
    for name in ("only/a b/\n.png", "only/a b/ü.png", "only/1/\x01.png"):
        write(root / name, 3)
    if os.name == "posix":
        undecodable = os.path.join(os.fsencode(root), b"only/1/\xff.png")
        shutil.copy(root / "only/1/\x01.png", undecodable)
    first = open_dataset(str(root), cache=cache)
    again = open_dataset(str(root), cache=cache, verify=False)
    assert values(again) == values(first)
    assert "only" not in str(again.ids)
    check = again.check_files
    assert check is not None
    assert check() == FileChanges()


def test_the_first_opening_does_not_need_a_cache(folder: Path) -> None:
    assert open_dataset(str(folder), verify=False).check_files is None


CHANGES: dict[str, Callable[[Path], Any]] = {
    "a new file": lambda root: write(root / "2" / "new.png", 77),
    "a removed file": lambda root: (root / "10" / "0.png").unlink(),
    "a renamed file": lambda root: (root / "10" / "0.png").rename(root / "10" / "00.png"),
    "a file in another class": lambda root: (root / "10" / "0.png").rename(root / "2" / "0.png"),
    "a new class": lambda root: write(root / "cat" / "new.png", 77),
    "a renamed class": lambda root: (root / "2").rename(root / "3"),
    "a file replaced": lambda root: [write(root / "x.png", 99), (root / "x.png").replace(root / "10" / "0.png")],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("verify", [True, False])
def test_a_changed_directory_is_listed_again(folder: Path, cache: Path, change: str, verify: bool) -> None:
    first = open_dataset(str(folder), cache=cache)
    CHANGES[change](folder)
    for _ in range(2):
        again = open_dataset(str(folder), cache=cache, verify=verify)
        assert again.key != first.key
        assert values(again) == values(open_dataset(str(folder)))


def test_a_directory_with_the_old_time_and_another_number_of_entries_is_listed_again(folder: Path, cache: Path) -> None:
    times = (folder / "2").stat()
    first = open_dataset(str(folder), cache=cache)
    write(folder / "2" / "new.png", 77)
    os.utime(folder / "2", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert len(open_dataset(str(folder), cache=cache, verify=False)) == len(first) + 1


def test_a_touched_directory_is_compared_once(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_dataset(str(folder), cache=cache)
    os.utime(folder / "2", ns=(5, 5))
    forbid(monkeypatch, (folders, "scan"))
    assert open_dataset(str(folder), cache=cache, verify=False).key == first.key
    forbid(monkeypatch, (opening, "folder_source"))
    assert open_dataset(str(folder), cache=cache, verify=False).check_files is not None


def test_a_file_written_again_is_noticed_by_an_opening_that_verifies(folder: Path, cache: Path) -> None:
    first = open_dataset(str(folder), cache=cache)
    rewrite(folder / "10" / "4.png", 200)
    again = open_dataset(str(folder), cache=cache)
    assert again.key != first.key
    assert values(again) == values(open_dataset(str(folder)))


def test_a_file_written_again_is_noticed_by_the_check_and_read_at_the_next_opening(folder: Path, cache: Path) -> None:
    first = open_dataset(str(folder), cache=cache)
    rewrite(folder / "10" / "4.png", 200)
    stale = open_dataset(str(folder), cache=cache, verify=False)
    assert stale.key == first.key  # the directories have not changed
    check = stale.check_files
    assert check is not None
    assert check() == FileChanges(changed=("10/4.png",))
    again = open_dataset(str(folder), cache=cache, verify=False)
    assert again.key != first.key
    assert again.check_files is not None
    assert not again.check_files()


def test_the_check_names_changed_new_and_missing_files(folder: Path, cache: Path) -> None:
    open_dataset(str(folder), cache=cache)
    check = open_dataset(str(folder), cache=cache, verify=False).check_files
    assert check is not None
    assert not check()
    rewrite(folder / "2" / "1.png", 200)
    write(folder / "cat" / "new.png", 1)
    (folder / "10" / "0.png").unlink()
    (folder / "2" / "notes.txt").write_text("no image")
    copy = pickle.loads(pickle.dumps(check))
    expected = FileChanges(changed=("2/1.png",), new=("cat/new.png",), missing=("10/0.png",))
    assert check() == copy() == expected


def test_the_command_line_computes_nothing_from_a_stale_listing(
    folder: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--embeddings", "pixels", "--projection", "pca", "--diversity", "vendi", "--n-bins", "2"]
    command = ["run", str(folder), "--cache", str(cache), *options]
    assert main([*command, "--out", str(tmp_path / "one")]) == 0
    rewrite(folder / "10" / "4.png", 200)
    assert main([*command, "--out", str(tmp_path / "two")]) == 0
    keys = [(tmp_path / name / "manifest.json").read_text() for name in ("one", "two")]
    assert open_dataset(str(folder)).key in keys[1]
    assert open_dataset(str(folder)).key not in keys[0]
    capsys.readouterr()


def test_a_table_of_labels_has_a_listing_of_its_own_and_a_changed_table_is_read(folder: Path, cache: Path) -> None:
    table = folder.parent / "labels.csv"
    names = [f"{'2' if number % 2 else '10'}/{number}.png" for number in range(6)]

    def labelled(*labels: str) -> None:
        rows = [f"{name},{labels[number % len(labels)]}" for number, name in enumerate([*names, "2/broken.png"])]
        table.write_text("file,label\n" + "\n".join(rows))

    plain = open_dataset(str(folder), cache=cache)
    labelled("dog", "cat")
    first = open_dataset(str(folder), cache=cache, labels=str(table))
    assert first.class_names == ("cat", "dog")
    again = open_dataset(str(folder), cache=cache, labels=str(table), verify=False)
    assert values(again) == values(first)
    for path in (str(table), None):  # neither replaces the listing of the other
        assert open_dataset(str(folder), cache=cache, labels=path, verify=False).check_files is not None
    labelled("dog", "cat", "owl")
    assert open_dataset(str(folder), cache=cache, labels=str(table), verify=False).class_names == ("cat", "dog", "owl")
    assert open_dataset(str(folder), cache=cache, verify=False).key == plain.key


@pytest.mark.parametrize(
    "file",
    ["files.txt", "digests.txt", "found.txt", "fingerprints.txt", "labels.npy", "sizes.npy", "listing.json", "array"],
)
@pytest.mark.parametrize("damage", ["removed", "cut off"])
def test_a_damaged_listing_is_replaced(folder: Path, cache: Path, file: str, damage: str) -> None:
    first = open_dataset(str(folder), cache=cache)
    path = next(cache.rglob("thumbnails.bin" if file == "array" else file))
    content = path.read_bytes()
    path.unlink()  # a new file, because the old one may be mapped by this process
    if damage == "cut off":
        path.write_bytes(content[: len(content) // 2])
    for verify in (False, True):
        assert values(open_dataset(str(folder), cache=cache, verify=verify)) == values(first)
    assert path.exists()


def test_the_cache_may_be_moved(folder: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_dataset(str(folder), cache=cache)
    moved = cache.rename(tmp_path / "moved")
    forbid(monkeypatch, (folders, "scan"))
    assert values(open_dataset(str(folder), cache=moved, verify=False)) == values(first)


def test_a_stored_key_is_not_computed_again(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_dataset(str(folder), cache=cache)
    forbid(monkeypatch, (folders, "content_digest"))
    assert open_dataset(str(folder), cache=cache, verify=False).key == first.key


def test_arrays_of_a_stored_data_set_cannot_be_written(folder: Path, cache: Path) -> None:
    open_dataset(str(folder), cache=cache)
    data = open_dataset(str(folder), cache=cache, verify=False)
    assert not data.labels.flags.writeable
    assert not data.sizes.flags.writeable
    assert data.labels.dtype == data.sizes.dtype == np.int64
