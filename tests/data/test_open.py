"""`open_dataset` for every kind of data set, with the same properties for each."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adq_core.data.open import _BUILTIN, DATASETS, open_dataset
from adq_core.errors import AdqError


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Return the same six images as a folder, a flat folder, a zip and an npz."""
    pixels = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    for i, image in enumerate(pixels):
        for path in (tmp_path / "folder" / "ab"[i % 2] / f"{i}.png", tmp_path / "flat" / f"{i}.png"):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for path in (tmp_path / "folder").rglob("*.png"):
            archive.write(path, path.relative_to(tmp_path / "folder"))
    np.savez(tmp_path / "arrays.npz", images=pixels, labels=np.arange(6) % 2, class_names=["a", "b"])
    (tmp_path / "labels.csv").write_text("file,label\n" + "".join(f"{i}.png,{'ab'[i % 2]}\n" for i in range(6)))
    return {name: str(tmp_path / name) for name in ("folder", "flat", "packed.zip", "arrays.npz", "labels.csv")}


def text_of(name: str, labels: str | None = None) -> str:
    with pytest.raises(AdqError) as error:
        open_dataset(name, labels=labels)
    return str(error.value)


@pytest.mark.parametrize("name", [*DATASETS, "folder", "flat", "packed.zip", "arrays.npz"])
@pytest.mark.parametrize("cached", [True, False])
def test_properties_of_every_data_set(places: dict[str, str], tmp_path: Path, name: str, cached: bool) -> None:
    data = open_dataset(places.get(name, name), cache=tmp_path / "cache" if cached else None)
    again = open_dataset(places.get(name, name), cache=tmp_path / "cache" if cached else None)
    m = len(data)
    assert again.key == data.key == data.digest()
    assert len(data.key) == 32
    assert data.description.endswith(".")
    assert len(set(data.ids)) == m
    ordered = sorted(data.ids, key=(lambda i: int(i)) if data.paths is None and name != "photos" else None)
    assert data.ids == tuple(ordered)
    assert data.labels.dtype == np.int64
    assert data.class_counts.min() > 0
    assert data.class_counts.sum() == m
    assert data.held_out.shape == (m,)
    assert data.thumbnails.dtype == np.uint8
    assert 64 % data.thumbnails.shape[1] == 0
    for array in (data.labels, data.sizes, data.thumbnails, data.held_out):
        assert not array.flags.writeable
    for row in (0, m // 2, m - 1):
        image = data.read(row)
        assert image.dtype == np.uint8
        assert image.shape == (*data.sizes[row], 3)
        assert image.flags.writeable


def test_a_folder_its_zip_and_its_table_have_the_same_images(places: dict[str, str]) -> None:
    folder, packed = open_dataset(places["folder"]), open_dataset(places["packed.zip"])
    table = open_dataset(places["flat"], labels=places["labels.csv"])
    arrays = open_dataset(places["arrays.npz"])
    assert packed.key == folder.key
    assert table.class_names == folder.class_names == arrays.class_names
    for row, name in enumerate(table.ids):
        np.testing.assert_array_equal(table.read(row), arrays.read(int(name.removesuffix(".png"))))


def test_the_built_in_sets_are_one_list() -> None:
    assert list(DATASETS) == list(_BUILTIN) == ["photos", "digits", "shapes"]
    assert all(about.endswith(".") and ". " not in about for about in DATASETS.values())


def test_an_unknown_data_set_is_an_error(tmp_path: Path, places: dict[str, str]) -> None:
    assert text_of("phtos") == (
        "There is no data set 'phtos': no file or folder is there, and the built-in ones are photos, digits, shapes "
        "and torchvision:NAME."
    )
    for name in ("~nobody-of-this-name/x", "x" * 5000, "a\0b"):
        assert text_of(name).startswith(f"There is no data set {name!r}: no file or folder is there")
    (tmp_path / "x.rar").write_bytes(b"")
    (tmp_path / "x").write_bytes(b"")
    assert text_of(str(tmp_path / "x.rar")) == (
        f"{tmp_path}/x.rar must be a folder, a .zip, a .tar, an .npz, a Parquet file or a file of vectors, got a file "
        "that ends in .rar. Unpack it, and give the folder."
    )
    assert text_of(str(tmp_path / "x")) == (
        f"{tmp_path}/x must be a folder, a .zip, a .tar, an .npz, a Parquet file or a file of vectors, got a file "
        "that ends in nothing."
    )
    for name in ("digits", "torchvision:MNIST", places["arrays.npz"]):
        assert text_of(name, labels="labels.csv") == (
            f"labels are for a folder or archive of images, but {name} has its own. Leave labels out."
        )
    assert text_of("torchvision:Nothing").startswith("Unknown torchvision data set 'Nothing'. Choose one of: CIFAR10, ")
