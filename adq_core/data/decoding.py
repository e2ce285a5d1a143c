"""The bytes of one image file to RGB pixels, or to a reason in words why not."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, ImageCms, UnidentifiedImageError
from PIL import Image as Pillow

from adq_core.records import Image

Pillow.init()  # all of its readers; `open` with a list of formats trips over those that are not registered yet

# What Pillow may open here. Its other readers stay closed: some start programs (EPS), most never met a stranger's file.
FORMATS: list[str] = [
    name
    for name in ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "TIFF", "WEBP")
    if name in Pillow.OPEN
]
MAX_PIXELS = 50_000_000  # of one image: 150 MB as RGB; checked before anything is decoded
MAX_FILE_BYTES = 2**28  # of one file
THUMBNAIL = 64  # pixels


class UnreadableImageError(Exception):
    """This file is no usable image; the text says why, as the end of a sentence that begins with the file's name."""


def decode(data: bytes) -> Image:
    """Return the (H, W, 3) uint8 RGB pixels of an image file, upright; raise `UnreadableImageError` if there are none.

    EXIF orientation is applied. Of an animation, the first frame. Transparency is laid over white. 16-bit values are
    scaled by 255/65535. 32-bit values have no agreed range: floats within [0, 1] and whole numbers within 0..65535 are
    taken as such, floats within 0..255 as they are; any others are stretched from their own least to their own
    greatest, so that two such images cannot be compared in brightness. Colour profiles are not applied.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableImageError(f"has {len(data) / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise UnreadableImageError(_too_many(f"{width} x {height}"))
            opened.load()  # finds what is cut off; `verify` does not
            return _rgb(_upright(opened))
    except UnreadableImageError:
        raise
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning):
        raise UnreadableImageError(_too_many("too many")) from None
    except UnidentifiedImageError:
        raise UnreadableImageError("is empty" if not data else "is not an image of a known format") from None
    except Exception as error:  # broken files make Pillow's readers raise nearly anything
        raise UnreadableImageError(_in_words(error)) from error


def thumbnail(image: Image | Pillow.Image) -> NDArray[np.uint8]:
    """Return the (64, 64, 3) thumbnail: the largest square in the middle of the image, made smaller or larger.

    A square without bars, because a sheet of thumbnails is looked at as a whole and most classifiers see this cut too;
    what lies outside it is seen in the image itself. An image that fits into 64 pixels a whole number of times is
    enlarged without smoothing, so that its pixels stay pixels.
    """
    picture = image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    method = Pillow.Resampling.NEAREST if THUMBNAIL % side == 0 else Pillow.Resampling.LANCZOS
    square = (left, top, left + side, top + side)
    return np.asarray(picture.resize((THUMBNAIL, THUMBNAIL), method, box=square, reducing_gap=2.0))


def _upright(image: Pillow.Image) -> Pillow.Image:
    """Return the image turned as its EXIF says; where the EXIF is damaged, as it is."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # the pixels are fine: a damaged note beside them is no reason to lose them
        return image
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _rgb(image: Pillow.Image) -> Image:
    mode = image.mode
    if mode.startswith("I;16"):
        return _from_16_bit(np.asarray(image))
    if mode in ("I", "F"):
        return _from_32_bit(np.asarray(image))
    if mode == "LAB":
        image = ImageCms.applyTransform(image, _lab_to_rgb())  # type: ignore[assignment]
    elif image.has_transparency_data:
        clear = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", clear.size, "white"), clear)
    return np.array(image.convert("RGB"))  # a copy, because a view of Pillow's memory cannot be written to


def _from_16_bit(values: NDArray[Any]) -> Image:
    """Return 0..65535 as 0..255, rounded; `convert("RGB")` would cut everything above 255 off."""
    scaled = (values.astype(np.uint32) * 255 + 32767) // 65535
    return _grey(scaled)


def _from_32_bit(values: NDArray[Any]) -> Image:
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnreadableImageError("has pixels that are not finite numbers")
    whole = values.dtype.kind in "iu"
    if whole and low >= 0 and high <= 65535:
        return _from_16_bit(values)
    if not whole and low >= 0 and high <= 1:
        return _grey(np.rint(values * 255))
    if not whole and low >= 0 and high <= 255:
        return _grey(np.rint(values))
    return _grey(np.rint((values.astype(np.float64) - low) * (255 / max(high - low, 1e-300))))


def _grey(values: NDArray[Any]) -> Image:
    return np.repeat(values.astype(np.uint8)[..., None], 3, axis=2)


def _lab_to_rgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")


def _too_many(pixels: str) -> str:
    return f"has {pixels} pixels, more than {MAX_PIXELS // 10**6} million"


def _in_words(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return f"is cut off ({text})" if "truncated" in text.lower() else f"is damaged ({text})"


_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
