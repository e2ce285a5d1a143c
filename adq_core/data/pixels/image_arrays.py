"""Arrays of images of any usual layout and type to RGB or grey images in 0..255.

| layout | meaning |
|---|---|
| (M, H, W) or (M, H, W, 1) | grey |
| (M, H, W, 3) | RGB |
| (M, H, W, 4) | RGB with transparency, blended with white |
| (M, C, H, W), C = 1, 3 or 4 | the same with the channels first, where the last axis cannot be channels |

Values are 0..255 as whole numbers or floats, 0..1 as floats, or truth values (black and white). Others are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import InputError

CHANNELS = (1, 3, 4)
CLEARLY_ABOVE_1 = 128  # floats with decimals whose largest is between 1 and this can be in neither range


class Layout(NamedTuple):
    """The layout of an array of images."""

    channels_first: bool
    channels: int  # 0: without an axis of channels
    shape: tuple[int, ...]  # of the images in 0..255: (M, H, W) or (M, H, W, 3)


def image_layout(shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Layout:
    """Return the layout of images of this shape and type. Raises `InputError` if these cannot be images."""
    received = f"got {dtype} of the shape {shape}"
    first = len(shape) == 4 and shape[3] not in CHANNELS and shape[1] in CHANNELS
    if len(shape) not in (3, 4) or (len(shape) == 4 and not first and shape[3] not in CHANNELS):
        raise InputError(
            f"{name}: images must have the shape (M, H, W), (M, H, W, C) or (M, C, H, W) with C = 1, 3 or 4, "
            f"{received}."
        )
    if dtype.kind not in "buif":
        raise InputError(f"{name}: images must be whole numbers or floats, {received}.")
    if 0 in shape:
        raise InputError(f"{name} must have at least one image of at least one pixel, {received}.")
    channels = 0 if len(shape) == 3 else shape[1] if first else shape[3]
    m, height, width = (shape[0], *shape[2:]) if first else shape[:3]
    return Layout(first, channels, (m, height, width) if channels < 3 else (m, height, width, 3))


def scale_of(parts: Iterable[NDArray[Any]], dtype: np.dtype[Any], name: str) -> float:
    """Return the factor that brings the values of all images to 0..255: 1, or 255 for floats in [0, 1].

    Raises
    ------
    InputError
        If a value is in neither range, or not a number.
    """
    if dtype == np.uint8:
        return 1
    if dtype.kind == "b":
        return 255
    high, whole = 0.0, True
    for part in parts:
        least, most = float(part.min()), float(part.max())
        if not (least >= 0 and most <= 255):  # also true if one is NaN
            raise _not_in_range(name, "NaN" if np.isnan(least) else f"{least:g} to {most:g}")
        high = max(high, most)
        whole = whole and (dtype.kind != "f" or bool((part == np.rint(part)).all()))
    if dtype.kind == "f" and high <= 1:
        return 255
    if not whole and high < CLEARLY_ABOVE_1:
        raise _not_in_range(name, f"floats up to {high:g}")
    return 1


def _not_in_range(name: str, values: str) -> InputError:
    return InputError(f"{name}: the values of images must be in 0..255, or floats in [0, 1], got {values}. Scale them.")


def as_images(part: NDArray[Any], layout: Layout, scale: float) -> NDArray[np.uint8]:
    """Return some images of this layout as (M, H, W) or (M, H, W, 3) uint8; the part itself if it is that already."""
    if part.dtype != np.uint8:
        part = np.rint(part.astype(np.float32) * np.float32(scale)).astype(np.uint8)
    if layout.channels_first:
        part = part.transpose(0, 2, 3, 1)
    if layout.channels == 1:
        return part[..., 0]
    if layout.channels == 4:
        opaque = part[..., 3:].astype(np.float32) / 255
        return np.rint(part[..., :3] * opaque + 255 * (1 - opaque)).astype(np.uint8)
    return part


def converted(
    parts: Callable[[], Iterator[NDArray[Any]]], layout: Layout, dtype: np.dtype[Any], name: str
) -> Iterator[NDArray[np.uint8]]:
    """Yield the images in 0..255; `parts()` yields the array in parts, and is called again to find the range."""
    scale = scale_of(parts() if dtype != np.uint8 else (), dtype, name)
    for part in parts():
        yield as_images(part, layout, scale)
