"""Images that are rows of an array."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adq_core.data.arrays import dataset_from_arrays, digest_of, mapped_array, number_labels
from adq_core.data.labels.classes import class_order
from adq_core.errors import InputError


def images(m: int = 6, h: int = 8, w: int = 8, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (m, h, w, 3), dtype=np.uint8)


def text_of(make: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        make(*arguments, **options)
    return str(error.value)


@given(st.lists(st.sampled_from(["cat", "dog", "ape", "10", "9"]), min_size=1, max_size=20))
def test_each_image_keeps_the_name_of_its_class(names: list[str]) -> None:
    numbers, classes = number_labels(names, None, len(names), "x")
    assert [classes[number] for number in numbers] == names
    assert class_order(set(names)) == list(classes)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=20))
def test_class_names_without_images_are_dropped(labels: list[int]) -> None:
    given_names = ("e", "d", "c", "b", "a")
    numbers, classes = number_labels(labels, given_names, len(labels), "x")
    assert [classes[number] for number in numbers] == [given_names[label] for label in labels]
    assert np.bincount(numbers, minlength=len(classes)).min() >= 1


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_the_digest_does_not_depend_on_the_size_of_the_parts(cuts: list[int]) -> None:
    whole = images(sum(cuts))
    parts = np.split(whole, np.cumsum(cuts)[:-1])
    kept, digest = mapped_array(whole.shape, parts, None)
    assert digest == digest_of(whole)
    np.testing.assert_array_equal(kept, whole)


def test_rows_are_images_and_the_array_is_not_copied() -> None:
    pixels = images()
    data = dataset_from_arrays(pixels, [0, 1, 0, 1, 0, 1], name="toy")
    assert data.ids == ("0", "1", "2", "3", "4", "5")
    assert np.shares_memory(data.thumbnails, pixels)
    assert data.sizes.tolist() == [[8, 8]] * 6
    assert not data.held_out.any()
    np.testing.assert_array_equal(data.read(3), pixels[3])
    data.read(3)[:] = 0  # the caller may change its copy
    np.testing.assert_array_equal(data.read(3), pixels[3])


def test_grey_images_are_read_as_colour() -> None:
    grey = images()[..., 0]
    data = dataset_from_arrays(grey, np.arange(6))
    assert data.thumbnails.shape == (6, 8, 8, 3)
    np.testing.assert_array_equal(data.read(2), np.stack([grey[2]] * 3, axis=-1))
    assert dataset_from_arrays(grey[..., None], np.arange(6)).key == data.key


@pytest.mark.parametrize(("h", "w", "side"), [(32, 32, 32), (64, 64, 64), (28, 28, 64), (64, 32, 64), (100, 100, 64)])
def test_only_images_that_fit_are_their_own_thumbnails(tmp_path: Path, h: int, w: int, side: int) -> None:
    pixels = images(3, h, w)
    data = dataset_from_arrays(pixels, [0, 0, 1], cache=tmp_path)
    assert data.thumbnails.shape == (3, side, side, 3)
    again = dataset_from_arrays(pixels, [0, 0, 1])
    assert again.key == data.key
    np.testing.assert_array_equal(again.thumbnails, data.thumbnails)
    assert (tmp_path / "thumbnails").exists() == (not np.shares_memory(data.thumbnails, pixels))


def test_the_key_depends_on_the_content_only() -> None:
    pixels, labels = images(), [0, 1, 0, 1, 0, 1]
    changed = pixels.copy()
    changed[5, 7, 7, 2] ^= 1
    keys = {
        dataset_from_arrays(pixels, labels, "ab").key,
        dataset_from_arrays(changed, labels, "ab").key,
        dataset_from_arrays(pixels, labels, "ac").key,
        dataset_from_arrays(pixels, labels[::-1], "ab").key,
        dataset_from_arrays(pixels, labels, "ab", ids=list("uvwxyz")).key,
    }
    assert len(keys) == 5
    assert dataset_from_arrays(pixels, labels, "ab", name="renamed").key in keys


LABELS = np.array([0, 2, 1, 0, 2, 1])


@pytest.mark.parametrize(
    "labels",
    [
        LABELS[:, None],
        np.eye(3)[LABELS],
        np.eye(3, dtype=bool)[LABELS],
        LABELS.astype(np.float32),
        LABELS.astype(np.uint8)[:, None],
        LABELS.astype("S"),
        LABELS.astype(str),
        LABELS.astype(object),
        LABELS.tolist(),
    ],
)
def test_labels_of_any_form_are_the_same_classes(labels: object) -> None:
    plain, named = (dataset_from_arrays(images(), labels, names) for names in (None, ["x", "b", "a"]))
    assert (plain.labels.tolist(), plain.class_names) == (LABELS.tolist(), ("0", "1", "2"))
    assert (named.labels.tolist(), named.class_names) == (LABELS.tolist(), ("x", "b", "a"))


def test_labels_that_differ_as_text_are_different_classes() -> None:
    assert dataset_from_arrays(images(), ["01", "1", "1.0", "01", "1", "1.0"]).n_classes == 3
    assert dataset_from_arrays(images(), [True, False] * 3).class_names == ("False", "True")
    assert dataset_from_arrays(images(), [True, False] * 3, ["no", "yes"]).labels.tolist() == [1, 0] * 3
    assert dataset_from_arrays(images(), ["b", "a"] * 3, ["b", "a", "c"]).class_names == ("b", "a")


def test_without_labels_all_images_are_one_class() -> None:
    data = dataset_from_arrays(images(), None)
    assert (data.class_names, data.labels.tolist()) == (("all",), [0] * 6)


GREY = images()[..., 0]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (images().transpose(0, 3, 1, 2), images()),
        (GREY[:, None], GREY),
        (GREY[..., None].astype(np.int64), GREY),
        (images().astype(np.int64), images()),
        (images().astype(np.uint16), images()),
        (images().astype(np.float64), images()),
        (images() / 255, images()),
        ((images() / 255).astype(np.float32).transpose(0, 3, 1, 2), images()),
        (GREY > 100, np.where(GREY > 100, 255, 0)),
        ((GREY > 100).astype(np.float32), np.where(GREY > 100, 255, 0)),
        (np.concatenate([images(), np.full_like(images()[..., :1], 255)], axis=-1), images()),
        (np.concatenate([images(), np.zeros_like(images()[..., :1])], axis=-1), np.full_like(images(), 255)),
    ],
)
def test_images_of_any_layout_and_type_are_the_same_pixels(array: np.ndarray, expected: np.ndarray) -> None:
    data = dataset_from_arrays(array, None)
    for row in range(6):
        wanted = expected[row] if expected.ndim == 4 else np.repeat(expected[row][..., None], 3, axis=2)
        np.testing.assert_array_equal(data.read(row), wanted)


def test_transparent_pixels_are_blended_with_white() -> None:
    rgba = np.zeros((1, 2, 5, 4), np.uint8)
    rgba[..., 3] = 51  # a fifth
    assert dataset_from_arrays(rgba, None).read(0).ravel().tolist() == [204] * 30


def test_one_class_is_allowed() -> None:
    assert dataset_from_arrays(images(), [0] * 6).n_classes == 1


def test_the_texts_of_all_errors() -> None:
    zeros = [0] * 6
    shapes = (
        "arrays: images must have the shape (M, H, W), (M, H, W, C) or (M, C, H, W) with C = 1, 3 or 4, got uint8 of "
    )
    assert text_of(dataset_from_arrays, images()[0, 0], zeros) == f"{shapes}the shape (8, 3)."
    assert text_of(dataset_from_arrays, images()[..., :2], zeros) == f"{shapes}the shape (6, 8, 8, 2)."
    values = "arrays: the values of images must be in 0..255, or floats in [0, 1], got "
    assert text_of(dataset_from_arrays, images().astype(int) + 1000, zeros).startswith(f"{values}1000 to 1")
    assert text_of(dataset_from_arrays, images().astype(int) - 300, zeros).startswith(f"{values}-")
    assert text_of(dataset_from_arrays, images() / 200, zeros).startswith(f"{values}floats up to 1.")
    assert text_of(dataset_from_arrays, np.full((6, 8, 8, 3), np.nan), zeros) == f"{values}NaN. Scale them."
    assert text_of(dataset_from_arrays, np.full((6, 8, 8, 3), np.inf), zeros).startswith(values)
    assert text_of(dataset_from_arrays, images().astype(complex), zeros) == (
        "arrays: images must be whole numbers or floats, got complex128 of the shape (6, 8, 8, 3)."
    )
    assert text_of(dataset_from_arrays, images()[:0], []) == (
        "arrays must have at least one image of at least one pixel, got uint8 of the shape (0, 8, 8, 3)."
    )
    assert text_of(dataset_from_arrays, images(), [0, 1]) == (
        "arrays: there must be one label per image, got 6 images and 2 labels."
    )
    assert text_of(dataset_from_arrays, images(), [[2, 3]] * 6) == (
        "arrays: labels must have the shape (M,), (M, 1) or one-hot (M, C), got (6, 2)."
    )
    assert text_of(dataset_from_arrays, images(), [0.5] * 6) == (
        "arrays: labels must be whole numbers or text, got numbers such as 0.5."
    )
    assert text_of(dataset_from_arrays, images(), ["a", None, "b", np.nan, "a", "b"]) == (
        "arrays: each image must have a label, but 2 of 6 have none."
    )
    assert text_of(dataset_from_arrays, images(), [0, 1, 2, 3, 4, 5], "abc") == (
        "arrays: labels must be in 0..2 for the 3 class_names, got 0..5."
    )
    assert text_of(dataset_from_arrays, images(), ["x"] * 6, "abc") == (
        "arrays: labels must be whole numbers or class names where class_names are given, got other text."
    )
    assert text_of(dataset_from_arrays, images(), [0, 1, 1, 1, 1, 1], ["a", "a"]) == (
        "arrays: class_names must differ from each other, got a, a."
    )
