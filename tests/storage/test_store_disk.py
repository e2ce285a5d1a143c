"""The store on a disk with moods: damaged files, a full disk, a folder that cannot be made."""

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
from tests.things import Thing, left_in, never, thing

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", ["record.json", "values.npy"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\x93NUMPY\x01\x00v\x00{'descr': 'O'", b"\xff\xfe"])
def test_a_damaged_record_is_made_again_and_kept(file: str, content: bytes, tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(Thing, "k", thing)
    (tmp_path / "thing" / "k" / file).write_bytes(content)
    assert Store(tmp_path).get(Thing, "k") is None
    assert Store(tmp_path).get_or_compute(Thing, "k", thing).digest() == thing().digest()
    assert Store(tmp_path).get_or_compute(Thing, "k", never).digest() == thing().digest()
    assert left_in(tmp_path) == set()


def test_a_file_cut_short_anywhere_is_noticed(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(Thing, "k", thing)
    for path in (tmp_path / "thing" / "k").iterdir():
        whole = path.read_bytes()
        for length in range(len(whole) - 1):
            path.write_bytes(whole[:length])
            assert Store(tmp_path).get(Thing, "k") is None
        path.write_bytes(whole)


def test_a_file_that_is_missing_or_a_record_under_anothers_name(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(Thing, "k", thing)
    folder = tmp_path / "thing" / "k"
    folder.rename(folder.with_name("other"))
    assert Store(tmp_path).get(Thing, "other") is None
    folder.with_name("other").rename(folder)
    assert Store(tmp_path).get(Thing, "k") is not None
    (folder / "values.npy").unlink()
    assert Store(tmp_path).get(Thing, "k") is None


def test_a_record_of_an_older_layout_is_made_again(tmp_path: Path) -> None:
    Store(tmp_path).get_or_compute(Thing, "k", thing)
    path = tmp_path / "thing" / "k" / "record.json"
    path.write_text(json.dumps({"key": "k", "gone": 1}))
    assert Store(tmp_path).get_or_compute(Thing, "k", thing).digest() == thing().digest()


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = Store(tmp_path)
    monkeypatch.setattr(np, "save", full)
    with pytest.raises(StorageError) as caught:
        store.get_or_compute(Thing, "k", thing)
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'thing' / 'k'}: No space left on device. Free some space or name another folder "
        "with --cache or ADQ_CACHE."
    )
    assert left_in(tmp_path) == set()
    assert not (tmp_path / "thing" / "k").exists()
    assert store.get_or_compute(Thing, "k", never).key == "k"  # what was computed is still in memory


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
def test_a_real_refusal_in_the_middle_of_a_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"StorageError Could not write {tmp_path / 'texture' / 'k'}: ")
    assert left_in(tmp_path) == set()
    assert not (tmp_path / "texture" / "k").exists()


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "cache")
    assert store.get(Thing, "k") is None
    with pytest.raises(StorageError) as caught:
        store.get_or_compute(Thing, "k", never)
    assert str(caught.value) == (
        f"Could not write {tmp_path / 'file' / 'cache' / 'locks'}: Not a directory. Free some space or name another "
        "folder with --cache or ADQ_CACHE."
    )


def test_what_fails_while_writing_leaves_no_folder(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_folder(tmp_path / "out") as aside:
            (aside / "half").write_text("done")
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert list(tmp_path.iterdir()) == []
