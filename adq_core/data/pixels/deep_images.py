"""Images with more than 8 bits per value, of which Pillow would return the highest 8 bits or clip them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFile, TiffImagePlugin

from .pillow_files import UnreadableImageError
from .value_ranges import FLOATS, INTEGERS, SIXTEEN_BITS, Extent, ValueRanges, range_of, scaled

STRIP_PIXELS = 2**20  # large images are converted in strips, so that no second copy of them is in memory
FULL = (0.0, 65535.0)

# Pillow reads colours of 16 bits as 8 bits: with one of these modes of its decoders the high bytes, with the other the
# low bytes. "N" is the byte order of the machine, which the TIFF library returns.
_SWAPPED = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_COLOUR_MODES = ("RGB;16", "RGBA;16", "RGBX;16")
_GREY_WITH_ALPHA = "LA;16B"  # of PNG; read as "RGBA", its four bytes are grey (high, low) and alpha (high, low)


class Depth(NamedTuple):
    """How the values of an image are stored."""

    kind: str  # SIXTEEN_BITS, INTEGERS or FLOATS
    stated: tuple[float, float] | None = None  # black and white, if the file states them
    low_mode: str = ""  # of images in colour: the mode of the decoder that returns the low bytes


def find_depth(image: ImageFile.ImageFile, data: bytes) -> Depth | None:
    """Return how the values of an opened image are stored; None if they have 8 bits. Call it before `load`."""
    mode = image.mode
    if mode.startswith("I;16"):
        return Depth(SIXTEEN_BITS, _stated(image, data))
    if mode == "I":
        if image.format != "PPM":
            return Depth(INTEGERS)
        plain = image.tile[0].codec_name == "ppm_plain"
        return Depth(SIXTEEN_BITS, FULL if plain and _arguments(image.tile[0])[-1] != 65535 else None)
    if mode == "F":
        return Depth(FLOATS)
    if image.format in ("PNG", "TIFF") and getattr(image, "_planar_configuration", 1) == 1:
        modes = {str(_arguments(tile)[0]) for tile in image.tile}
        raw = modes.pop() if len(modes) == 1 else ""
        if raw[:-1] in _COLOUR_MODES:
            return Depth(SIXTEEN_BITS, None, raw[:-1] + _SWAPPED[raw[-1]])
        if raw == _GREY_WITH_ALPHA:
            return Depth(SIXTEEN_BITS, None, "RGBA")
    return None


def set_decoder_mode(image: ImageFile.ImageFile, mode: str) -> None:
    """Let the decoder of an opened image return the bytes of another mode."""
    image.tile = [
        tile._replace(args=mode if isinstance(tile.args, str) else (mode, *_arguments(tile)[1:])) for tile in image.tile
    ]


def strips(image: Pillow.Image) -> Iterator[tuple[slice, Pillow.Image]]:
    """Yield (rows, part of the image) from the top to the bottom; a small image is one part."""
    width, height = image.size
    step = max(1, STRIP_PIXELS // width)
    if step >= height:
        yield slice(0, height), image
        return
    for top in range(0, height, step):
        bottom = min(top + step, height)
        yield slice(top, bottom), image.crop((0, top, width, bottom))


def grey_values(
    image: Pillow.Image, depth: Depth, ranges: ValueRanges | None
) -> tuple[NDArray[np.uint8], Extent | None]:
    """Return the values of a loaded greyscale image as 8 bits, (H, W), and their extent (None if the file states it).

    Raises
    ------
    UnreadableImageError
        If a value is not a finite number.
    """
    if depth.stated is None:
        lows, highs = zip(*(_extremes(np.asarray(part)) for _, part in strips(image)), strict=True)
        extent = Extent(depth.kind, min(lows), max(highs))
        chosen = range_of(extent, ranges)
    else:
        extent, chosen = None, depth.stated
    values = np.empty((image.height, image.width), np.uint8)
    for rows, part in strips(image):
        values[rows] = scaled(np.asarray(part), chosen)
    return values, extent


def colour_extent(high: Pillow.Image) -> Extent:
    """Return the extent of 16-bit colours from their high bytes; its highest value is at most 255 too high."""
    highest = max(int(np.asarray(part)[..., :3].max()) for _, part in strips(high))
    return Extent(SIXTEEN_BITS, 0.0, float(highest * 256 + 255))


def join_bytes(high: Pillow.Image, low: Pillow.Image, chosen: tuple[float, float], *, grey: bool) -> Pillow.Image:
    """Return an image of 16-bit colours as 8 bits, from the images of their high and of their low bytes.

    `grey`: the bands of `low` are grey (high, low) and alpha (high, low). An alpha channel with values above white is
    scaled from 0..65535.
    """
    result = Pillow.new(high.mode, high.size)
    for (rows, upper), (_, lower) in zip(strips(high), strips(low), strict=True):
        first, second = np.asarray(upper), np.asarray(lower)
        if grey:
            second = second[..., [1, 1, 1, 3]]
        values = (first.astype(np.uint16) << 8) | second
        part = scaled(values, chosen)
        if values.shape[2] == 4 and values[..., 3].max() > chosen[1]:
            part[..., 3] = first[..., 3]
        result.paste(Pillow.fromarray(part), (0, rows.start))
    return result


def ppm_values(image: ImageFile.ImageFile, data: bytes) -> tuple[NDArray[Any], int] | None:
    """Return the values of a binary PPM file with an unusual maximum, and the maximum; None for all other files.

    Pillow reads them one by one in Python.
    """
    if image.format != "PPM" or image.tile[0].codec_name != "ppm":
        return None
    _, maximum = _arguments(image.tile[0])
    shape = (image.height, image.width) if image.mode in ("L", "I") else (image.height, image.width, 3)
    kind = np.dtype(np.uint8 if maximum < 256 else ">u2")
    count = math.prod(shape)
    start = int(image.tile[0].offset)
    if start + count * int(kind.itemsize) > len(data):
        raise UnreadableImageError("is cut off (it has fewer pixels than its header states)")
    return np.frombuffer(data, kind, count, start).reshape(shape), int(maximum)


def scaled_rows(
    values: NDArray[Any], maximum: int, ranges: ValueRanges | None
) -> tuple[NDArray[np.uint8], Extent | None]:
    """Return the values of a PPM file as 8 bits, and their extent (None if the file states fewer than 16 bits)."""
    if maximum < 65535:
        return scaled(values, (0.0, float(maximum))), None
    extent = Extent(SIXTEEN_BITS, float(values.min()), float(values.max()))
    return scaled(values, range_of(extent, ranges)), extent


def _stated(image: ImageFile.ImageFile, data: bytes) -> tuple[float, float] | None:
    """Return black and white of a greyscale image, if its file states fewer than 16 bits."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits = int(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0])
        return (0.0, float(2**bits - 1)) if bits < 16 else None
    if image.format == "JPEG2000":  # Pillow shifts the values, so that they use 16 bits
        start = data.find(b"\xff\x4f\xff\x51")
        return FULL if start >= 0 and (data[start + 42] & 127) + 1 < 16 else None
    return None


def _extremes(values: NDArray[Any]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnreadableImageError("has pixels that are not finite numbers")
    return low, high


def _arguments(tile: Any) -> tuple[Any, ...]:
    return (tile.args,) if isinstance(tile.args, str) else tuple(tile.args or ("",))
