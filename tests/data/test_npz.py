"""Array files: read in parts, never pickled, and refused in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from adq_core.data.npz import open_npz
from adq_core.data.open import open_dataset
from adq_core.errors import Cancelled, InputError

CONTENTS = "It must have images, (M, H, W, 3) or (M, H, W); labels, (M,), and class_names, (C,), are optional."
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
        assert data.description == "50 images from toy.npz."
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


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "toy.npz"
    keys = set()
    for last in (1, 2):
        saved(path, images=np.concatenate([IMAGES, np.full((1, 16, 16, 3), last, np.uint8)]), labels=np.arange(51))
        keys.add(open_npz(path, cache=tmp_path / "cache", in_memory_bytes=0).key)
    assert len(keys) == 2


def test_a_cancelled_load_leaves_no_file(tmp_path: Path) -> None:
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


def test_arrays_that_do_not_fit_are_errors(tmp_path: Path) -> None:
    assert text_of(tmp_path, a=IMAGES, labels=LABELS) == f"x.npz has a, labels, but no images. {CONTENTS}"
    assert text_of(tmp_path) == f"x.npz has no arrays, but no images. {CONTENTS}"
    assert text_of(tmp_path, images=IMAGES, labels=LABELS[:9]) == (
        "x.npz: there must be one label per image, got 50 images and 9 labels."
    )
    assert text_of(tmp_path, images=IMAGES, labels=LABELS, class_names=["a"]) == (
        "x: labels must be in 0..0 for the 1 class_names, got 0..2."
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("images", "labels"), "50 images from x.npz."),
        (("x_train", "y_train"), "50 images from x.npz. The images are its array x_train, the labels y_train."),
        (("train_images", "train_labels"), "50 images from x.npz. The images are its array train_images, the labels "
         "train_labels."),
    ],
)  # fmt: skip
def test_arrays_have_the_names_of_keras_or_medmnist(tmp_path: Path, names: tuple[str, str], said: str) -> None:
    path = saved(tmp_path / "x.npz", **dict(zip(names, (IMAGES, LABELS[:, None]), strict=True)))
    data = open_dataset(str(path))
    assert data.description == said
    assert data.labels.tolist() == LABELS.tolist()
    data = open_dataset(
        str(saved(tmp_path / "x.npz", x_test=IMAGES, **dict(zip(names, (IMAGES, LABELS), strict=True))))
    )
    assert data.description == f"{said} Not used: x_test."


def test_an_array_of_images_needs_no_names_and_no_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", IMAGES.transpose(0, 3, 1, 2))
    saved(tmp_path / "one.npz", arr_0=IMAGES)
    saved(tmp_path / "without.npz", images=IMAGES)
    for name in ("x.npy", "one.npz", "without.npz"):
        data = open_dataset(str(tmp_path / name))
        assert (data.class_names, data.has_images) == (("all",), True)
        np.testing.assert_array_equal(data.read(7), IMAGES[7])
    big = open_npz(tmp_path / "x.npy", in_memory_bytes=0, cache=tmp_path / "cache")
    np.testing.assert_array_equal(big.read(49), IMAGES[49])


def test_the_range_of_floats_is_that_of_all_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adq_core.data.containers.npz_arrays.PART_BYTES", 16 * 16 * 3 * 8)  # one image
    values = np.concatenate([np.zeros_like(IMAGES[:1]), IMAGES]).astype(float)
    np.testing.assert_array_equal(pixels_of(saved(tmp_path / "f.npz", images=values))[1:], IMAGES)


@pytest.mark.parametrize("keep", [0, 10, 5000])
def test_a_file_that_is_not_an_npz_or_is_cut_off_is_an_error(tmp_path: Path, keep: int) -> None:
    path = saved(tmp_path / "x.npz", images=IMAGES, labels=LABELS)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError) as error:
        open_npz(path)
    assert str(error.value) == "x.npz must be an .npz file, but cannot be read as one: File is not a zip file."


def test_a_header_that_states_more_data_than_the_file_has_allocates_no_memory(tmp_path: Path) -> None:
    import zipfile

    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 4000, 4000, 3), }"
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        with archive.open("labels.npy", "w") as file:
            np.lib.format.write_array(file, np.zeros(1_000_000, np.int8))
    with pytest.raises(InputError) as error:
        open_npz(tmp_path / "x.npz")
    assert str(error.value) == ("x.npz must be an .npz file, but cannot be read as one: the array images is cut off.")


def test_cifar10(shared_data: Path) -> None:
    data = open_npz(shared_data / "cifar10" / "train_0.npz")
    assert len(data) == 10_000
    assert data.class_names[0] == "airplane"
    assert data.class_counts.tolist() == [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]
    assert data.sizes[0].tolist() == [32, 32]
