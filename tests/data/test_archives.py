"""Zip archives: like the folder in them; a dangerous archive is refused, a damaged file is skipped."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data.archives import zip_source
from adq_core.data.folder_files import folder_source
from adq_core.data.folders import dataset_from_source
from adq_core.errors import InputError


def png(value: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (12, 10), (value, value, 0)).save(file, "PNG")
    return file.getvalue()


FILES = {"cat/1.png": png(1), "cat/2.png": png(2), "dog/1.png": png(3)}


def zipped(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def text_of(path: Path, **limits: int) -> str:
    with pytest.raises(InputError) as error:
        zip_source(path, **limits)
    return str(error.value)


@pytest.mark.parametrize("top", ["", "pets/", "pets/v1/"])
def test_a_zip_is_the_folder_in_it(tmp_path: Path, top: str) -> None:
    for name, data in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder = dataset_from_source(folder_source(tmp_path / "folder"))
    extra = {"__MACOSX/pets/._1.png": b"x", ".DS_Store": b"x"}
    archive = dataset_from_source(
        zip_source(zipped(tmp_path / "a.zip", {top + k: v for k, v in FILES.items()} | extra))
    )
    assert archive.key == folder.key
    assert archive.ids == folder.ids == tuple(FILES)
    assert archive.skipped == ()
    for row in range(3):
        np.testing.assert_array_equal(archive.read(row), folder.read(row))


def test_backslashes_separate_folders(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {name.replace("/", "\\"): data for name, data in FILES.items()})
    assert dataset_from_source(zip_source(path)).ids == tuple(FILES)


def test_threads_can_read_at_the_same_time(tmp_path: Path) -> None:
    files = {f"x/{i:03d}.png": png(i) for i in range(60)}
    data = dataset_from_source(zip_source(zipped(tmp_path / "a.zip", files)))
    with ThreadPoolExecutor(8) as pool:
        reds = list(pool.map(lambda row: int(data.read(row)[0, 0, 0]), [*range(60)] * 5))
    assert reds == [*range(60)] * 5


@pytest.mark.parametrize("name", ["../evil.png", "cat/../../evil.png", "/etc/evil.png", "C:/evil.png", "..\\evil.png"])
def test_an_archive_with_a_path_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", FILES | {name: png(0)})
    shown = name.replace("\\", "/")
    assert text_of(path) == f"a.zip must contain only files inside it, but {shown!r} points outside. Pack it again."
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES | {"cat/bomb.png": bytes(2**22)})
    assert path.stat().st_size < 2**14
    assert text_of(path, max_bytes=2**21) == (
        "a.zip must unpack to at most 0.00195 GB, got 0.00391 GB. Unpack it, if you trust it, and give the folder."
    )
    assert text_of(path, max_files=2) == (
        "a.zip must have at most 2 files, got 4. Unpack it, if you trust it, and give the folder."
    )


def test_a_file_that_is_larger_than_its_stated_size_is_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES | {"cat/3.png": bytes(2**20)})
    data = path.read_bytes()
    size, lie = (2**20).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, lie))
    opened = dataset_from_source(zip_source(path))
    assert len(opened) == 3
    assert [(left.id, left.reason.split("(")[0]) for left in opened.skipped] == [
        ("cat/3.png", "is damaged inside the archive ")
    ]


def test_only_the_damaged_file_is_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    at = data.find(FILES["cat/2.png"]) + 50
    data[at] ^= 255
    path.write_bytes(data)
    opened = dataset_from_source(zip_source(path))
    assert opened.ids == ("cat/1.png", "dog/1.png")
    assert [(left.id, left.reason) for left in opened.skipped] == [
        ("cat/2.png", "is damaged inside the archive (Bad CRC-32)")
    ]


def test_an_encrypted_file_is_skipped(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", FILES)
    data = bytearray(path.read_bytes())
    table = data.find(b"PK\x01\x02")
    data[table + 8] |= 1  # the flag of the first entry in the archive's table
    path.write_bytes(data)
    opened = dataset_from_source(zip_source(path))
    assert [(left.id, left.reason) for left in opened.skipped] == [("cat/1.png", "is encrypted")]


def test_a_file_that_is_not_an_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"hello")
    assert text_of(tmp_path / "a.zip") == (
        "a.zip must be a zip archive, but cannot be read as one: File is not a zip file."
    )
