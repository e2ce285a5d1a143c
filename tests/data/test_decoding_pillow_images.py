"""Pillow's own test images: each opens as Pillow converts it, or is refused for the reason in the table.

They are in Pillow's source distribution: `pip download --no-deps --no-binary :all: pillow`, then unpack it and set
ADQ_TEST_IMAGES to its folder `Tests/images`. Without it these tests are skipped.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from adq_core.data.pixels.decoding import UnreadableImageError, decode
from adq_core.data.pixels.formats import HEAD_BYTES, SUFFIXES, UNSUPPORTED_SUFFIXES, is_image_head, suffix
from adq_core.data.pixels.pillow_files import BOX_FORMATS, FORMATS

FOLDER = os.environ.get("ADQ_TEST_IMAGES", "")
# Begin of the reason of each file that is refused; all others open.
CUT, DAMAGED, VARIANT = "is cut off (", "is damaged (", "has a variant of its format that is not read ("
REFUSED = {
    "00r0_gray_l.jp2": DAMAGED,  # a box of the header has an impossible name
    "00r1_graya_la.jp2": DAMAGED,
    "apng/syntax_num_frames_zero.png": DAMAGED,  # has no pixels
    "balloon_eciRGBv2_aware.jp2": CUT,
    "bmp/b/badbitcount.bmp": VARIANT,
    "bmp/b/badheadersize.bmp": VARIANT,
    "bmp/b/badpalettesize.bmp": VARIANT,
    "bmp/b/badwidth.bmp": "has 274,878 million pixels, more than 50 million",
    "bmp/b/reallybig.bmp": "has 6,000,000 million pixels, more than 50 million",
    "bmp/b/shortfile.bmp": CUT,
    "bmp/g/rgb32bf.bmp": VARIANT,
    "bmp/q/pal2.bmp": VARIANT,
    "bmp/q/pal8os2v2-16.bmp": VARIANT,
    "bmp/q/pal8oversizepal.bmp": DAMAGED,
    "bmp/q/rgb16-231.bmp": VARIANT,
    "bmp/q/rgb24jpeg.bmp": VARIANT,
    "bmp/q/rgb24png.bmp": VARIANT,
    "bmp/q/rgb32-111110.bmp": VARIANT,
    "bmp/q/rgba16-4444.bmp": VARIANT,
    "bmp/q/rgba32abf.bmp": VARIANT,
    "broken.png": DAMAGED,
    "broken_data_stream.png": DAMAGED,
    "crash-4fb027452e6988530aa5dabee76eecacb3b79f8a.j2k": DAMAGED,
    "crash-7d4c83eb92150fb8f1653a697703ae06ae7c4998.j2k": DAMAGED,
    "crash-ccca68ff40171fdae983d924e127a721cab2bd50.j2k": DAMAGED,
    "crash-d2c93af851d3ab9a19e34503626368b2ecde9c03.j2k": DAMAGED,
    "decompression_bomb.gif": "has 4,365 million pixels, more than 50 million",
    "expected_to_read.jp2": DAMAGED,
    "hopper_unknown_pixel_mode.tif": VARIANT,
    "hopper_webp.tif": "has the compression webp, which is not read",
    "invalid_header_length.jp2": DAMAGED,
    "l2rgb_read.bmp": "has 3158064 x 48 pixels, more than 50 million",
    "libtiff_segfault.tif": DAMAGED,
    "negative_size.ppm": DAMAGED,
    "not_enough_data.jp2": DAMAGED,
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": DAMAGED,
    "seek_too_large.tif": DAMAGED,
    "tiff_overflow_rows_per_strip.tif": DAMAGED,
    "tiff_tiled_jpeg_oob_read.tif": DAMAGED,
    "timeout-6646305047838720": CUT,
    "truncated_end_chunk.png": CUT,
    "truncated_image.png": CUT,
    "truncated_jpeg.jpg": CUT,
    "ultrahdr.jpg": CUT,  # the file ends within the first of its two images
    "unbound_variable.jp2": DAMAGED,
    "unknown_mode.j2k": VARIANT,
    "zero_height.j2k": "is damaged (its width or height is 0)",
    "zero_width.gif": "is damaged (its width or height is 0)",
}
NO_PICTURES = {"bufr", "grib", "h5", "hdf", "iim", "mpeg", "mpg", "pdf", "ps"}  # data, films and documents
ONLY_HERE = {  # their pixels are sound, but Pillow refuses a text or the animation
    "apng/chunk_no_fctl.png",
    "png_decompression_dos.png",
    "unknown_compression_method.png",
}


def files() -> list[Path]:
    root = Path(FOLDER)
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file() and (suffix(path.name) in SUFFIXES or (not suffix(path.name) and is_head(path)))
    )


def is_head(path: Path) -> bool:
    return is_image_head(path.read_bytes()[:HEAD_BYTES])


def converted(data: bytes) -> NDArray[np.uint8] | None:
    """Return the conversion by Pillow alone; None where more than `convert` is needed."""
    image = Image.open(io.BytesIO(data))
    plain = image.mode in ("1", "L", "P", "RGB", "CMYK", "YCbCr", "RGBA", "LA", "PA")
    raw = str(image.tile[0].args) if image.tile else ""
    if not plain or ";16" in raw or "icc_profile" in image.info:
        return None
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return np.asarray(Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB"))
    return np.asarray(image.convert("RGB"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not FOLDER, reason="ADQ_TEST_IMAGES names no folder of images")
def test_each_image_opens_as_pillow_converts_it_or_is_refused_for_its_reason() -> None:
    found = files()
    assert len(found) > 500
    wrong, compared = [], 0
    for path in found:
        name, data = path.relative_to(FOLDER).as_posix(), path.read_bytes()
        try:
            pixels = decode(data)
        except UnreadableImageError as error:
            if name not in REFUSED or not str(error).startswith(REFUSED[name]):
                wrong.append(f"{name} {error}")
            continue
        if name in REFUSED:
            wrong.append(f"{name} opens")
        elif name not in ONLY_HERE:
            try:
                expected = converted(data)
            except Exception as error:
                wrong.append(f"{name} opens, Pillow: {error}")
                continue
            if expected is not None:
                compared += 1
                if not np.array_equal(pixels, expected):
                    wrong.append(f"{name} has other pixels {pixels.shape} {expected.shape}")
    assert not wrong, "\n".join(wrong)
    assert compared > 300


@pytest.mark.parametrize("name", sorted(Image.registered_extensions()))
def test_each_ending_that_pillow_knows_is_read_or_listed(name: str) -> None:
    if Image.registered_extensions()[name] in {*FORMATS, *BOX_FORMATS, "MPO"}:
        assert name[1:] in SUFFIXES
    elif name[1:] not in NO_PICTURES:
        assert name[1:] in UNSUPPORTED_SUFFIXES
