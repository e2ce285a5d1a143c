"""The bytes of an image file to RGB pixels, or to the reason why they cannot be decoded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from adq_core.parallel import ByteBudget
from adq_core.records import Image

from .colours import to_srgb
from .deep_images import (
    STRIP_PIXELS,
    Depth,
    colour_extent,
    find_depth,
    grey_values,
    join_bytes,
    ppm_values,
    scaled_rows,
    set_decoder_mode,
    strips,
)
from .pillow_files import (
    MAX_FILE_BYTES,
    MAX_PIXELS,
    OpenedImage,
    UnreadableImageError,
    jpeg_coefficient_bytes,
    open_image,
    open_sound_parts,
    reason_of,
)
from .value_ranges import Extent, ValueRanges, range_of

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_PIXELS",
    "THUMBNAIL",
    "ScannedImage",
    "UnreadableImageError",
    "decode",
    "scan_image",
    "thumbnail",
]

THUMBNAIL = 64  # pixels
# Memory of all images that are being decoded at the same time, in this process; the thumbnail of a scan is made within
# it. Beside it, each thread may hold the bytes of one file, and a caller of `decode` the pixels that it asked for.
BUDGET = ByteBudget(2**30)
SMALL_BYTES = 2**23  # images that need less are not counted
# Bytes per pixel while an image is decoded: Pillow's own pixels, a second copy while it is turned upright, and the
# buffers of the C library.
BYTES_PER_PIXEL = 8
BYTES_PER_PIXEL_OF = {"JPEG2000": 20, "HEIF": 14, "AVIF": 14, "WEBP": 16, "TIFF": 12}

T = TypeVar("T")
Finish = Callable[[Image, Extent | None, int], T]


class ScannedImage(NamedTuple):
    """What a set of files keeps of one of them."""

    size: tuple[int, int]  # height, width, as it was decoded
    thumbnail: NDArray[np.uint8]  # (64, 64, 3)
    extent: Extent | None  # of values with more than 8 bits
    reduction: int  # it was decoded at 1/reduction of its width and height


def decode(data: bytes, ranges: ValueRanges | None = None) -> Image:
    """Return the pixels of an image file, (H, W, 3) uint8 sRGB.

    EXIF orientation is applied. Of an animation, the first frame is decoded. Transparent pixels are blended with white.
    Colour profiles (ICC) are converted to sRGB. A JPEG of more than 50 million pixels is decoded at a half, a quarter
    or an eighth of its width and height.

    Values of more than 8 bits are scaled from the `ranges` of the set to which the file belongs. Without `ranges`,
    16-bit values are scaled from 0..65535. 32-bit values have no standard range: floats in [0, 1], integers in 0..65535
    and floats in 0..255 are scaled from that range; other values are scaled from their minimum to their maximum, so the
    brightness of two such images cannot be compared.

    Raises
    ------
    UnreadableImageError
        If the file is too large, damaged, or not an image of a known format.
    """
    return _decode(data, ranges, lambda pixels, extent, reduction: pixels)


def scan_image(data: bytes, ranges: ValueRanges | None = None) -> ScannedImage:
    """Return the size and the thumbnail of an image file; see `decode`. The pixels are released at once."""
    return _decode(
        data,
        ranges,
        lambda pixels, extent, reduction: ScannedImage(pixels.shape[:2], thumbnail(pixels), extent, reduction),
    )


def thumbnail(image: Image | Pillow.Image) -> NDArray[np.uint8]:
    """Return the thumbnail, (64, 64, 3) uint8: the largest centred square of the image, reduced or enlarged.

    The crop has no borders, so that sheets of thumbnails are even; most classifiers use the same crop. An image whose
    side divides 64 is enlarged without smoothing, so that its pixels remain visible.
    """
    whole = image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)
    side = min(whole.size)
    left, top = (whole.width - side) / 2, (whole.height - side) / 2
    method = Pillow.Resampling.NEAREST if THUMBNAIL % side == 0 else Pillow.Resampling.LANCZOS
    square = (left, top, left + side, top + side)
    return np.asarray(whole.resize((THUMBNAIL, THUMBNAIL), method, box=square, reducing_gap=2.0))


def _decode(data: bytes, ranges: ValueRanges | None, finish: Finish[T]) -> T:
    """Return what `finish` makes of the pixels, the extent and the reduction of an image file."""
    opened: OpenedImage | None = None
    try:
        opened = open_image(data)
        return _finished(opened, ranges, finish)
    except UnreadableImageError:
        raise
    except Exception as error:  # on damaged files, Pillow raises many types of error
        try:
            opened_parts = open_sound_parts(data)
            if opened_parts is not None:
                return _finished(opened_parts, ranges, finish)
        except UnreadableImageError:
            raise
        except Exception:  # the first error has the reason
            pass
        raise UnreadableImageError(reason_of(error, data, opened and opened.image)) from error


def _finished(opened: OpenedImage, ranges: ValueRanges | None, finish: Finish[T]) -> T:
    with opened.image, _held(opened):
        pixels, extent = _pixels(opened, ranges)
        opened.image.close()  # releases Pillow's copy of the pixels
        return finish(pixels, extent, opened.reduction)


def _pixels(opened: OpenedImage, ranges: ValueRanges | None) -> tuple[Image, Extent | None]:
    image, data, _ = opened
    profile = image.info.get("icc_profile")
    if image.format in ("JPEG", "MPO"):  # most files, and no JPEG that Pillow reads has more than 8 bits
        image.load()  # finds truncated files; `verify` does not
        return _rgb(_upright(image), profile), None
    rows = ppm_values(image, data)
    if rows is not None:
        values, extent = scaled_rows(*rows, ranges)
        return _rgb(Pillow.fromarray(values), profile), extent
    depth = find_depth(image, data)
    if depth is not None and depth.low_mode:
        colours, extent = _deep_colours(opened, depth, ranges)
        return _rgb(colours, profile), extent
    image.load()
    _upright(image)
    if depth is None:
        return _rgb(image, profile), None
    grey, extent = grey_values(image, depth, ranges)
    return _rgb(Pillow.fromarray(grey), profile), extent


def _deep_colours(opened: OpenedImage, depth: Depth, ranges: ValueRanges | None) -> tuple[Pillow.Image, Extent]:
    """Return an image in 16-bit colours as 8 bits. The file is decoded a second time if the low bytes are needed."""
    high = opened.image
    high.load()
    _upright(high)
    extent = colour_extent(high)
    chosen = range_of(extent, ranges)
    if chosen[1] >= 65535:
        return high, extent
    with open_image(opened.data).image as low:
        set_decoder_mode(low, depth.low_mode)
        low.load()
        return join_bytes(high, _upright(low), chosen, grey=depth.low_mode == "RGBA"), extent


def _upright(image: Pillow.Image) -> Pillow.Image:
    """Apply the EXIF orientation to the image, in place, if it can be read, and return the image."""
    with suppress(Exception):  # on damaged EXIF data, Pillow raises many types of error; the pixels are valid
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _rgb(image: Pillow.Image, profile: bytes | None) -> Image:
    """Return the pixels of a loaded image as sRGB, (H, W, 3) uint8."""
    if image.width * image.height <= STRIP_PIXELS:
        return np.array(to_srgb(image, profile))  # a copy, because Pillow's memory is read-only
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for rows, part in strips(image):
        pixels[rows] = np.asarray(to_srgb(part, profile))
    return pixels


def _held(opened: OpenedImage) -> AbstractContextManager[None]:
    """Return the context in which an opened image may be decoded: its share of the budget.

    Raises
    ------
    UnreadableImageError
        If the image needs more than the whole budget.
    """
    image = opened.image
    n_bytes = image.width * image.height * BYTES_PER_PIXEL_OF.get(image.format or "", BYTES_PER_PIXEL)
    if n_bytes < SMALL_BYTES and opened.reduction == 1:
        return nullcontext()
    n_bytes += jpeg_coefficient_bytes(opened)
    if n_bytes > BUDGET.total:
        raise UnreadableImageError(
            f"needs {n_bytes / 2**20:,.0f} MB to be decoded, more than {BUDGET.total / 2**20:,.0f}; save it as a "
            "JPEG that is not progressive"
        )
    return BUDGET.hold(n_bytes)
