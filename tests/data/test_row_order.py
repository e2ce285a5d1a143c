"""Numbers of image files are those of torchvision's `ImageFolder`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torchvision.datasets import ImageFolder
from torchvision.datasets.folder import IMG_EXTENSIONS

from adq_core.data import ImageDataset, open_dataset
from adq_core.data.folders.row_order import IMAGE_FOLDER_SUFFIXES, number_files

# One class is the beginning of another; names differ in capital letters, spaces, digits, and characters before "/".
CLASSES = (
    "polo",
    "polo shirt",
    "Polo",
    "polo-neck",
    "10",
    "2",
    "größe",
    "gro\u0308ße",
    "シャツ",
    ".hidden",
    "n01440764",
)
FILES = (
    "10.png",
    "2.png",
    "B.PNG",
    "a.png",
    "a b/1.png",
    "a/2.png",
    "a/b/3.png",
    "a.d/4.jpg",
    "é.png",
    ".x.png",
    "z.tif",
)


def write(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8, 3), (number % 256, number // 256, 77), np.uint8)).save(path, quality=100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of classes with images of one colour each, of which some cannot be read or are not listed."""
    names = [f"{c}/{name}" for c in CLASSES for name in FILES]
    for number, name in enumerate(names):
        write(tmp_path / "set" / name, number)
    for name in ("polo/10.png", "2/a/b/3.png", "polo shirt/a b/1.png"):
        (tmp_path / "set" / name).write_bytes(b"\x89PNG\r\n\x1a\n broken")
    os.symlink("nowhere.png", tmp_path / "set" / "Polo" / "link.png")
    for number, name in enumerate(["polo/a.gif", "10/0.gif", "stray.png", "2/b.jp2"]):
        write(tmp_path / "set" / name, 40_000 + number)
    (tmp_path / "set" / "2" / "notes.txt").write_text("text")
    os.rename(tmp_path / "set" / "n01440764", os.fsencode(tmp_path / "set") + b"/\xffn")
    return tmp_path / "set"


def check(data: ImageDataset, folder: ImageFolder) -> int:
    """Compare each row that `ImageFolder` lists with its image; return the number of these rows."""
    listed = data.indices < len(folder.samples)
    for row in np.flatnonzero(listed):
        image, _ = folder[int(data.indices[row])]
        np.testing.assert_array_equal(data.read(int(row)), np.asarray(image.convert("RGB")), err_msg=data.ids[row])
    return int(listed.sum())


def test_the_endings_are_those_of_image_folder() -> None:
    assert IMAGE_FOLDER_SUFFIXES == IMG_EXTENSIONS


def test_each_index_is_the_position_of_the_image_in_an_image_folder(folder: Path) -> None:
    data, theirs = open_dataset(str(folder)), ImageFolder(str(folder))
    assert check(data, theirs) == (len(CLASSES) - 1) * (len(FILES) - 1) - 3  # without hidden and broken ones
    assert (np.diff(data.indices) > 0).all()
    others = {
        data.ids[row]: int(data.indices[row]) - len(theirs) for row in np.flatnonzero(data.indices >= len(theirs))
    }
    assert others == {"10/0.gif": 1, "2/b.jp2": 2, "polo/a.gif": 3}  # 0 is the image beside the classes
    assert data.reading.n_indices == len(theirs) + 4
    assert data.reading.index.endswith(f"their numbers follow, from {len(theirs):,}.")
    assert data.indices.tolist() != list(range(len(data)))


def test_images_beside_the_classes_have_the_first_index_after_the_listed_ones(folder: Path) -> None:
    data = open_dataset(str(folder), unlabelled="keep")
    n = len(ImageFolder(str(folder)))
    assert data.indices[data.ids.index("stray.png")] == n


def test_the_index_does_not_depend_on_labels_from_a_table(folder: Path, tmp_path: Path) -> None:
    plain = open_dataset(str(folder), unlabelled="keep")
    table = tmp_path / "labels.csv"
    rows = [f'"{name}",{number % 3}' for number, name in enumerate(plain.ids)]
    table.write_text("\n".join(["file,label", *rows]))
    data = open_dataset(str(folder), labels=str(table), unlabelled="keep")
    assert (data.ids, data.indices.tolist()) == (plain.ids, plain.indices.tolist())
    assert check(data, ImageFolder(str(folder))) > 90


def test_the_stored_listing_keeps_the_indices(folder: Path, tmp_path: Path) -> None:
    first = open_dataset(str(folder), cache=tmp_path / "cache")
    for verify in (True, False):
        again = open_dataset(str(folder), cache=tmp_path / "cache", verify=verify)
        assert again.indices.tolist() == first.indices.tolist()
        assert again.reading == first.reading


def test_the_folder_that_is_entered_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    folder.rename(tmp_path / "outer" / "v1")
    (tmp_path / "outer" / "v1" / "stray.png").unlink()
    data = open_dataset(str(tmp_path / "outer"))
    assert check(data, ImageFolder(str(tmp_path / "outer" / "v1"))) > 90
    assert "of the data set's folder v1, " in data.reading.index


def test_a_flat_folder_is_numbered_as_the_only_class(tmp_path: Path) -> None:
    for number, name in enumerate(["b.png", "B.png", "10.jpg", "2.png", "a.gif", "é.png"]):
        write(tmp_path / "flat" / "images" / name, number)
    (tmp_path / "flat" / "images" / "a.png").write_bytes(b"")
    data = open_dataset(str(tmp_path / "flat" / "images"))
    assert check(data, ImageFolder(str(tmp_path / "flat"))) == 5
    assert dict(zip(data.ids, data.indices.tolist(), strict=True))["a.gif"] == 6
    assert data.reading.index.startswith("index is the position of a file among the sorted files")


NAMES = st.lists(st.text("aB .-é1", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@given(st.sets(NAMES.map(lambda name: name + ".png"), max_size=12), st.randoms(use_true_random=False))
def test_numbers_are_those_of_make_dataset(names: set[str], random: object) -> None:
    """`make_dataset` on a model of the folders, so that no files are written."""
    nested = sorted(name for name in names if "/" in name)
    expected = []
    for top in sorted({name.split("/")[0] for name in nested}):
        inside = [name for name in nested if name.split("/")[0] == top]
        for root in sorted({f"/root/{name.rpartition('/')[0]}" for name in inside}):
            expected += sorted(name for name in inside if f"/root/{name.rpartition('/')[0]}" == root)
    order = sorted(names)
    random.shuffle(order)  # type: ignore[attr-defined]
    numbers, n_listed = number_files(order, order)
    if nested:
        assert sorted(numbers, key=numbers.__getitem__)[:n_listed] == expected
        assert n_listed == len(nested)
    assert sorted(numbers.values()) == list(range(len(names)))
