"""Checks of array arguments: each raises `InputError` that states the requirement, the given value and a fix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError, SettingsError

MIN_IMAGES_OF_MARGINS = 5  # one per fold


def check_vectors(vectors: NDArray[Any], name: str = "Embeddings", *, n_images: int | None = None) -> None:
    """Raise `InputError` unless `vectors` is (M, d) with M, d >= 1 and of real numbers, and M = `n_images` if given.

    Does not read the values.
    """
    if vectors.ndim != 2 or 0 in vectors.shape:
        raise InputError(
            f"{name} must have two dimensions, one row per image, and no dimension of length 0, "
            f"got shape {vectors.shape}. Give an array of shape (images, values)."
        )
    if vectors.dtype.kind not in "biuf":
        raise InputError(f"{name} must be real numbers, got {_kind(vectors)}. Convert them to float32.")
    if n_images is not None and len(vectors) != n_images:
        raise InputError(
            f"{name} must have one row per image, {n_images} rows, got {len(vectors)}. "
            "Check that all arguments belong to the same data set."
        )


def check_finite(vectors: NDArray[Any], name: str = "Embeddings") -> None:
    """Raise `InputError` unless all values are finite."""
    if not np.isfinite(vectors).all():
        raise InputError(f"{name} must be finite, got NaN or infinity. Check the file or the model that made them.")


def check_labels(labels: NDArray[Any], n_images: int, n_classes: int | None = None) -> None:
    """Raise `InputError` unless `labels` is (n_images,) of integers, in 0 .. n_classes - 1 if that is given."""
    if labels.shape != (n_images,):
        raise InputError(
            f"Labels must have one entry per image, shape ({n_images},), got shape {labels.shape}. "
            "Check that labels and images come from the same data set."
        )
    if labels.dtype.kind not in "iu":
        raise InputError(
            f"Labels must be integers, one number per class, got {_kind(labels)}. "
            "Convert them with numpy.unique(labels, return_inverse=True)[1]."
        )
    if n_classes is not None and not 0 <= labels.min() <= labels.max() < n_classes:
        raise InputError(
            f"Labels must be between 0 and {n_classes - 1} (there are {n_classes} classes), "
            f"got {labels.min()} to {labels.max()}. Number the classes from 0, or give a name or a column per class."
        )


def check_per_image(values: NDArray[Any], n_images: int, name: str) -> None:
    """Raise `InputError` unless `values` is (n_images,) of real numbers."""
    if values.shape != (n_images,):
        raise InputError(
            f"{name} must have one value per image, shape ({n_images},), got shape {values.shape}. "
            "Check that all arguments belong to the same data set."
        )
    if values.dtype.kind not in "biuf":
        raise InputError(f"{name} must be real numbers, got {_kind(values)}. Convert them to float64.")


def check_bins(bin_of: NDArray[Any], n_images: int, n_bins: int) -> None:
    """Raise `InputError` unless `bin_of` is (n_images,) of integers in 0 .. n_bins - 1."""
    if bin_of.shape != (n_images,):
        raise InputError(
            f"bin_of must have one entry per image, shape ({n_images},), got shape {bin_of.shape}. "
            "Check that all arguments belong to the same data set."
        )
    if bin_of.dtype.kind not in "iu":
        raise InputError(f"bin_of must be integers, one number per bin, got {_kind(bin_of)}. Number the bins from 0.")
    if n_images and not 0 <= bin_of.min() <= bin_of.max() < n_bins:
        raise InputError(
            f"bin_of must be between 0 and {n_bins - 1} (there are {n_bins} bins), got {bin_of.min()} to "
            f"{bin_of.max()}. Number the bins from 0, or give the right number of bins."
        )


def check_n_bins(n_bins: int, pool_sizes: Sequence[int], pool: str) -> None:
    """Raise `SettingsError` unless the largest pool has at least one image per bin, so that no bin is empty.

    pool_sizes: number of images of each pool; `pool` is "class" (one pool per class) or "all".
    """
    size = max(pool_sizes)
    if isinstance(n_bins, (int, np.integer)) and 1 <= n_bins <= size:
        return
    largest = "the largest class has" if pool == "class" else "there are"
    merge = " or set pool to all" if pool == "class" and n_bins <= sum(pool_sizes) else ""
    raise SettingsError(
        f"n_bins must be between 1 and {size} ({largest} {size} images), got {n_bins}. Lower n_bins{merge}.",
        "n_bins",
        "pool",
    )


def check_two_classes(n_classes: int) -> None:
    """Raise `SettingsError` for the gradient kernel on images of a single class."""
    if n_classes < 2:
        raise SettingsError(
            "kernel = gradient needs at least two classes (it uses the class scores of a classifier), got one. "
            "Choose kernel = cosine, or give the images their labels.",
            "kernel",
        )


def check_strategy(strategy: str, n_classes: int, n_images: int, others: Sequence[str]) -> None:
    """Raise `SettingsError` for a strategy that compares classes, where there is one class or fewer than five images.

    others: the strategies that need no classes.
    """
    if n_classes < 2 or n_images < MIN_IMAGES_OF_MARGINS:
        raise SettingsError(
            f"strategy = {strategy} needs at least two classes and {MIN_IMAGES_OF_MARGINS} images (it compares how "
            f"clearly a classifier tells the classes apart), got {n_classes} and {n_images}. "
            f"Choose {', '.join(others[:-1])} or {others[-1]}, or give the images their labels.",
            "strategy",
        )


def check_image(image: NDArray[Any], name: str = "An image") -> None:
    """Raise `InputError` unless `image` is (H, W, 3) uint8 with H, W >= 1. Does not read the values."""
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise InputError(
            f"{name} must have the shape (height, width, 3), RGB, got shape {image.shape}. "
            "Repeat the channel of a grey image with numpy.stack([grey] * 3, axis=2)."
        )
    if image.dtype != np.uint8:
        raise InputError(
            f"{name} must be uint8 in 0..255, got {_kind(image)}. "
            "Multiply values in [0, 1] by 255, round them and convert them to uint8."
        )


def check_row_order(order: NDArray[Any], n_images: int, name: str = "id_order") -> None:
    """Raise `InputError` unless `order` contains each of 0 .. n_images - 1 once."""
    if order.shape != (n_images,) or order.dtype.kind not in "iu":
        given = f"shape {order.shape} of {_kind(order)}"
    elif (np.sort(order) != np.arange(n_images)).any():
        given = f"{len(np.unique(order))} different rows from {order.min()} to {order.max()}"
    else:
        return
    raise InputError(
        f"{name} must contain each row number from 0 to {n_images - 1} once, got {given}. "
        "Give numpy.argsort of the ids, or leave it out when rows are in the order of their ids."
    )


def _kind(array: NDArray[Any]) -> str:
    return {"U": "text", "S": "bytes", "O": "Python objects", "c": "complex numbers"}.get(
        array.dtype.kind, str(array.dtype)
    )
