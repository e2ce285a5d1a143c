"""The bytes of an image file to RGB pixels, or to the reason why they cannot be decoded."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from adq_core.records import Image

Pillow.init()  # registers all readers; `open` fails for formats that are not registered yet

# Formats that Pillow may open. Some of its other readers start programs (EPS), most are not safe for unknown files.
FORMATS: list[str] = [
    name
    for name in ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "TIFF", "WEBP")
    if name in Pillow.OPEN
]
MAX_PIXELS = 50_000_000  # of one image: 150 MB as RGB; checked before anything is decoded
MAX_FILE_BYTES = 2**28  # of one file
THUMBNAIL = 64  # pixels


class UnreadableImageError(Exception):
    """The file is not a usable image; `scan.py` skips and lists such files.

    The text is the end of a sentence that begins with the name of the file.
    """


def decode(data: bytes) -> Image:
    """Return the pixels of an image file, (H, W, 3) uint8 RGB.

    EXIF orientation is applied. Of an animation, the first frame is decoded. Transparent pixels are blended with white.
    16-bit values are scaled by 255/65535. 32-bit values have no standard range: floats in [0, 1], integers in 0..65535
    and floats in 0..255 are scaled from that range; other values are scaled from their minimum to their maximum, so the
    brightness of two such images cannot be compared. Colour profiles are not applied.

    Raises
    ------
    UnreadableImageError
        If the file is too large, damaged, or not an image of a known format.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableImageError(f"has {len(data) / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise UnreadableImageError(_too_many(f"{width} x {height}"))
            image.load()  # finds truncated files; `verify` does not
            return _rgb(_upright(image))
    except UnreadableImageError:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise UnreadableImageError(_too_many("too many")) from None
    except UnidentifiedImageError:
        raise UnreadableImageError("is empty" if not data else "is not an image of a known format") from None
    except Exception as error:  # on damaged files, Pillow raises many types of error
        raise UnreadableImageError(_reason(error)) from error


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


def _upright(image: Pillow.Image) -> Pillow.Image:
    """Apply the EXIF orientation to the image, in place, if it can be read, and return the image."""
    with suppress(Exception):  # on damaged EXIF data, Pillow raises many types of error; the pixels are valid
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _rgb(image: Pillow.Image) -> Image:
    mode = image.mode
    if mode.startswith("I;16"):
        return _from_16_bit(np.asarray(image))
    if mode in ("I", "F"):
        return _from_32_bit(np.asarray(image))
    if mode == "LAB":
        image = ImageCms.applyTransform(image, _lab_to_rgb())  # type: ignore[assignment]
    elif image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", rgba.size, "white"), rgba)
    return np.array(image.convert("RGB"))  # a copy, because Pillow's memory is read-only


def _from_16_bit(values: NDArray[Any]) -> Image:
    """Return 0..65535 as 0..255, rounded; `convert("RGB")` would clip values above 255."""
    scaled = (values.astype(np.uint32) * 255 + 32767) // 65535
    return _grey(scaled)


def _from_32_bit(values: NDArray[Any]) -> Image:
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnreadableImageError("has pixels that are not finite numbers")
    integer = values.dtype.kind in "iu"
    if integer and low >= 0 and high <= 65535:
        return _from_16_bit(values)
    if not integer and low >= 0 and high <= 1:
        return _grey(np.rint(values * 255))
    if not integer and low >= 0 and high <= 255:
        return _grey(np.rint(values))
    return _grey(np.rint((values.astype(np.float64) - low) * (255 / max(high - low, 1e-300))))


def _grey(values: NDArray[Any]) -> Image:
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)


def _lab_to_rgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")


def _too_many(pixels: str) -> str:
    return f"has {pixels} pixels, more than {MAX_PIXELS // 10**6} million"


def _reason(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return f"is cut off ({text})" if "truncated" in text.lower() else f"is damaged ({text})"
