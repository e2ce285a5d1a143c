"""Tar archives and WebDataset shards: like the folder in them, read in place, and refused in a sentence."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from adq_core.data.containers.tar import tar_source
from adq_core.data.containers.webdataset import are_consecutive
from adq_core.data.folders.folder_files import folder_source
from adq_core.data.folders.image_folder import dataset_from_source
from adq_core.data.open import open_dataset
from adq_core.errors import Cancelled, InputError
from tests.data.test_archives import FILES, png

COMPRESSED = ["tar", "tgz", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"]


def tar_bytes(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tarred(path: Path, files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> Path:
    data = tar_bytes(files, form)
    modes = {"gz": "gz", "tgz": "gz", "bz2": "bz2", "xz": "xz"}
    kind = path.name.rpartition(".")[2]
    if kind == "zst":
        data = pa.Codec("zstd").compress(data, asbytes=True)
    elif kind in modes:
        import bz2
        import gzip
        import lzma

        data = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[modes[kind]](data)
    path.write_bytes(data)
    return path


def text_of(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        open_dataset(str(path), **options)  # type: ignore[arg-type]
    return str(caught.value)


def classes(data: object) -> list[str]:
    return [data.class_names[number] for number in data.labels]  # type: ignore[attr-defined]


@pytest.mark.parametrize("ending", COMPRESSED)
@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("top", ["", "./", "pets/"])
def test_a_tar_is_the_folder_in_it(tmp_path: Path, ending: str, cached: bool, top: str) -> None:
    for name, data in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder = dataset_from_source(folder_source(tmp_path / "folder"))
    path = tarred(tmp_path / f"a.{ending}", {top + name: data for name, data in FILES.items()})
    cache = tmp_path / "cache" if cached else None
    for _ in range(2):
        archive = open_dataset(str(path), cache=cache)
        assert (archive.name, archive.key, archive.ids) == ("a", folder.key, folder.ids)
        again = pickle.loads(pickle.dumps(archive))
        for row in range(3):
            np.testing.assert_array_equal(archive.read(row), folder.read(row))
            np.testing.assert_array_equal(again.read(row), folder.read(row))
    unpacked = (tmp_path / "cache" / "arrays").exists()
    assert unpacked == (cached and ending != "tar"), "a plain archive is read in place"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names(tmp_path: Path, form: int) -> None:
    long = {} if form == tarfile.USTAR_FORMAT else {f"cat/{'x' * 150}.png": png(9)}
    files = FILES | long | {"犬/写真 1.png": png(8)}
    assert set(open_dataset(str(tarred(tmp_path / "a.tar", files, form))).ids) == set(files)


def test_links_inside_are_files_and_others_are_ignored(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, data in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, kind, target in [
            ("dog/hard.png", tarfile.LNKTYPE, "cat/1.png"),
            ("dog/soft.png", tarfile.SYMTYPE, "../cat/2.png"),
            ("dog/outside.png", tarfile.SYMTYPE, "/etc/passwd"),
            ("dog/above.png", tarfile.SYMTYPE, "../../x.png"),
            ("dog/device.png", tarfile.CHRTYPE, ""),
            ("dog/pipe.png", tarfile.FIFOTYPE, ""),
        ]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info)
    data = open_dataset(str(tmp_path / "a.tar"))
    assert data.ids == ("cat/1.png", "cat/2.png", "dog/1.png", "dog/hard.png", "dog/soft.png")
    np.testing.assert_array_equal(data.read(3), data.read(0))
    np.testing.assert_array_equal(data.read(4), data.read(1))


@pytest.mark.parametrize("name", ["../evil.png", "cat/../../evil.png", "/etc/evil.png"])
def test_a_path_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = tarred(tmp_path / "a.tar", FILES | {name: png(0)})
    assert text_of(path) == f"a.tar must contain only files inside it, but {name!r} points outside. Pack it again."


@pytest.mark.parametrize("ending", COMPRESSED)
def test_a_damaged_archive_is_one_sentence_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    path = tarred(tmp_path / f"a.{ending}", {**FILES, "cat/z.png": np.random.default_rng(0).bytes(50_000)})
    whole = path.read_bytes()
    for length in (0, 3, 100, len(whole) // 2):
        path.write_bytes(whole[:length])
        told = text_of(path, cache=tmp_path / "cache")
        assert told.startswith(
            (f"a.{ending} must be a tar archive, but cannot be read as one: ", "a has no image files")
        )
    path.write_bytes(b"no archive at all, but words" * 100)
    assert text_of(path, cache=tmp_path / "cache").startswith(f"a.{ending} must be a tar archive")
    assert not list((tmp_path / "cache").rglob("packed.bin"))


def test_a_cancelled_unpacking_leaves_nothing(tmp_path: Path) -> None:
    def cancel(done: int, total: int, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        open_dataset(str(tarred(tmp_path / "a.tgz", FILES)), cache=tmp_path / "cache", progress=cancel)
    assert not list((tmp_path / "cache").rglob("packed.bin"))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", FILES)
    with pytest.raises(InputError) as caught:
        tar_source([path], "a", max_files=2)
    assert str(caught.value).startswith("a.tar must have at most")


def sample(key: str, value: int, **labels: object) -> dict[str, bytes]:
    encoded = {
        f"{key}.{ending}": json.dumps(label).encode() if ending == "json" else str(label).encode()
        for ending, label in labels.items()
    }
    return {f"{key}.png": png(value)} | encoded


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([{"cls": "0"}, {"cls": "1\n"}, {"cls": 0}], ["0", "1", "0"]),
        ([{"cls": "01"}, {"cls": "1"}, {"cls": "01"}], ["01", "1", "01"]),
        ([{"json": {"label": "cat"}}, {"json": {"label": "dog"}}, {"json": {"label": "cat"}}], ["cat", "dog", "cat"]),
        ([{"json": {"Class": 2}}, {"json": {"Class": 1}}, {"json": {"Class": 2.0}}], ["2", "1", "2"]),
        ([{"json": 3}, {"json": 4}, {"json": 3}], ["3", "4", "3"]),
        ([{"txt": "cat"}, {"txt": "cat"}, {"txt": "cat"}], ["cat"] * 3),
        ([{"txt": "a cat on a mat"}, {"txt": "two dogs"}, {"txt": "a bird"}], ["all"] * 3),
        ([{"cls": "1", "json": {"label": "x"}}] * 3, ["x"] * 3),
        ([{"cls": n, "json": {"label": "abc"[n]}} for n in (2, 0, 2)], ["c", "a", "c"]),
        ([{"cls": 1, "json": {"label": name}} for name in "xyx"], ["1"] * 3),
        ([{"cls": n, "json": {"label": "x"}} for n in (1, 2, 1)], ["1", "2", "1"]),
        ([{"cls": "a", "json": {"label": "x"}}] * 3, ["a"] * 3),
        ([{"cls": 1, "json": {"label": 7}}] * 3, ["1"] * 3),
    ],
)
def test_samples_have_their_labels_beside_them(
    tmp_path: Path, labels: list[dict[str, object]], expected: list[str]
) -> None:
    files: dict[str, bytes] = {}
    for number, label in enumerate(labels):
        files |= sample(f"{number:05}", number, **label)
    data = open_dataset(str(tarred(tmp_path / "s.tar", files)))
    assert data.ids == ("00000.png", "00001.png", "00002.png")
    assert classes(data) == expected


def test_samples_without_a_label_are_listed(tmp_path: Path) -> None:
    files = sample("a", 1, cls=1) | sample("b", 2) | {"a.seg.png": png(3)}
    data = open_dataset(str(tarred(tmp_path / "s.tar", files)))
    assert data.ids == ("a.png",)
    assert [(item.id, item.reason) for item in data.skipped] == [
        ("a.seg.png", "has no label"),
        ("b.png", "has no label"),
    ]
    kept = open_dataset(str(tmp_path / "s.tar"), unlabelled="keep")
    assert set(kept.class_names) == {"1", "unlabelled"}


class TestShards:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "set").mkdir()
        for shard in range(3):
            files = {k: v for n in range(4) for k, v in sample(f"{n:03}", 10 * shard + n, cls=n % 2).items()}
            tarred(tmp_path / "set" / f"train-{shard:04}.tar", files)
        return tmp_path / "set"

    @pytest.mark.parametrize(
        "pattern", ["", "train-{0000..0002}.tar", "*.tar", "train-000?.tar", "train-{0000,0001,0002}.tar"]
    )
    def test_a_folder_or_a_pattern(self, folder: Path, pattern: str) -> None:
        data = open_dataset(f"{folder}/{pattern}" if pattern else str(folder))
        assert (len(data), data.class_names) == (12, ("0", "1"))
        assert data.ids[:5] == (
            "train-0000/000.png",
            *(f"train-0000/00{n}.png" for n in (1, 2, 3)),
            "train-0001/000.png",
        )
        assert [int(data.read(row)[0, 0, 0]) for row in (0, 4, 11)] == [0, 10, 23]

    def test_one_shard_of_several(self, folder: Path) -> None:
        assert len(open_dataset(f"{folder}/train-{{0001..0002}}.tar")) == 8

    def test_a_missing_shard_is_an_error(self, folder: Path) -> None:
        assert text_of(folder / "train-{0001..0004}.tar") == (
            "There is no file train-0003.tar in set. Correct the pattern train-{0001..0004}.tar."
        )
        assert text_of(folder / "test-*.tar") == "There is no file test-*.tar in set. Correct the pattern test-*.tar."
        assert text_of(folder / "{0..99999999}.tar").startswith("The range {0..99999999} must count up")
        assert text_of(folder / ("{0..999}" * 4 + ".tar")).startswith("A pattern must mean at most 10,000 files")

    def test_parts_are_no_shards_of_one_set(self, folder: Path) -> None:
        tarred(folder / "test-0000.tar", sample("x", 1, cls=1))
        assert text_of(folder) == (
            "set has the parts test, train of a data set. Name the files of one, such as set/train*.tar."
        )

    def test_without_labels_numbered_shards_are_one_class(self, tmp_path: Path) -> None:
        for name in ("a-00", "a-01"):
            tarred(tmp_path / f"{name}.tar", {"1.png": png(1), "2.png": png(2)})
        data = open_dataset(str(tmp_path))
        assert (classes(data), data.notes) == (
            ["all"] * 4, ("The archives have no labels, so all images are one class.",)
        )  # fmt: skip

    def test_archives_with_names_of_classes_are_classes(self, tmp_path: Path) -> None:
        for name in ("n01440764", "n01443537"):  # as ImageNet
            tarred(tmp_path / f"{name}.tar", {"1.png": png(1), "2.png": png(2)})
        assert classes(open_dataset(str(tmp_path))) == ["n01440764"] * 2 + ["n01443537"] * 2

    def test_folders_in_shards_are_classes(self, tmp_path: Path) -> None:
        for name in ("a-00", "a-01"):
            tarred(tmp_path / f"{name}.tar", FILES)
        assert classes(open_dataset(str(tmp_path))) == ["cat", "cat", "dog"] * 2


def test_consecutive_names() -> None:
    assert are_consecutive(["train-00000-of-00002", "train-00001-of-00002"])
    assert not are_consecutive(["a-1", "b-2"])
    assert not are_consecutive(["n100", "n350"])
    assert not are_consecutive(["cat", "dog"])
