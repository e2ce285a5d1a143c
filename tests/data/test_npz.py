"""Array files: read in parts, never pickled, and refused in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from adq_core.data.npz import open_npz
from adq_core.errors import Cancelled, InputError

WANTED = "It must have images, (M, H, W, 3) or (M, H, W), and labels, (M,); class_names, (C,), may be there."
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (50, 16, 16, 3), dtype=np.uint8)
LABELS = RNG.integers(0, 3, 50)


def saved(path: Path, compressed: bool = False, **arrays: Any) -> Path:
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


def text_of(tmp_path: Path, **arrays: Any) -> str:
    with pytest.raises(InputError) as error:
        open_npz(saved(tmp_path / "x.npz", **arrays))
    return str(error.value)


def pixels_of(path: Path, **options: Any) -> NDArray[np.uint8]:
    data = open_npz(path, **options)
    return np.stack([data.read(row) for row in range(len(data))])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("cached", [False, True])
def test_every_way_of_reading_gives_the_same(tmp_path: Path, compressed: bool, in_memory: bool, cached: bool) -> None:
    path = saved(tmp_path / "toy.npz", compressed, images=IMAGES, labels=LABELS, class_names=["a", "b", "c"])
    options: dict[str, Any] = {"cache": tmp_path / "cache" if cached else None}
    if not in_memory:
        options["in_memory_bytes"] = 0
    for _ in range(2):
        data = open_npz(path, **options)
        assert data.name == "toy"
        assert data.class_names == ("a", "b", "c")
        assert data.about == "50 images from toy.npz."
        np.testing.assert_array_equal(data.labels, LABELS)
        np.testing.assert_array_equal(data.thumbnails, IMAGES)
        np.testing.assert_array_equal(data.read(7), IMAGES[7])
        assert data.key == open_npz(path).key
    assert (tmp_path / "cache" / "arrays").exists() == (cached and not in_memory)


def test_other_layouts_of_the_same_numbers(tmp_path: Path) -> None:
    grey = IMAGES[..., 0]
    np.testing.assert_array_equal(pixels_of(saved(tmp_path / "g.npz", images=grey, labels=LABELS))[..., 2], grey)
    fortran = saved(tmp_path / "f.npz", images=np.asfortranarray(IMAGES), labels=LABELS)
    np.testing.assert_array_equal(pixels_of(fortran), IMAGES)
    np.testing.assert_array_equal(pixels_of(fortran, in_memory_bytes=0), IMAGES)
    for dtype in (np.float32, np.float64, np.float16):
        floats = saved(tmp_path / f"{np.dtype(dtype)}.npz", images=(IMAGES / 255).astype(dtype), labels=LABELS)
        np.testing.assert_array_equal(pixels_of(floats), IMAGES)
    names = np.array(["cat", "dog", "ape"])[LABELS]
    assert open_npz(saved(tmp_path / "n.npz", images=IMAGES, labels=names)).class_names == ("ape", "cat", "dog")


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "toy.npz"
    keys = set()
    for last in (1, 2):
        saved(path, images=np.concatenate([IMAGES, np.full((1, 16, 16, 3), last, np.uint8)]), labels=np.arange(51))
        keys.add(open_npz(path, cache=tmp_path / "cache", in_memory_bytes=0).key)
    assert len(keys) == 2


def test_a_stopped_reading_leaves_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path / "toy.npz", images=IMAGES, labels=LABELS)

    def stop(done: int, total: int, what: str) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        open_npz(path, cache=tmp_path / "cache", progress=stop, in_memory_bytes=0)
    assert [file for file in (tmp_path / "cache").rglob("*") if file.is_file()] == []
    assert len(open_npz(path, cache=tmp_path / "cache", in_memory_bytes=0)) == 50


class Trap:
    """Loading this would run a program."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickled object was loaded",))


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    trap = np.array([Trap()] * 50, dtype=object)
    for name in ("images", "labels", "class_names"):
        arrays = {"images": IMAGES, "labels": LABELS, name: trap}
        assert text_of(tmp_path, **arrays) == (
            f"x.npz: {name} holds pickled Python objects, which are never loaded because they can run programs. "
            f"Save it as plain numbers or text, for example with np.array(list({name}))."
        )


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    assert text_of(tmp_path, x=IMAGES) == f"x.npz has x, but no images and no labels. {WANTED}"
    assert text_of(tmp_path, images=IMAGES) == f"x.npz has images, but no labels. {WANTED}"
    assert text_of(tmp_path) == f"x.npz has no arrays, but no images and no labels. {WANTED}"
    assert text_of(tmp_path, images=IMAGES, labels=LABELS[:9]) == (
        "x.npz: there must be one label an image, got 50 images and 9 labels."
    )
    assert text_of(tmp_path, images=IMAGES.astype(np.uint16), labels=LABELS) == (
        "x.npz: images must be uint8 in 0..255, or floats in [0, 1] in an .npz, got uint16 of the shape "
        "(50, 16, 16, 3). Scale and convert them."
    )
    assert text_of(tmp_path, images=IMAGES / 200, labels=LABELS) == (
        "x.npz: images that are floats must be in [0, 1], got 0 to 1.275. Scale them, or save them as uint8 in 0..255."
    )
    assert text_of(tmp_path, images=np.where(IMAGES > 250, np.nan, 0), labels=LABELS) == (
        "x.npz: images that are floats must be in [0, 1], got nan to nan. Scale them, or save them as uint8 in 0..255."
    )
    assert text_of(tmp_path, images=IMAGES, labels=LABELS, class_names=["a"]) == (
        "x: labels must be in 0..0 for the 1 class_names, got 0..2."
    )


@pytest.mark.parametrize("keep", [0, 10, 5000])
def test_a_file_that_is_none_or_cut_off_is_said(tmp_path: Path, keep: int) -> None:
    path = saved(tmp_path / "x.npz", images=IMAGES, labels=LABELS)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError) as error:
        open_npz(path)
    assert str(error.value) == "x.npz must be an .npz file, but cannot be read as one: File is not a zip file."


def test_a_header_that_promises_more_than_there_is_takes_no_memory(tmp_path: Path) -> None:
    import zipfile

    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 4000, 4000, 3), }"
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        with archive.open("labels.npy", "w") as file:
            np.lib.format.write_array(file, np.zeros(1_000_000, np.int8))
    with pytest.raises(InputError) as error:
        open_npz(tmp_path / "x.npz")
    assert str(error.value) == "x.npz must be an .npz file, but cannot be read as one: the images are cut off."


def test_cifar10(shared_data: Path) -> None:
    data = open_npz(shared_data / "cifar10" / "train_0.npz")
    assert len(data) == 10_000
    assert data.class_names[0] == "airplane"
    assert data.class_counts.tolist() == [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]
    assert data.sizes[0].tolist() == [32, 32]
