"""Invalid arguments of make_bins, with the text of the error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adq_core.bins import KERNELS, make_bins
from adq_core.errors import InputError, SettingsError
from tests.bins.vector_pools import divide


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_vectors_that_are_not_finite_are_refused(value: float, kernel: str) -> None:
    x = np.ones((4, 3), np.float32)
    x[2, 1] = value
    with pytest.raises(InputError) as raised:
        divide(x, 2, np.array([0, 0, 1, 1]), kernel=kernel)
    assert str(raised.value) == (
        "Embeddings must be finite, got NaN or infinity. Check the file or the model that made them."
    )


def test_more_bins_than_the_largest_class_has_images_are_refused() -> None:
    with pytest.raises(SettingsError) as raised:
        make_bins(np.ones((9, 2)), np.array([0] * 6 + [1] * 3), n_bins=7, class_names=("cat", "dog"))
    assert str(raised.value) == (
        "n_bins must be between 1 and 6 (the largest class has 6 images), got 7. Lower n_bins or set pool to all."
    )
    with pytest.raises(SettingsError) as raised:
        make_bins(np.ones((9, 2)), np.array([0] * 6 + [1] * 3), n_bins=10)
    assert str(raised.value) == (
        "n_bins must be between 1 and 6 (the largest class has 6 images), got 10. Lower n_bins."
    )
    with pytest.raises(SettingsError) as raised:
        divide(np.ones((9, 2)), 10, pool="all")
    assert str(raised.value) == "n_bins must be between 1 and 9 (there are 9 images), got 10. Lower n_bins."


@pytest.mark.parametrize(
    ("change", "beginning"),
    [
        ({"labels": np.zeros(10, int)}, "Labels must have one entry per image, shape (20,), got shape (10,)."),
        ({"labels": np.array(["a"] * 20)}, "Labels must be integers, one number per class, got text."),
        (
            {"class_names": ("cat",), "labels": np.arange(20) % 2},
            "Labels must be between 0 and 0 ",
        ),
        ({"id_order": np.zeros(20, int)}, "id_order must contain each row number from 0 to 19 once, got 1 different"),
        ({"vectors": np.ones(20)}, "Embeddings must have two dimensions, one row per image, "),
        ({"vectors": np.array([["a"]] * 20)}, "Embeddings must be real numbers, got text."),
        ({"kernel": "gradient", "logits": np.ones((10, 2))}, "Labels must have one entry per image, shape (10,)"),
        ({"kernel": "gradient", "logits": np.ones(20)}, "Logits must have two dimensions"),
        ({"kernel": "gradient", "logits": np.full((20, 2), np.nan)}, "Logits must be finite, got NaN or infinity."),
        (
            {"kernel": "gradient", "logits": np.ones((20, 2)), "labels": np.arange(20) % 4},
            "Labels must be between 0 and 1 (there are 2 classes), got 0 to 3.",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], beginning: str) -> None:
    arguments = {"vectors": np.ones((20, 4)), "labels": np.zeros(20, int), "n_bins": 2} | change
    with pytest.raises(InputError) as caught:
        make_bins(**arguments)
    assert str(caught.value).startswith(beginning)


@pytest.mark.parametrize("n_bins", [0, -1, 21, 2.5])
def test_a_number_of_bins_out_of_range_is_refused(n_bins: Any) -> None:
    with pytest.raises(
        SettingsError, match=r"^n_bins must be between 1 and 20 \(the largest class has 20 images\), got"
    ):
        make_bins(np.ones((20, 4)), np.zeros(20, int), n_bins=n_bins)


def test_values_too_large_to_square_are_refused() -> None:
    with pytest.raises(InputError) as raised:
        divide(np.full((4, 3), 1e160), 2)
    assert str(raised.value) == "Embeddings must be shorter than 1e150, or float64 overflows. Scale them down."


def test_gradients_need_two_classes() -> None:
    with pytest.raises(SettingsError) as raised:
        divide(np.ones((4, 2)), 2, kernel="gradient")
    assert str(raised.value) == (
        "kernel = gradient needs at least two classes (it uses the class scores of a classifier), got one. "
        "Choose kernel = cosine, or give the images their labels."
    )


def test_the_error_for_an_unknown_kernel_lists_the_names() -> None:
    with pytest.raises(SettingsError) as raised:
        divide(np.ones((4, 2)), 2, kernel="rbf")
    assert str(raised.value) == "Unknown kernel 'rbf'. Choose one of: cosine, euclidean, gradient."
