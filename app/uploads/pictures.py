"""A picture that a user uploads to search for similar images. It stays in the memory of the user's own session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow

from adq_core.data import UnreadableImageError, decode_image
from adq_core.digests import content_digest
from adq_core.errors import InputError
from adq_core.records import Image

from .names import clean_name

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic")
MAX_PICTURE_BYTES = 50_000_000
MAX_SIDE = 1024  # pixels; networks see far fewer


@dataclass(frozen=True, eq=False)
class Picture:
    """The pixels of an uploaded picture, its name, and the digest of its file."""

    name: str
    pixels: Image
    key: str


def read_picture(name: str, content: bytes) -> Picture:
    """Return the picture in a file, reduced to at most 1,024 pixels.

    Raises
    ------
    InputError
        If the file is too large or is not an image that can be read.
    """
    name = clean_name(name)
    if len(content) > MAX_PICTURE_BYTES:
        raise InputError(
            f"{name} has {len(content) / 1e6:,.0f} MB. A picture to search by may have "
            f"{MAX_PICTURE_BYTES / 1e6:,.0f} MB at most."
        )
    try:
        pixels = decode_image(content)
    except UnreadableImageError as error:
        raise InputError(f"{name} {error}") from None
    longer = max(pixels.shape[:2])
    if longer > MAX_SIDE:
        image = Pillow.fromarray(pixels)
        image.thumbnail((MAX_SIDE, MAX_SIDE), Pillow.Resampling.LANCZOS, reducing_gap=2.0)
        pixels = np.asarray(image)
    return Picture(name, pixels, content_digest(pixels))
