"""Checks of array arguments: valid arrays pass, and each error has the whole text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adq_core.checking import (
    check_bins,
    check_finite,
    check_image,
    check_labels,
    check_per_image,
    check_row_order,
    check_vectors,
)
from adq_core.errors import InputError


def error_of(check: Any, *arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        check(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.uint8, np.int64, bool])
def test_rows_of_real_numbers_pass(dtype: type) -> None:
    check_vectors(np.ones((1, 1), dtype))
    check_finite(np.ones((2, 3), dtype))


@pytest.mark.parametrize("shape", [(20,), (0, 3), (3, 0), (2, 2, 2), ()])
def test_vectors_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    assert error_of(check_vectors, np.ones(shape)) == (
        "Embeddings must have two dimensions, one row per image, and no dimension of length 0, "
        f"got shape {shape}. Give an array of shape (images, values)."
    )


@pytest.mark.parametrize(
    ("vectors", "given"),
    [
        (np.array([["a", "b"]]), "text"),
        (np.array([[None, 1]]), "Python objects"),
        (np.array([[b"a"]]), "bytes"),
        (np.ones((2, 2), complex), "complex numbers"),
        (np.zeros((1, 1), "datetime64[s]"), "datetime64[s]"),
    ],
)
def test_vectors_that_are_no_real_numbers_are_refused(vectors: np.ndarray, given: str) -> None:
    message = f"Logits must be real numbers, got {given}. Convert them to float32."
    assert error_of(check_vectors, vectors, "Logits") == message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_refused(value: float) -> None:
    vectors = np.zeros((3, 2))
    vectors[2, 1] = value
    assert error_of(check_finite, vectors) == (
        "Embeddings must be finite, got NaN or infinity. Check the file or the model that made them."
    )


def test_labels_pass_with_and_without_a_number_of_classes() -> None:
    check_labels(np.array([0, 2, 1], np.uint8), 3, 3)
    check_labels(np.array([-5, 100]), 2)


@pytest.mark.parametrize("shape", [(10,), (20, 1), (21,), ()])
def test_labels_of_another_length_are_refused(shape: tuple[int, ...]) -> None:
    assert error_of(check_labels, np.zeros(shape, int), 20) == (
        f"Labels must have one entry per image, shape (20,), got shape {shape}. "
        "Check that labels and images come from the same data set."
    )


@pytest.mark.parametrize(("labels", "given"), [(["a", "b"], "text"), ([0.0, 1.0], "float64"), ([True, False], "bool")])
def test_labels_that_are_no_integers_are_refused(labels: list[Any], given: str) -> None:
    assert error_of(check_labels, np.array(labels), 2) == (
        f"Labels must be integers, one number per class, got {given}. "
        "Convert them with numpy.unique(labels, return_inverse=True)[1]."
    )


@pytest.mark.parametrize("labels", [[0, 3], [-1, 3], [-1, 0]])
def test_labels_without_a_class_are_refused(labels: list[int]) -> None:
    assert error_of(check_labels, np.array(labels), 2, 3) == (
        f"Labels must be between 0 and 2 (there are 3 classes), got {labels[0]} to {labels[1]}. "
        "Number the classes from 0, or give a name or a column per class."
    )


@pytest.mark.parametrize(
    ("order", "given"),
    [
        (np.zeros(3, int), "1 different rows from 0 to 0"),
        (np.array([1, 2, 3]), "3 different rows from 1 to 3"),
        (np.array([0, 1]), "shape (2,) of int64"),
        (np.array([0.0, 1.0, 2.0]), "shape (3,) of float64"),
        (np.array(["a", "b", "c"]), "shape (3,) of text"),
    ],
)
def test_an_order_that_is_no_permutation_is_refused(order: np.ndarray, given: str) -> None:
    assert error_of(check_row_order, order, 3) == (
        f"id_order must contain each row number from 0 to 2 once, got {given}. "
        "Give numpy.argsort of the ids, or leave it out when rows are in the order of their ids."
    )


def test_a_permutation_passes() -> None:
    check_row_order(np.array([2, 0, 1]), 3)


def test_values_per_image_pass() -> None:
    check_per_image(np.zeros(3), 3, "Texture")
    check_per_image(np.zeros(3, bool), 3, "Texture")


@pytest.mark.parametrize("shape", [(2,), (3, 1), ()])
def test_values_of_another_number_of_images_are_refused(shape: tuple[int, ...]) -> None:
    assert error_of(check_per_image, np.zeros(shape), 3, "Texture") == (
        f"Texture must have one value per image, shape (3,), got shape {shape}. "
        "Check that all arguments belong to the same data set."
    )


def test_values_that_are_no_numbers_are_refused() -> None:
    assert error_of(check_per_image, np.array(["a", "b"]), 2, "Texture") == (
        "Texture must be real numbers, got text. Convert them to float64."
    )


def test_bins_pass() -> None:
    check_bins(np.array([1, 0, 1], np.int32), 3, 2)
    check_bins(np.array([0]), 1, 5)


def test_bins_of_another_shape_type_or_range_are_refused() -> None:
    assert error_of(check_bins, np.zeros(2, int), 3, 2) == (
        "bin_of must have one entry per image, shape (3,), got shape (2,). "
        "Check that all arguments belong to the same data set."
    )
    assert error_of(check_bins, np.zeros(3), 3, 2) == (
        "bin_of must be integers, one number per bin, got float64. Number the bins from 0."
    )
    for bins in ([0, 1, 2], [-1, 0, 2]):
        assert error_of(check_bins, np.array(bins), 3, 2) == (
            f"bin_of must be between 0 and 1 (there are 2 bins), got {bins[0]} to 2. "
            "Number the bins from 0, or give the right number of bins."
        )


def test_images_pass() -> None:
    check_image(np.zeros((1, 1, 3), np.uint8))
    check_image(np.zeros((4, 5, 6), np.uint8)[:, :, ::2])


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (8, 8, 4), (3, 8, 8), (0, 8, 3), (1, 8, 8, 3)])
def test_images_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    assert error_of(check_image, np.zeros(shape, np.uint8)) == (
        f"An image must have the shape (height, width, 3), RGB, got shape {shape}. "
        "Repeat the channel of a grey image with numpy.stack([grey] * 3, axis=2)."
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_images_of_another_type_are_refused(dtype: type) -> None:
    assert error_of(check_image, np.zeros((8, 8, 3), dtype), "Row 3") == (
        f"Row 3 must be uint8 in 0..255, got {np.dtype(dtype)}. "
        "Multiply values in [0, 1] by 255, round them and convert them to uint8."
    )
