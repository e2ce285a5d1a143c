"""Data sets can be pickled: another process reads the same images, and memory maps are not copied into the pickle."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data import ImageDataset, open_dataset
from adq_core.data.npz import open_npz
from adq_core.data.pickling import pack
from adq_core.data.torchvision import open_torchvision
from adq_core.errors import InputError

ROOT = Path(__file__).parents[2]
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
LABELS = np.arange(12) % 3


def folder(tmp_path: Path) -> ImageDataset:
    for row, image in enumerate(IMAGES):
        path = tmp_path / "pets" / f"class{row % 3}" / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return open_dataset(str(tmp_path / "pets"), cache=tmp_path / "cache")


def folder_with_undecodable_names(tmp_path: Path) -> ImageDataset:
    (tmp_path / "pets").mkdir()
    for row in range(2):
        Image.fromarray(IMAGES[row]).save(os.fsdecode(os.fsencode(tmp_path / "pets") + b"/\xff%d.png" % row))
    return open_dataset(str(tmp_path / "pets"))


def archive(tmp_path: Path) -> ImageDataset:
    folder(tmp_path)
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as file:
        for path in sorted((tmp_path / "pets").rglob("*.png")):
            file.write(path, path.relative_to(tmp_path).as_posix())
    return open_dataset(str(tmp_path / "pets.zip"))


def array_file(tmp_path: Path) -> ImageDataset:
    np.savez(tmp_path / "toy.npz", images=IMAGES, labels=LABELS)
    return open_dataset(str(tmp_path / "toy.npz"))


def mapped_array_file(tmp_path: Path) -> ImageDataset:
    np.savez(tmp_path / "toy.npz", images=IMAGES, labels=LABELS)
    return open_npz(tmp_path / "toy.npz", cache=tmp_path / "cache", in_memory_bytes=0)


def grey_array_file(tmp_path: Path) -> ImageDataset:
    np.savez(tmp_path / "toy.npz", images=IMAGES[..., 0], labels=LABELS)
    return open_npz(tmp_path / "toy.npz", cache=tmp_path / "cache", in_memory_bytes=0)


def built_in(tmp_path: Path) -> ImageDataset:
    return open_dataset("photos")


def torchvision_set(tmp_path: Path) -> ImageDataset:
    return open_torchvision("CIFAR10", root=tmp_path, load=lambda name, root: (IMAGES, LABELS, ["a", "b", "c"]))


def vectors(tmp_path: Path) -> ImageDataset:
    np.save(tmp_path / "vectors.npy", np.arange(24, dtype=np.float32).reshape(12, 2))
    return open_dataset(str(tmp_path / "vectors.npy"))


SOURCES: list[Callable[[Path], ImageDataset]] = [
    folder, folder_with_undecodable_names, archive, array_file, mapped_array_file, grey_array_file, built_in,
    torchvision_set, vectors,
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_an_unpickled_data_set_is_equal(source: Callable[[Path], ImageDataset], tmp_path: Path) -> None:
    before = source(tmp_path)
    after = pickle.loads(pickle.dumps(before))
    assert {name: value for name, value in vars(after).items() if name not in ("read", "held_out")}.keys() == {
        name for name in vars(before) if name not in ("read", "held_out")
    }
    for name, value in vars(before).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(after, name), value)
            assert getattr(after, name).dtype == value.dtype
            assert not getattr(after, name).flags.writeable
        elif name != "read":
            assert getattr(after, name) == value
    if before.has_images:
        for row in range(min(3, len(before))):
            np.testing.assert_array_equal(after.read(row), before.read(row))
            assert after.read(row).flags.writeable
    else:
        for dataset in (before, after):
            with pytest.raises(InputError, match=r"^vectors\.npy is a set of vectors without images, so there are no"):
                dataset.read(0)


READER = """
import pickle, sys
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        dataset = pickle.load(file)
    print(dataset.key, [int(dataset.read(row).sum()) for row in range(len(dataset)) if dataset.has_images])
"""


def test_another_process_reads_the_same_images(tmp_path: Path) -> None:
    expected, paths = [], []
    for number, source in enumerate(SOURCES):
        (tmp_path / str(number)).mkdir()
        dataset = source(tmp_path / str(number))
        paths.append(tmp_path / f"{number}.pickle")
        paths[-1].write_bytes(pickle.dumps(dataset))
        sums = [int(dataset.read(row).sum()) for row in range(len(dataset)) if dataset.has_images]
        expected.append(f"{dataset.key} {sums}")
    command = [sys.executable, "-c", READER, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == expected


INHERITED: list[ImageDataset] = []  # a data set that forked processes have without a pickle


def _sums(start: int) -> list[int]:
    rows = [(start + row) % 12 for row in range(600)]
    return [int(INHERITED[0].read(row).sum()) for row in rows]


@pytest.mark.skipif("fork" not in sys.modules["multiprocessing"].get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_forked_processes_read_one_archive_at_the_same_time(tmp_path: Path) -> None:
    INHERITED[:] = [archive(tmp_path)]
    expected = [_sums(start) for start in range(4)]  # the archive is open before the fork
    with get_context("fork").Pool(4) as pool:
        assert pool.map(_sums, range(4), chunksize=1) == expected


@pytest.mark.parametrize(
    ("source", "max_bytes"),
    [(mapped_array_file, 4_000), (grey_array_file, 4_000), (array_file, 14_000), (folder, 8_000)],
)
def test_a_pickle_has_no_copy_of_a_memory_map_and_one_of_an_array(
    source: Callable[[Path], ImageDataset], max_bytes: int, tmp_path: Path
) -> None:
    """The images take 9,216 bytes, the thumbnails of the folder 147,456."""
    assert len(pickle.dumps(source(tmp_path))) < max_bytes


def test_a_view_of_a_memory_map_is_found_at_its_offset(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(100).reshape(10, 10))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    for view in (mapped, mapped[3:7], mapped[3:7].view(), mapped[:, 2:4], np.broadcast_to(mapped[4], (3, 10))):
        packed = pickle.loads(pickle.dumps(pack(view)))
        np.testing.assert_array_equal(packed.unpack(), view)
    assert pack(mapped[3:7]).values is None
    assert pack(mapped[:, 2:4]).values is not None


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    data = pickle.dumps(mapped_array_file(tmp_path))
    file = next((tmp_path / "cache").rglob("array.bin"))
    file.unlink()
    with pytest.raises(InputError) as caught:
        pickle.loads(data)
    assert str(caught.value) == (
        f"A data set needs its file {file}, which cannot be read ([Errno 2] No such file or directory: '{file}'). "
        "Open the data set again."
    )


def test_a_missing_archive_is_an_error(tmp_path: Path) -> None:
    data = pickle.dumps(archive(tmp_path))
    (tmp_path / "pets.zip").unlink()
    with pytest.raises(InputError) as caught:
        pickle.loads(data).read(0)
    assert str(caught.value) == (
        "pets/class0/0.png of pets can no longer be read: it cannot be read (No such file or directory). Restore it."
    )
