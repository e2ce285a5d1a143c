"""An export appears complete or not at all, and replaces nothing by accident."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adq_core.data import open_dataset
from adq_core.errors import Cancelled, InputError, SettingsError, StorageError
from adq_core.export import FORMATS, ExportOptions, Subset, estimate, format_of, problems_of, write_export
from adq_core.export.sinks import FolderSink, HashingFile, ZipSink
from adq_core.storage import remove_scratch
from tests.export.exported import exported, subset_of
from tests.fakes import Cancels

ROOT = Path(__file__).parents[2]
WITH_IMAGES = ["imagefolder", "zip", "webdataset", "hf-parquet", "fiftyone"]


def place(folder: Path, name: str) -> Path:
    return folder / ("out.zip" if FORMATS[name].is_zip else "out")


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", FORMATS)
def test_the_manifest_lists_every_file(name: str, subset: Subset, tmp_path: Path) -> None:
    path = exported(subset, name, place(tmp_path, name), croissant=True)
    assert problems_of(path) == []
    assert everything(tmp_path)[0] in ("out", "out.zip")
    if path.is_dir():
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        files = {file for file in everything(path) if (path / file).is_file()}
        assert set(manifest["files"]) == files - {"manifest.json"}
        assert manifest["export"]["format"] == name
        assert manifest["export"]["images"] == len(subset) == manifest["selected"]["images"]
        assert manifest["settings"] == subset.manifest["settings"], "so that the run can be repeated"


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_subset_gives_the_same_bytes(name: str, subset: Subset, tmp_path: Path) -> None:
    first = exported(subset, name, place(tmp_path / "a", name), croissant=True)
    second = exported(subset, name, place(tmp_path / "b", name), croissant=True)
    files = [first] if first.is_file() else [file for file in first.rglob("*") if file.is_file()]
    for file in files:
        assert file.read_bytes() == (second / file.relative_to(first) if first.is_dir() else second).read_bytes()


@pytest.mark.parametrize("name", WITH_IMAGES)
@pytest.mark.parametrize("at", [1, 12, 32])
def test_a_cancelled_export_leaves_nothing(name: str, at: int, subset: Subset, tmp_path: Path) -> None:
    progress = Cancels(at)
    with pytest.raises(Cancelled):
        write_export(subset, name, place(tmp_path, name), cache=tmp_path / "cache", progress=progress)
    assert progress.calls == at
    assert [entry for entry in everything(tmp_path) if not entry.startswith("cache")] == []
    assert everything(tmp_path / "cache") == ["places"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    name: str, subset: Subset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0

    def full(data: bytes) -> None:
        nonlocal written
        written += len(data)
        if written > 6_000:
            raise OSError(errno.ENOSPC, "No space left on device")

    def limited(sink: type) -> None:
        add, write = sink.add, HashingFile.write
        monkeypatch.setattr(sink, "add", lambda me, name, data, source=None: (full(data), add(me, name, data, source)))
        monkeypatch.setattr(HashingFile, "write", lambda me, data: (full(bytes(data)), write(me, data))[1])

    limited(ZipSink if FORMATS[name].is_zip else FolderSink)
    with pytest.raises(StorageError) as caught:
        write_export(subset, name, place(tmp_path, name), options=ExportOptions(croissant=True))
    assert str(caught.value).startswith(f"Could not write {place(tmp_path, name)}: No space left on device. Free some")
    assert str(caught.value).endswith("space or name another folder with --to.")
    assert everything(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from adq_core.export import write_export
from tests.export.exported import subset_of

subset = subset_of(sys.argv[1], cache=Path(sys.argv[2]))
def progress(done, total, what):
    if what == "images" and done == 20:
        os.kill(os.getpid(), signal.SIGKILL)
write_export(subset, sys.argv[3], Path(sys.argv[4]), overwrite=True, cache=Path(sys.argv[2]), progress=progress)
"""


