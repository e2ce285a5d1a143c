"""The image files of a folder, and the class of each."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adq_core.data.dataset import ImageDataset
from adq_core.data.folders.folder_files import folder_source
from adq_core.data.folders.image_folder import common_root, dataset_from_source
from adq_core.data.labels.folder_classes import classes_by_folder
from adq_core.data.pixels.formats import SUFFIXES
from adq_core.errors import InputError

NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


def put(folder: Path, *names: str) -> Path:
    for i, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in (".png", ".jpg"):
            Image.new("RGB", (9, 7), (i, 2 * i, 3 * i)).save(path)
        else:
            path.write_text("text")
    return folder


def opened(folder: Path, labels: Path | None = None, cache: Path | None = None) -> ImageDataset:
    return dataset_from_source(folder_source(folder), labels=labels, cache=cache)


def text_of(folder: Path, labels: Path | None = None) -> str:
    with pytest.raises(InputError) as error:
        opened(folder, labels)
    return str(error.value)


def test_a_subfolder_is_a_class(tmp_path: Path) -> None:
    data = opened(put(tmp_path / "pets", "dog/2.png", "cat/1.jpg", "cat/young/3.png", "dog/10.png"))
    assert data.name == "pets"
    assert data.ids == data.paths == ("cat/1.jpg", "cat/young/3.png", "dog/10.png", "dog/2.png")
    assert data.indices.tolist() == [0, 1, 2, 3]
    assert data.class_names == ("cat", "dog")
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert data.skipped == ()
    assert data.read(0).shape == (7, 9, 3)
    assert data.read(2)[0, 0].tolist() == [3, 6, 9]
    assert data.description == "4 image files from pets."


def test_the_order_of_files_and_the_path_of_the_folder_have_no_effect(tmp_path: Path) -> None:
    names = [f"{c}/{i}.png" for c in "xyz" for i in range(4)]
    first = opened(put(tmp_path / "one", *names))
    other = tmp_path / "elsewhere" / "two"
    for name in random.Random(0).sample(names, len(names)):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes((tmp_path / "one" / name).read_bytes())
    second = opened(other)
    assert (second.key, second.ids) == (first.key, first.ids)
    (other / names[3]).rename(other / "y" / "moved.png")
    assert opened(other).key != first.key


def test_a_flat_folder_is_one_class(tmp_path: Path) -> None:
    data = opened(put(tmp_path, "b.png", "a.png", "notes.txt", ".hidden.png"))
    assert data.ids == ("a.png", "b.png")
    assert data.class_names == ("all",)


def test_images_without_a_class_or_reader_are_listed_and_texts_are_ignored(tmp_path: Path) -> None:
    folder = put(tmp_path, "cat/1.png", "cat/2.psd", "stray.png", "README.txt", "cat/.x/3.png", "__MACOSX/cat/1.png")
    (folder / "cat" / "bad.jpg").write_bytes(b"no")
    data = opened(folder)
    assert data.ids == ("cat/1.png",)
    assert [(left.id, left.reason) for left in data.skipped] == [
        ("cat/2.psd", "is a .psd file, which is not read; convert it to .png or .jpg"),
        ("cat/bad.jpg", "is not an image of a known format"),
        ("stray.png", "lies beside the class folders and has no class"),
    ]


def test_a_class_without_readable_images_is_left_out(tmp_path: Path) -> None:
    folder = put(tmp_path, "cat/1.png", "eel/1.png")
    (folder / "eel" / "1.png").write_bytes(b"")
    assert opened(folder).class_names == ("cat",)


def test_a_single_top_folder_is_entered(tmp_path: Path) -> None:
    data = opened(put(tmp_path, "pets/v1/cat/1.png", "pets/v1/dog/1.png", "pets/readme.txt"))
    assert data.ids == ("cat/1.png", "dog/1.png")
    assert opened(put(tmp_path / "one", "cat/1.png", "cat/2.png")).class_names == ("cat",)


@given(st.lists(NAMES, min_size=1, max_size=8, unique=True), st.sampled_from(["", "top/", "top/sub/"]))
def test_entering_folders_loses_no_file_and_removes_any_common_folders(names: list[str], wrap: str) -> None:
    root, wrapped = common_root(names), common_root([wrap + name for name in names])
    assert all(name.startswith(root) for name in names)
    assert root == "" or root.endswith("/")
    if any("/" in name for name in names) and not root and all("/" in name for name in names):
        assert wrapped == wrap
    flat = common_root([wrap + name for name in names], flat=True)
    assert flat.startswith(wrap)


@given(st.lists(NAMES, min_size=1, max_size=8, unique=True))
def test_the_class_of_a_file_is_its_top_folder_or_none(names: list[str]) -> None:
    for name, label in classes_by_folder(names, "x").items():
        if all("/" not in each for each in names):
            assert label == "all"
        else:
            assert label == (name.split("/")[0] if "/" in name else None)


WAY_OUT = "or give a table of labels for all of them."


@pytest.mark.parametrize(
    ("names", "folders", "proposed"),
    [
        (["train/cat/1.png", "train/dog/1.png", "test/cat/1.png"], "test, train", "set/train"),
        (["train/1.png", "test/1.png", "val/1.png"], "test, train, val", "set/train"),
        (["Val/1.png", "Test/2.png"], "Test, Val", "set/Test"),
        (["train2017/1.png", "val2017/1.png"], "train2017, val2017", "set/train2017"),
        (["training_set/a/1.png", "test_set/a/1.png"], "test_set, training_set", "set/training_set"),
        (["images/1.png", "labels/1.png"], "images, labels", "set/images"),
        (["masks/a/1.png", "images/a/1.png", "top.png"], "images, masks", "set/images"),
        (["JPEGImages/1.jpg", "SegmentationClass/1.png"], "JPEGImages, SegmentationClass", "set/JPEGImages"),
        (["images/train/1.png", "images/val/2.png"], "train, val", "set/images/train"),
    ],
)
def test_folders_that_are_parts_are_not_classes(tmp_path: Path, names: list[str], folders: str, proposed: str) -> None:
    place = proposed.rpartition("/")[0]
    assert text_of(put(tmp_path / "set", *names)) == (
        f"{place} has the folders {folders}, which are parts of a data set and not classes. Name one of them, such as "
        f"{proposed}; {WAY_OUT}"
    )


def test_parts_with_a_table_of_labels_are_read(tmp_path: Path) -> None:
    folder = put(tmp_path / "set", "train/1.png", "test/2.png")
    (tmp_path / "table.csv").write_text("file,label\ntrain/1.png,cat\ntest/2.png,dog\n")
    data = opened(folder, tmp_path / "table.csv")
    assert (data.ids, data.class_names) == (("test/2.png", "train/1.png"), ("cat", "dog"))


@pytest.mark.parametrize("names", [["train/1.png", "plane/1.png"], ["images/1.png", "cat/1.png"], ["train/1.png"]])
def test_classes_that_are_named_like_a_part_are_classes(tmp_path: Path, names: list[str]) -> None:
    assert set(opened(put(tmp_path / "set", *names)).class_names) == {name.split("/")[0] for name in names}


def test_links_are_followed_once(tmp_path: Path) -> None:
    folder = put(tmp_path / "data", "cat/1.png", "dog/1.png")
    os.symlink(folder, folder / "cat" / "loop")
    os.symlink(folder / "cat" / "1.png", folder / "dog" / "link.png")
    os.symlink(tmp_path / "nowhere.png", folder / "dog" / "broken.png")
    data = opened(folder)
    assert data.ids == ("cat/1.png", "dog/1.png", "dog/link.png")
    assert data.notes == (
        "Left out, because they are links to folders that were read already: cat/loop. torchvision's ImageFolder reads "
        "such a folder again, so the index of images after it is not their position there.",
    )
    assert [(left.id, left.reason) for left in data.skipped] == [
        ("dog/broken.png", "cannot be read (No such file or directory)")
    ]


def test_names_that_are_not_valid_utf_8_can_be_read(tmp_path: Path) -> None:
    folder = put(tmp_path / "data", "cat/größe ü.png")
    os.rename(folder / "cat", os.fsencode(folder) + b"/c\xff")
    data = opened(folder, cache=tmp_path / "cache")
    assert data.class_names == ("c\\xff",)
    assert data.read(0).shape == (7, 9, 3)
    assert opened(folder, cache=tmp_path / "cache").key == data.key


def test_a_folder_without_images_is_an_error(tmp_path: Path) -> None:
    types = (
        f"Images end in {', '.join(SUFFIXES)}; put one subfolder per class, or the images themselves, into the folder."
    )
    (tmp_path / "empty").mkdir()
    assert text_of(tmp_path / "empty") == f"empty has no image files. {types}"
    assert text_of(put(tmp_path / "texts", "b.txt", "a.md")) == (
        f"texts has no image files. It has 2 other files, such as a.md. {types}"
    )
    assert text_of(put(tmp_path / "arrays", "a.txt", "train_0.npz", "train_1.npz")) == (
        "arrays has no image files. It has 3 other files, such as a.txt. "
        "To open train_0.npz, name that file instead of arrays."
    )


def test_photographs_of_clothing(shared_data: Path, tmp_path: Path) -> None:
    data = opened(shared_data / "clothing" / "train", cache=tmp_path)
    assert len(data) == 600
    assert (data.class_counts == 60).all()
    assert data.ids == tuple(sorted(data.ids))
    assert data.sizes.min() >= 400
    again = opened(shared_data / "clothing" / "train", cache=tmp_path)
    assert again.key == data.key
    for row in range(0, 600, 97):
        image = again.read(row)
        assert image.shape[:2] == tuple(data.sizes[row])
        small = again.thumbnails[row].astype(float).mean(axis=(0, 1))
        side = min(image.shape[:2])
        top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
        middle = image[top : top + side, left : left + side].mean(axis=(0, 1))
        np.testing.assert_allclose(small, middle, atol=2)


def test_of_the_odd_images_only_those_that_pillow_cannot_read_are_skipped(shared_data: Path) -> None:
    data = opened(shared_data / "odd_images")
    assert (len(data), len(data.skipped), data.class_names) == (27, 13, ("all",))
    reasons = {left.id: left.reason for left in data.skipped}
    assert reasons["l2rgb_read.bmp"] == "has 3158064 x 48 pixels, more than 50 million"
    assert reasons["decompression_bomb.gif"] == "has 4,365 million pixels, more than 50 million"
