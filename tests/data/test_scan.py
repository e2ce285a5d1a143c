"""Files are read once, remembered, and left out with a reason; nothing half done stays behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data.scan import Source, file_digest, scan
from adq_core.errors import Cancelled, InputError, StorageError


def png(value: int, size: tuple[int, int] = (20, 10)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (value, 0, 0)).save(file, "PNG")
    return file.getvalue()


class Shelf:
    """Files in a dictionary, and how often each was read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.reads = files, dict.fromkeys(files, 0)

    def source(self) -> Source:
        def read_bytes(name: str) -> bytes:
            self.reads[name] += 1
            if name not in self.files:
                raise FileNotFoundError(2, "No such file or directory", f"/somewhere/{name}")
            return self.files[name]

        return Source("shelf", "a shelf", {name: file_digest(data) for name, data in self.files.items()}, read_bytes)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({f"{i:02d}.png": png(i) for i in range(30)})


def paths_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("cached", [True, False])
def test_each_file_is_read_once_and_its_thumbnail_kept(shelf: Shelf, tmp_path: Path, cached: bool) -> None:
    seen = scan(shelf.source(), list(shelf.files), tmp_path if cached else None)
    assert set(shelf.reads.values()) == {1}
    assert seen.files == tuple(shelf.files)
    assert seen.sizes.tolist() == [[10, 20]] * 30
    assert seen.digests == tuple(file_digest(data) for data in shelf.files.values())
    assert seen.thumbnails.shape == (30, 64, 64, 3)
    assert seen.thumbnails[:, 5, 5, 0].tolist() == list(range(30))
    assert bool(paths_in(tmp_path)) == cached


def test_a_second_scan_reads_nothing_until_something_changes(shelf: Shelf, tmp_path: Path) -> None:
    first = scan(shelf.source(), list(shelf.files), tmp_path)
    again = scan(shelf.source(), list(shelf.files), tmp_path)
    assert set(shelf.reads.values()) == {1}
    assert (again.files, again.digests, again.skipped) == (first.files, first.digests, first.skipped)
    np.testing.assert_array_equal(again.thumbnails, first.thumbnails)

    shelf.files["07.png"] = png(200)
    changed = scan(shelf.source(), list(shelf.files), tmp_path)
    assert changed.thumbnails[7, 5, 5, 0] == 200
    assert first.thumbnails[7, 5, 5, 0] == 7  # whoever has the earlier state open still sees it
    place = next((tmp_path / "scans").iterdir())
    assert len(list(place.iterdir())) == 1  # and the earlier state takes no more room


def test_a_damaged_memory_is_made_anew(shelf: Shelf, tmp_path: Path) -> None:
    scan(shelf.source(), list(shelf.files), tmp_path)
    for damage in ("scan.json", "thumbnails.bin"):
        next(tmp_path.rglob(damage)).write_bytes(b"{")
        assert len(scan(shelf.source(), list(shelf.files), tmp_path).files) == 30
    assert set(shelf.reads.values()) == {3}


def test_a_scan_that_is_stopped_leaves_nothing_and_reads_no_further(shelf: Shelf, tmp_path: Path) -> None:
    def stop(done: int, total: int, what: str) -> None:
        assert (total, what) == (30, "reading images")
        if done == 3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        scan(shelf.source(), list(shelf.files), tmp_path, stop)
    assert [path for path in paths_in(tmp_path) if "thumbnails" in path or "json" in path] == []
    assert [path for path in tmp_path.rglob("*") if path.name.startswith(".")] == []
    assert sum(shelf.reads.values()) < 20


def test_a_cache_that_cannot_be_written_is_said(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file, not a folder")
    with pytest.raises(StorageError) as error:
        scan(shelf.source(), list(shelf.files), tmp_path / "cache")
    assert str(error.value).startswith(f"Could not write {tmp_path}/cache/scans/")
    assert str(error.value).endswith(
        ": Not a directory. Free some space or name another folder with --cache or ADQ_CACHE."
    )


@pytest.mark.parametrize("cached", [True, False])
def test_a_disk_that_takes_no_more_is_said_and_nothing_is_left(shelf: Shelf, tmp_path: Path, cached: bool) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))  # the thumbnails take 368,640 bytes
    try:
        with pytest.raises(StorageError, match=r"^Could not write .*: File too large. Free some space or name "):
            scan(shelf.source(), list(shelf.files), tmp_path if cached else None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_progress_counts_every_file(shelf: Shelf) -> None:
    told: list[int] = []
    scan(shelf.source(), list(shelf.files), None, lambda done, total, what: told.append(done))
    assert told == list(range(1, 31))


def test_what_cannot_be_read_is_left_out_with_its_reason(shelf: Shelf, tmp_path: Path) -> None:
    source = shelf.source()
    shelf.files |= {"05.png": b"", "06.png": png(1)[:-30]}
    del shelf.files["07.png"]
    for _ in range(2):  # the second time from the cache
        seen = scan(source, list(source.stamps), tmp_path)
        assert len(seen.files) == 27
        assert [(left.id, left.reason) for left in seen.skipped] == [
            ("05.png", "is empty"),
            ("06.png", "is cut off (image file is truncated)"),
            ("07.png", "cannot be read (No such file or directory)"),
        ]


def test_nothing_readable_is_one_sentence() -> None:
    shelf = Shelf({f"{i}.png": b"" for i in range(5)})
    with pytest.raises(InputError) as error:
        scan(shelf.source(), list(shelf.files))
    assert str(error.value) == (
        "None of the 5 image files in shelf can be read: 0.png is empty; 1.png is empty; 2.png is empty; and 2 more."
    )


def spoil(shelf: Shelf) -> None:
    shelf.files["00.png"] = png(99)


def lose(shelf: Shelf) -> None:
    del shelf.files["00.png"]


@pytest.mark.parametrize(
    ("mishap", "text"),
    [
        (spoil, "00.png of shelf has changed since the data set was opened. Open it again."),
        (lose, "00.png of shelf can no longer be read (cannot be read (No such file or directory)). Put it back."),
    ],
)
def test_a_file_that_changed_after_the_scan_is_noticed(
    shelf: Shelf, mishap: Callable[[Shelf], None], text: str
) -> None:
    source = shelf.source()
    digest = file_digest(shelf.files["00.png"])
    assert source.read_image("00.png", digest).shape == (10, 20, 3)
    mishap(shelf)
    with pytest.raises(InputError) as error:
        source.read_image("00.png", digest)
    assert str(error.value) == text


def test_two_places_with_the_same_files_do_not_share_what_is_remembered(shelf: Shelf, tmp_path: Path) -> None:
    scan(shelf.source(), list(shelf.files), tmp_path)
    scan(replace(shelf.source(), place="another shelf"), list(shelf.files), tmp_path)
    assert set(shelf.reads.values()) == {2}
    assert len(list((tmp_path / "scans").iterdir())) == 2
