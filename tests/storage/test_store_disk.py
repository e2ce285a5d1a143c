"""The store when the disk fails: damaged files, a full disk, a folder that cannot be created."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adq_core.errors import StorageError
from adq_core.storage.store import Store, atomic_folder
from tests.store_records import ExampleRecord, example_record, must_not_compute, temporary_files

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", ["record.json", "values.npy"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\x93NUMPY\x01\x00v\x00{'descr': 'O'", b"\xff\xfe"])
def test_a_damaged_record_is_computed_again_and_saved(file: str, content: bytes, tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record)
    (tmp_path / "example" / "k" / file).write_bytes(content)
    assert Store(tmp_path).get(ExampleRecord, "k") is None
    assert Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record).digest() == example_record().digest()
    assert Store(tmp_path).get_or_compute(ExampleRecord, "k", must_not_compute).digest() == example_record().digest()
    assert temporary_files(tmp_path) == set()


def test_a_truncated_file_is_noticed(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record)
    folder = tmp_path / "example" / "k"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name, whole in files.items():
        for length in range(len(whole) - 1):
            folder.mkdir(exist_ok=True)
            for each, content in files.items():
                (folder / each).write_bytes(content[:length] if each == name else content)
            assert Store(tmp_path).get(ExampleRecord, "k") is None
            assert not folder.exists()


def test_a_missing_file_or_a_record_under_another_key_is_noticed(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record)
    folder = tmp_path / "example" / "k"
    folder.rename(folder.with_name("other"))
    assert Store(tmp_path).get(ExampleRecord, "other") is None
    folder.with_name("other").rename(folder)
    assert Store(tmp_path).get(ExampleRecord, "k") is not None
    (folder / "values.npy").unlink()
    assert Store(tmp_path).get(ExampleRecord, "k") is None


def test_a_record_of_an_earlier_version_is_computed_again(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record)
    path = tmp_path / "example" / "k" / "record.json"
    path.write_text(json.dumps({"key": "k", "gone": 1}))
    assert Store(tmp_path).get_or_compute(ExampleRecord, "k", example_record).digest() == example_record().digest()


def test_a_full_disk_is_an_error_and_the_result_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = Store(tmp_path)
    monkeypatch.setattr(np, "save", full)
    with pytest.raises(StorageError) as caught:
        store.get_or_compute(ExampleRecord, "k", example_record)
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'example' / 'k'}: No space left on device. Free some space or name another "
        "folder with --cache or ADQ_CACHE."
    )
    assert temporary_files(tmp_path) == set()
    assert not (tmp_path / "example" / "k").exists()
    assert store.get_or_compute(ExampleRecord, "k", must_not_compute).key == "k"  # the result is still in memory


LIMITED = """
import resource, signal, sys
import numpy as np
from adq_core.errors import StorageError
from adq_core.records import Texture
from adq_core.storage.store import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    Store(sys.argv[1]).get_or_compute(Texture, "k", lambda: Texture(values=np.zeros(100_000), key="k"))
except StorageError as error:
    print("StorageError", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on the size of files there")
def test_a_real_write_error_in_the_middle_of_a_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"StorageError Could not write {tmp_path / 'texture' / 'k'}: ")
    assert temporary_files(tmp_path) == set()
    assert not (tmp_path / "texture" / "k").exists()


def test_a_folder_that_cannot_be_created_is_an_error_before_the_computation(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "cache")
    assert store.get(ExampleRecord, "k") is None
    with pytest.raises(StorageError) as caught:
        store.get_or_compute(ExampleRecord, "k", must_not_compute)
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'file' / 'cache' / 'locks'}: Not a directory. Free some space or name another "
        "folder with --cache or ADQ_CACHE."
    )


def test_an_error_while_writing_leaves_no_folder(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_folder(tmp_path / "out") as aside:
            (aside / "half").write_text("done")
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert list(tmp_path.iterdir()) == []
