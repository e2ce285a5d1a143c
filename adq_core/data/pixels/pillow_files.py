"""Image files opened by Pillow: which formats, large JPEG files at a fraction of their size, and reasons for errors."""

from __future__ import annotations

import ctypes
import io
import logging
import re
import warnings
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from PIL import Image as Pillow
from PIL import ImageFile, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError, _imaging

from .formats import HEAD_BYTES
from .png_files import sound_parts

Pillow.init()  # registers all readers; `open` fails for formats that are not registered yet

# Formats that Pillow may open, the frequent ones first. Some of its other readers start programs (EPS), most are not
# safe for unknown files.
FORMATS: list[str] = [
    name
    for name in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "JPEG2000", "PPM", "DIB", "MPO")
    if name in Pillow.OPEN
]
BOX_FORMATS = ["AVIF", "HEIF"]  # files of boxes, of which the first has the name "ftyp"
OTHER_FORMATS = ("BLP", "CUR", "DDS", "EPS", "FITS", "ICNS", "ICO", "PSD", "QOI", "SGI", "WMF", "XPM")  # only named
MAX_PIXELS = 50_000_000  # of one decoded image: 150 MB as RGB; checked before anything is decoded
MAX_FILE_BYTES = 2**28  # of one file
REDUCTIONS = (2, 4, 8)  # at which the JPEG library can decode
JPEG2000_END = b"\xff\xd9"
_UNSUPPORTED = re.compile(r"unsupported|not supported|unable to determine|unknown (pixel|compression)", re.IGNORECASE)


class UnreadableImageError(Exception):
    """The file is not a usable image; `scan.py` skips and lists such files.

    The text is the end of a sentence that begins with the name of the file.
    """


class OpenedImage(NamedTuple):
    """An image whose header was read."""

    image: ImageFile.ImageFile
    data: bytes  # of the file from which it was opened
    reduction: int = 1  # it is decoded at 1/reduction of its width and height


def open_image(data: bytes) -> OpenedImage:
    """Return the opened image file; no pixel is decoded yet.

    A JPEG file of more than 50 million pixels is opened at a half, a quarter or an eighth of its size: the largest that
    has at most 50 million pixels.

    Raises
    ------
    UnreadableImageError
        If the file is too large or has too many pixels.
    Exception
        On damaged files, Pillow raises many types of error; `reason_of` has the text.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableImageError(f"has {len(data) / 2**20:,.0f} MB, more than {MAX_FILE_BYTES / 2**20:,.0f}")
    if data[:3] == b"\xff\xd8\xff":
        return _open_jpeg(data)
    try:
        image = Pillow.open(io.BytesIO(data), formats=_box_formats() if data[4:8] == b"ftyp" else FORMATS)
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        number = re.search(r"\((\d+) pixels\)", str(error))
        raise _too_many(f"{int(number[1]) / 1e6:,.0f} million" if number else "too many") from None
    width, height = image.size
    if not 0 < width * height <= MAX_PIXELS:
        raise _too_many(f"{width} x {height}")
    return OpenedImage(image, data)


def open_sound_parts(data: bytes) -> OpenedImage | None:
    """Return a PNG file opened without its texts and animation; None for other formats. Raises as `open_image` does."""
    parts = sound_parts(data)
    if parts is None:
        return None
    opened = open_image(parts.data)
    if parts.profile is not None:
        opened.image.info["icc_profile"] = parts.profile
    return opened


def _open_jpeg(data: bytes) -> OpenedImage:
    """Open a JPEG file without `Pillow.open`, which refuses 180 million pixels before `draft` can be called."""
    image = JpegImagePlugin.jpeg_factory(io.BytesIO(data))
    width, height = image.size
    if width * height <= MAX_PIXELS:
        return OpenedImage(image, data)
    for reduction in REDUCTIONS:
        if -(-width // reduction) * -(-height // reduction) <= MAX_PIXELS:
            image.draft(None, (width // reduction, height // reduction))
            return OpenedImage(image, data, reduction)
    raise _too_many(f"{width} x {height}")


def jpeg_coefficient_bytes(opened: OpenedImage) -> int:
    """Return the memory for the coefficients of a JPEG file with several scans (all progressive ones); else 0.

    The JPEG library must hold them for the whole image, whatever the reduction. Other files are decoded row by row.
    """
    image, data, reduction = opened
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or not image.layer:
        return 0
    scan = data.rfind(b"\xff\xda", 0, image.fp.tell() if image.fp is not None else 0)  # its header was read last
    in_first_scan = data[scan + 4] if scan >= 0 else len(image.layer)
    if not image.info.get("progressive") and in_first_scan >= len(image.layer):
        return 0
    widest, highest = (max(layer[i] for layer in image.layer) for i in (1, 2))
    share = sum(layer[1] * layer[2] for layer in image.layer) / max(widest * highest, 1)
    return int(2 * share * image.width * image.height * reduction**2)


@cache
def _box_formats() -> list[str]:
    """Register the reader of HEIC and HEIF, whose import takes 0.07 s, and return the names of the formats of boxes."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return [name for name in BOX_FORMATS if name in Pillow.OPEN]


