"""The library: user data in its own folder, apart from the cache; data of earlier versions is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adq_core.errors import StorageError
from adq_core.storage import Library, Store, data_folder
from tests.store_records import ExampleRecord, example_record


def test_the_data_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADQ_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("ADQ_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "x"))
    assert data_folder() == tmp_path / "x" / "adq-explorer"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert data_folder() == tmp_path / "home" / ".local" / "share" / "adq-explorer"


def test_a_saved_record_outlives_the_cache(tmp_path: Path) -> None:
    cache = Store(tmp_path / "cache")
    assert Library(tmp_path / "data", cache).get(ExampleRecord, "k") is None
    Library(tmp_path / "data", cache).save(example_record())
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    found = Library(tmp_path / "data", Store(tmp_path / "cache")).get(ExampleRecord, "k")
    assert found is not None
    assert found.digest() == example_record().digest()
    assert (tmp_path / "data" / "example" / "k" / "record.json").is_file()


def test_a_record_of_an_earlier_version_is_copied_from_the_cache(tmp_path: Path) -> None:
    Store(tmp_path / "cache").get_or_compute(ExampleRecord, "k", example_record)
    found = Library(tmp_path / "data", Store(tmp_path / "cache")).get(ExampleRecord, "k")
    assert found is not None
    shutil.rmtree(tmp_path / "cache")
    found = Library(tmp_path / "data", Store(tmp_path / "cache")).get(ExampleRecord, "k")
    assert found is not None
    assert found.digest() == example_record().digest()


def test_files_of_an_earlier_version_are_copied_once(tmp_path: Path) -> None:
    earlier = tmp_path / "cache" / "trained"
    earlier.mkdir(parents=True)
    (earlier / "cats-encoder.safetensors").write_bytes(b"weights")
    library = Library(tmp_path / "data", Store(tmp_path / "cache"))
    folder = library.files("trained")
    assert folder == tmp_path / "data" / "trained"
    assert (folder / "cats-encoder.safetensors").read_bytes() == b"weights"
    (folder / "cats-encoder.safetensors").unlink()
    assert list(library.files("trained").iterdir()) == []  # a deleted file does not return
    assert (earlier / "cats-encoder.safetensors").is_file()  # links of earlier versions name this path


def test_a_folder_without_earlier_files_is_not_created(tmp_path: Path) -> None:
    assert Library(tmp_path / "data", Store(tmp_path / "cache")).files("trained") == tmp_path / "data" / "trained"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError) as caught:
        Library(tmp_path / "file" / "data").save(example_record())
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'file' / 'data' / 'locks'}: Not a directory. Free some space or name another "
        "folder with ADQ_DATA."
    )
