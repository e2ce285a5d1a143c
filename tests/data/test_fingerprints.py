"""A file that is written again with the old size and the old time is another file."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data import forget_folder, open_dataset
from adq_core.data.folders import folder_files
from adq_core.digests import file_digest, file_fingerprint
from adq_core.errors import FilesChangedError

OTHER = b"y" * 1000


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(OTHER)


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(OTHER)
    other.replace(path)


@pytest.mark.parametrize("change", [overwrite, replace])
def test_equal_size_and_time_do_not_hide_a_change(change: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1000)
    before, digest = path.stat(), file_digest(path)
    later = time.monotonic() + 5
    while file_fingerprint(path.stat()) == file_fingerprint(before):  # the clock of a file system has coarse steps
        change(path)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert time.monotonic() < later
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert file_digest(path) != digest


def status(**values: int) -> os.stat_result:
    fields = {"st_mode": 0o100644, "st_ino": 1, "st_size": 5, "st_mtime_ns": 7, "st_ctime_ns": 8} | values
    return type("Status", (), fields)()  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["st_mode", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns"])
def test_every_value_counts(name: str) -> None:
    assert file_fingerprint(status()) == file_fingerprint(status())
    assert file_fingerprint(status(**{name: 0o777})) != file_fingerprint(status())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(4):
        path = tmp_path / "pets" / "a" / "b" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, number)
    return tmp_path / "pets"


def write(path: Path, seed: int) -> None:
    """Write an image; all images have the same size in bytes and the same time."""
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(path, "BMP")
    os.utime(path, ns=(5, 5))


@pytest.mark.parametrize("verify", [True, False])
def test_a_picture_of_equal_size_and_time_is_read_again(folder: Path, tmp_path: Path, verify: bool) -> None:
    cache, path = tmp_path / "cache", folder / "a" / "b" / "0.png"
    first = open_dataset(str(folder), cache=cache)
    write(path, 99)
    data = open_dataset(str(folder), cache=cache, verify=verify)
    if not verify:
        assert data.check_files is not None
        assert data.check_files().changed == ("a/b/0.png",)
        data = open_dataset(str(folder), cache=cache, verify=False)
    assert data.key != first.key
    np.testing.assert_array_equal(data.read(0), np.asarray(Image.open(path)))


def test_a_file_deep_down_with_the_old_times_of_all_folders_is_found(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = open_dataset(str(folder), cache=cache)
    assert first.check_files is not None
    places = [folder, folder / "a", folder / "a" / "b"]
    times = [place.stat().st_mtime_ns for place in places]
    write(folder / "a" / "b" / "new.png", 50)
    (folder / "a" / "b" / "0.png").unlink()  # the number of entries is the old one
    for place, modified in zip(places, times, strict=True):
        os.utime(place, ns=(modified, modified))
    assert first.check_files().new == ("a/b/new.png",)
    open_dataset(str(folder), cache=cache)
    again = open_dataset(str(folder), cache=cache, verify=False)
    assert "new.png" in " ".join(again.ids)


def test_a_change_that_no_fingerprint_shows_is_read_at_the_next_opening(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_files, "file_fingerprint", lambda status: "always the same")
    cache, path = tmp_path / "cache", folder / "a" / "b" / "0.png"
    open_dataset(str(folder), cache=cache)
    write(path, 99)
    data = open_dataset(str(folder), cache=cache)
    with pytest.raises(FilesChangedError, match="has changed since the data set was opened"):
        data.read(0)
    again = open_dataset(str(folder), cache=cache)
    np.testing.assert_array_equal(again.read(0), np.asarray(Image.open(path)))


def test_a_forgotten_folder_is_not_in_the_cache_any_more(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(folder, tmp_path / "other")
    for name in (folder, tmp_path / "other"):
        open_dataset(str(name), cache=cache)
    assert len(list(cache.glob("scans/*/*"))) == len(list(cache.glob("listings/*"))) == 2
    forget_folder(cache, folder)
    assert len(list(cache.glob("scans/*/*"))) == len(list(cache.glob("listings/*"))) == 1
    shutil.rmtree(tmp_path / "other")
    assert len(open_dataset(str(tmp_path / "other"), cache=cache)) == 4