def _too_many(pixels: str) -> UnreadableImageError:
    if pixels.startswith("0 ") or pixels.endswith(" 0"):
        return UnreadableImageError(f"has {pixels} pixels")
    return UnreadableImageError(f"has {pixels} pixels, more than {MAX_PIXELS // 10**6} million")


def _unidentified(data: bytes) -> str:
    """Return the reason why no reader of Pillow opened the file."""
    if not data:
        return "is empty"
    head = data[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0")  # some readers need that many bytes
    for name in (*FORMATS, *_box_formats()):
        factory, accept = Pillow.OPEN[name]
        try:
            if accept is not None and accept(head) is True:
                factory(io.BytesIO(data), "").close()
        except Exception as error:
            if len(data) >= HEAD_BYTES:  # less is no image of any format
                return _sentence(error)
    for name in OTHER_FORMATS:
        with suppress(Exception):
            if Pillow.OPEN[name][1](head):  # type: ignore[misc]
                return f"has the format {name}, which is not read"
    return "is not an image of a known format"


def reason_of(error: Exception, data: bytes, image: Pillow.Image | None) -> str:
    """Return the reason why Pillow raised an error on a file: the end of a sentence that begins with its name.

    `image` is the opened image, if the error was raised later.
    """
    if image is None and isinstance(error, UnidentifiedImageError):
        return _unidentified(data)
    if isinstance(error, MemoryError):
        return "needs more memory than there is"
    if isinstance(image, TiffImagePlugin.TiffImageFile) and not _has_codec(image):
        return f"has the compression {image.info.get('compression')}, which is not read"
    if image is not None and image.format == "JPEG2000" and JPEG2000_END not in data:
        return "is cut off (it has no end marker)"
    return _sentence(error)


def _sentence(error: Exception) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    text = text.replace("not identified by this driver", "its width or height is 0")
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    if _UNSUPPORTED.search(text):
        return f"has a variant of its format that is not read ({text})"
    return f"is cut off ({text})" if "truncated" in text.lower() else f"is damaged ({text})"


def _has_codec(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Return whether the TIFF library has the compression of the image; True if that is not known."""
    try:
        scheme = int(image.tag_v2.get(TiffImagePlugin.COMPRESSION, 1))
        return bool(_c_libraries().TIFFIsCODECConfigured(ctypes.c_uint16(scheme)))
    except Exception:  # the library is linked in a way that hides its functions, or the file has no sound header
        return True


def use_large_blocks() -> None:
    """Let Pillow allocate the pixels of large images in blocks of 64 MB.

    The C library returns blocks of more than 32 MB to the system when they are freed. It keeps smaller ones for the
    thread that had them: with Pillow's blocks of 16 MB, twelve threads that had decoded 48 million pixels each kept
    1.7 GB. Small images are not affected: a block is never larger than the image.
    """
    _imaging.set_block_size(2**26)


@cache
def _c_libraries() -> Any:
    """Return a handle to the C libraries that Pillow has loaded."""
    return ctypes.CDLL(_imaging.__file__)


def silence_libraries() -> None:
    """Let Pillow and its C libraries write nothing to the standard error output about damaged files.

    Such files are listed with their reasons instead. The TIFF library writes its messages itself; it has a function to
    turn that off, which needs no redirected file descriptor. Pillow's log messages still reach a configured logger.
    """
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    warnings.filterwarnings("ignore", module=r"PIL\.")
    with suppress(OSError, AttributeError):  # where the functions are hidden, the messages stay
        libraries = _c_libraries()
        for name in ("TIFFSetErrorHandler", "TIFFSetWarningHandler", "TIFFSetErrorHandlerExt"):
            function = getattr(libraries, name)
            function.argtypes, function.restype = [ctypes.c_void_p], ctypes.c_void_p
            function(None)


silence_libraries()
use_large_blocks()