def kill_in_the_middle(pictures: Path, name: str, target: Path, cache: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", KILLED, str(pictures), str(cache), name, str(target)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=300)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
@pytest.mark.parametrize("name", ["imagefolder", "zip", "webdataset"])
def test_after_a_kill_the_next_start_removes_the_temporary_files(
    name: str, subset: Subset, pictures: Path, tmp_path: Path
) -> None:
    target, cache = place(tmp_path / "out here", name), tmp_path / "cache"
    kill_in_the_middle(pictures, name, target, cache)
    left = list(target.parent.iterdir())
    assert len(left) == 1
    assert left[0].name.endswith(".part"), "nothing has the final name"
    remove_scratch(cache)  # called at the start of every program
    assert list(target.parent.iterdir()) == []
    assert list((cache / "places").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_kill_while_replacing_keeps_the_earlier_export(subset: Subset, pictures: Path, tmp_path: Path) -> None:
    target, cache = tmp_path / "out", tmp_path / "cache"
    exported(subset, "csv", target)
    before = {file.name: file.read_bytes() for file in target.iterdir()}
    kill_in_the_middle(pictures, "imagefolder", target, cache)
    assert {file.name: file.read_bytes() for file in target.iterdir()} == before
    write_export(subset, "imagefolder", target, overwrite=True)
    assert problems_of(target) == []
    assert not (target / "selected.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "out"]


def test_an_export_that_was_moved_aside_when_a_process_was_killed_is_put_back(subset: Subset, tmp_path: Path) -> None:
    target = exported(subset, "csv", tmp_path / "out")
    target.rename(tmp_path / ".out.adq-previous")
    with pytest.raises(Cancelled):
        write_export(subset, "imagefolder", target, progress=Cancels(3))
    assert problems_of(target) == []


def test_the_places_of_a_running_process_stay(subset: Subset, tmp_path: Path) -> None:
    cache, seen = tmp_path / "cache", []

    def progress(done: int, total: int, what: str) -> None:
        remove_scratch(cache)
        seen.append(sorted(path.name for path in (tmp_path / "sub").iterdir()))

    write_export(subset, "imagefolder", tmp_path / "sub" / "out", cache=cache, progress=progress)
    assert all(len(names) == 1 and names[0].endswith(".part") for names in seen)
    assert problems_of(tmp_path / "sub" / "out") == []


def test_an_existing_target_is_never_replaced_unasked(subset: Subset, tmp_path: Path) -> None:
    folder, packed = exported(subset, "csv", tmp_path / "out"), exported(subset, "zip", tmp_path / "out.zip")
    for target, name in ((folder, "csv"), (packed, "zip")):
        with pytest.raises(StorageError) as caught:
            write_export(subset, name, target)
        assert str(caught.value) == f"{target} exists already. Give another name or add --overwrite."
    write_export(subset, "parquet", folder, overwrite=True)
    assert sorted(file.name for file in folder.iterdir()) == ["manifest.json", "selected.parquet"]
    write_export(subset, "zip", packed, overwrite=True)
    assert problems_of(packed) == []


def test_only_an_export_is_replaced(subset: Subset, tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir()
    (home / "thesis.txt").write_text("three years of work")
    with pytest.raises(StorageError, match="is not an export, so it is not replaced"):
        write_export(subset, "csv", home, overwrite=True)
    target = exported(subset, "csv", tmp_path / "out")
    (target / "notes.txt").write_text("mine")
    with pytest.raises(StorageError, match=r"has files that are not part of the export \(notes.txt\). Move them first"):
        write_export(subset, "csv", target, overwrite=True)
    assert (home / "thesis.txt").exists()
    assert (target / "notes.txt").exists()
    (tmp_path / "a.zip").write_text("not a zip")
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(StorageError, match="is not an export, so it is not replaced"):
        write_export(subset, "zip", tmp_path / "a.zip", overwrite=True)
    with pytest.raises(StorageError, match="is not a file, so it is not replaced"):
        write_export(subset, "zip", tmp_path / "folder.zip", overwrite=True)
    with pytest.raises(StorageError, match=r"--to must end in \.zip for this format, got plain\."):
        write_export(subset, "zip", tmp_path / "plain")


def test_an_empty_folder_with_hidden_files_is_used(subset: Subset, tmp_path: Path) -> None:
    (target := tmp_path / "out").mkdir()
    (target / ".DS_Store").write_text("x")
    write_export(subset, "csv", target)
    assert problems_of(target) == []
    assert (target / ".DS_Store").read_text() == "x"


def test_a_target_inside_the_images_is_refused(subset: Subset, pictures: Path) -> None:
    before = everything(pictures)
    for target in (pictures / "out", pictures / "cat" / "out"):
        with pytest.raises(InputError, match="is inside the folder of the images"):
            write_export(subset, "imagefolder", target)
    assert everything(pictures) == before


def test_a_changed_image_stops_the_export(pictures: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(pictures, tmp_path / "pics")
    subset = subset_of(copy)
    (copy / subset.table["id"][10]).write_bytes(b"something else")
    with pytest.raises(InputError, match="has changed since the data set was opened"):
        write_export(subset, "imagefolder", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pics"]


def test_formats_that_need_images_refuse_vectors(tmp_path: Path) -> None:
    import numpy as np

    np.savez(tmp_path / "v.npz", vectors=np.random.default_rng(0).normal(size=(60, 5)), labels=np.arange(60) % 3)
    subset = subset_of(tmp_path / "v.npz", 0.5, embeddings="own")
    for name, chosen in FORMATS.items():
        target = place(tmp_path, name)
        if chosen.needs_images:
            with pytest.raises(InputError) as caught:
                write_export(subset, name, target)
            assert str(caught.value) == (
                f"The format {name} needs images, but v.npz is a set of vectors without images. Choose one of: npy, "
                "csv, parquet, embedding-atlas."
            )
        else:
            write_export(subset, name, target, options=ExportOptions(croissant=True), overwrite=True)
            assert problems_of(target) == []
    with pytest.raises(SettingsError, match="Unknown format 'tfrecord'"):
        format_of("tfrecord", subset)


@pytest.mark.parametrize("name", FORMATS)
def test_the_estimate_is_near_the_size_of_the_export(name: str, photos: Subset, tmp_path: Path) -> None:
    path = exported(photos, name, place(tmp_path, name))
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    expected = estimate(photos, name, folder=tmp_path / "trials")
    assert expected.n_bytes == pytest.approx(size, rel=0.15, abs=3_000)
    assert 0 < expected.seconds < 60
    assert everything(tmp_path / "trials") == []


def test_the_time_of_an_estimate_follows_the_time_of_an_image(
    photos: Subset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Subset, "image_file", lambda me, number: time.sleep(0.002) or b"x" * 1000)
    many = subset_of("photos", 0.5)
    expected = estimate(many, "imagefolder", folder=tmp_path)
    assert not expected.exact
    assert expected.seconds > 0.002 * len(many)
    assert expected.n_bytes > 1000 * len(many)


def test_links_take_no_space_in_an_estimate(subset: Subset, tmp_path: Path) -> None:
    sizes = {
        links: estimate(subset, "imagefolder", options=ExportOptions(links=links), folder=tmp_path).n_bytes
        for links in ("copy", "hard", "symbolic")
    }
    assert sizes["hard"] == sizes["symbolic"] < sizes["copy"] / 2


def test_class_names_that_are_no_folder_names_are_made_safe(tmp_path: Path) -> None:
    import numpy as np

    names = ["a/b", "a\\b", "..", ".hidden", "CON", "Cat", "cat", "x" * 300, "train", "manifest.json", "__MACOSX"]
    images = np.random.default_rng(0).integers(0, 255, (44, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "set.npz", images=images, labels=np.arange(44) % 11, class_names=np.array(names))
    subset = subset_of(tmp_path / "set.npz", 1.0)
    path = exported(subset, "imagefolder", tmp_path / "out")
    folders = sorted(entry.name for entry in path.iterdir() if entry.is_dir())
    assert len({name.casefold() for name in folders}) == 11
    assert problems_of(path) == []
    rows = [json.loads(line) for line in (path / "metadata.jsonl").read_text().splitlines()]
    assert {row["label"] for row in rows} == set(names)
    assert all((path / row["file_name"]).is_file() for row in rows)
    opened = open_dataset(str(path), labels=str(path / "metadata.jsonl"))
    assert set(opened.class_names) == set(names)
