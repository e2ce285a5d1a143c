"""Checks of array arguments: each raises `InputError` with what must hold, what was given and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError


def check_vectors(vectors: NDArray[Any], name: str = "Embeddings") -> None:
    """Raise `InputError` unless `vectors` is (M, d) with M, d >= 1 and of real numbers. Does not read the values."""
    if vectors.ndim != 2 or 0 in vectors.shape:
        raise InputError(
            f"{name} must have two dimensions, one row per image, and no dimension of length 0, "
            f"got shape {vectors.shape}. Give an array of shape (images, values)."
        )
    if vectors.dtype.kind not in "biuf":
        raise InputError(f"{name} must be real numbers, got {_kind(vectors)}. Convert them to float32.")


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
