"""`problems_of` names every file that is missing, changed or new."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from adq_core.errors import InputError
from adq_core.export import Subset, problems_of
from tests.export.exported import exported


@pytest.fixture
def folder(subset: Subset, tmp_path: Path) -> Path:
    return exported(subset, "imagefolder", tmp_path / "out")


def texts(path: Path) -> list[str]:
    return [str(problem) for problem in problems_of(path)]


def test_a_changed_file_is_named(folder: Path) -> None:
    data = bytearray((folder / "cat" / "2.jpg").read_bytes())
    data[100] ^= 1
    (folder / "cat" / "2.jpg").write_bytes(data)
    assert texts(folder) == ["cat/2.jpg has changed: another content"]
    (folder / "cat" / "2.jpg").write_bytes(data[:-1])
    assert texts(folder) == [f"cat/2.jpg has changed: {len(data) - 1:,} bytes instead of {len(data):,}"]


def test_a_missing_file_and_a_new_one_are_named(folder: Path) -> None:
    (folder / "cat" / "2.jpg").rename(folder / "cat" / "3.jpg")
    assert texts(folder) == ["cat/2.jpg is missing", "cat/3.jpg is not part of the export"]


def test_hidden_files_do_not_count(folder: Path) -> None:
    (folder / ".DS_Store").write_text("x")
    (folder / "cat" / ".hidden").write_text("x")
    assert texts(folder) == []


def test_a_link_to_a_missing_file_is_missing(subset: Subset, pictures: Path, tmp_path: Path) -> None:
    from tests.export.exported import subset_of

    copy = shutil.copytree(pictures, tmp_path / "pics")
    path = exported(subset_of(copy), "imagefolder", tmp_path / "links", links="symbolic")
    assert texts(path) == []
    shutil.rmtree(copy / "dog")
    expected = {f"dog/{file.name} is missing" for file in (path / "dog").iterdir()}
    assert len(expected) > 3
    assert set(texts(path)) == expected


def test_other_numbers_of_images_are_named(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["export"]["images"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (text,) = texts(folder)
    assert text.startswith("manifest.json states different numbers of images: ")


@pytest.mark.parametrize("name", ["hf-parquet", "webdataset", "imagefolder", "parquet", "npy"])
def test_a_table_with_fewer_rows_is_named_even_if_its_digest_is_listed(
    name: str, subset: Subset, tmp_path: Path
) -> None:
    path = exported(subset, name, tmp_path / "out")
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    for part in ("selected", "export"):
        manifest[part]["images"] += 2
    manifest["selected"]["classes"]["cat"] += 2
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (problem,) = problems_of(path)
    assert problem.kind == "count"
    assert str(problem).endswith(f"has {len(subset):,} images, and the manifest states {len(subset) + 2:,}")


def test_a_zip_is_verified_in_place(subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, "zip", tmp_path / "out.zip")
    assert texts(path) == []
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            if name == "cat/2.jpg":
                new.writestr("cat/new.jpg", old.read(name))
            else:
                new.writestr(name, old.read(name) + (b"x" if name == "README.md" else b""))
    size = zipfile.ZipFile(path).getinfo("README.md").file_size
    assert sorted(texts(other)) == [
        f"README.md has changed: {size + 1:,} bytes instead of {size:,}",
        "cat/2.jpg is missing",
        "cat/new.jpg is not part of the export",
    ]
    data = bytearray(path.read_bytes())
    data[200] ^= 255
    path.write_bytes(data)
    assert len(texts(path)) == 1


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "C:/x", "a\\b", ""])
def test_a_manifest_cannot_name_files_elsewhere(name: str, folder: Path) -> None:
    (folder.parent / "secret").write_text("x")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert texts(folder) == [f"{name} is missing"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": []}', '{"files": {}}', "[" * 100_000])
def test_a_manifest_of_another_form_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(
        InputError, match=r"The manifest\.json of .* must be a JSON object with the files of an export\."
    ):
        problems_of(tmp_path)


def test_other_paths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must be an export with a manifest\.json: No such file"):
        problems_of(tmp_path / "nothing")
    (tmp_path / "text.txt").write_text("x")
    with pytest.raises(InputError, match=r"must be an export: a folder or a \.zip with a manifest\.json"):
        problems_of(tmp_path / "text.txt")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(InputError, match="but the zip has none"):
        problems_of(tmp_path / "empty.zip")


def test_entries_of_another_form_count_as_changed(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["cat/2.jpg"] = 5
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert texts(folder) == ["cat/2.jpg has changed: another content"]
