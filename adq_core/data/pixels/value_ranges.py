"""Values that have more than 8 bits: which of them is black and which is white, decided for a whole set of images.

A file with 16 bits per value does not say how many of them are used: cameras and microscopes often write 12. Scaled
from 16 bits, such an image is almost black. Scaled from its own minimum to its own maximum, its brightness cannot be
compared with that of others. So the range belongs to the set: `choose_ranges` takes the extents of all files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIXTEEN_BITS = "16-bit"
INTEGERS = "32-bit"
FLOATS = "floating-point"
_DEPTHS = (8, 10, 12, 14, 16)  # bits that devices use; above 16, each number of bits


class Extent(NamedTuple):
    """The lowest and the highest value of an image, or of a set, and their kind."""

    kind: str  # SIXTEEN_BITS, INTEGERS or FLOATS
    low: float
    high: float


class ValueRanges(NamedTuple):
    """The values that are black and white in the images of a set, by kind; None: the range of each image."""

    sixteen_bits: tuple[float, float] | None = None
    integers: tuple[float, float] | None = None
    floats: tuple[float, float] | None = None


EACH_ITS_OWN = ValueRanges()


def range_of(extent: Extent, ranges: ValueRanges | None) -> tuple[float, float]:
    """Return (black, white) for an image of this extent in a set; without `ranges`, for a single image."""
    kind, low, high = extent
    if ranges is None:
        full = kind == SIXTEEN_BITS or (kind == INTEGERS and low >= 0 and high <= 65535)
        return (0.0, 65535.0) if full else choose_range(kind, low, high)
    return ranges[_KINDS.index(kind)] or choose_range(kind, low, high)


def choose_range(kind: str, low: float, high: float) -> tuple[float, float]:
    """Return (black, white) for values of a kind between `low` and `high`.

    Integers that are not negative begin at 0 and end at `2**bits - 1`, with the fewest of 8, 10, 12, 14, 16, 17, ...,
    32 bits that are enough. Floats in [0, 1] have that range, other floats in [0, 255] have this one. All others are
    scaled from `low` to `high`.
    """
    if kind == FLOATS:
        if low >= 0 and high <= 255:
            return (0.0, 1.0) if high <= 1 else (0.0, 255.0)
    elif low >= 0:
        return 0.0, float(2 ** _bits(high) - 1)
    return float(low), float(high)


def choose_ranges(extents: Iterable[Extent]) -> ValueRanges:
    """Return the ranges of a set of images from the extents of those with more than 8 bits, in any order."""
    found: dict[str, tuple[float, float]] = {}
    for kind, low, high in extents:
        lowest, highest = found.get(kind, (low, high))
        found[kind] = min(low, lowest), max(high, highest)
    return ValueRanges(*(choose_range(kind, *found[kind]) if kind in found else None for kind in _KINDS))


def describe_ranges(ranges: ValueRanges, extents: Sequence[Extent]) -> list[str]:
    """Return sentences about ranges that a user must know: none where they are the full range of the file format.

    Images that use at most a quarter of the range are counted, because nothing in a file says whether such an image is
    dark or was recorded with fewer bits than the others.
    """
    sentences = []
    for kind, chosen in zip(_KINDS, ranges, strict=True):
        if chosen is None:
            continue
        black, white = chosen
        highest = [extent.high for extent in extents if extent.kind == kind]
        quarter = black + (white - black) / 4
        dark = [value for value in highest if value <= quarter]
        scale = _scale(kind, black, white)
        mixed = 0 < len(dark) < len(highest)
        if mixed:
            sentences.append(
                f"{kind.capitalize()} images are scaled from {scale}; {len(dark):,} of {len(highest):,} "
                f"{'has' if len(dark) == 1 else 'have'} no value above {max(dark):,.6g} and can appear dark."
            )
        elif chosen not in _USUAL[kind]:
            sentences.append(f"{kind.capitalize()} images are scaled from {scale}.")
    return sentences


def read_ranges(values: Sequence[Sequence[float] | None]) -> ValueRanges:
    """Return the ranges from the lists that JSON makes of them."""
    return ValueRanges(*(None if pair is None else (float(pair[0]), float(pair[1])) for pair in values))


def scaled(values: NDArray[np.generic], chosen: tuple[float, float]) -> NDArray[np.uint8]:
    """Return values with black as 0 and white as 255, rounded and clipped."""
    black, white = chosen
    if values.dtype.kind in "iu" and black == 0 and white <= 65535:
        top = int(white)
        whole = values if values.dtype.itemsize < 4 else values.clip(0, top)
        return ((np.minimum(whole.astype(np.uint32), np.uint32(top)) * 255 + top // 2) // top).astype(np.uint8)
    span = max(white - black, 1e-300)
    result = (values.astype(np.float64) - black) * (255 / span)
    return np.rint(result, out=result).clip(0, 255).astype(np.uint8)


def _bits(high: float) -> int:
    used = int(high).bit_length()
    return next((bits for bits in _DEPTHS if used <= bits), used)


def _scale(kind: str, black: float, white: float) -> str:
    if kind != FLOATS and black == 0:
        return f"{int(white).bit_length()} bits"
    return f"{black:,.6g} to {white:,.6g}"


_KINDS = (SIXTEEN_BITS, INTEGERS, FLOATS)
_USUAL = {SIXTEEN_BITS: [(0, 65535)], INTEGERS: [(0, 65535)], FLOATS: [(0, 1), (0, 255)]}
