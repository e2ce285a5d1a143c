"""Damaged files of every format: an image or a reason, in bounded time; never another error."""

from __future__ import annotations

import io
import time
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from adq_core.data.pixels.decoding import UnreadableImageError, decode, scan_image
from adq_core.data.pixels.formats import HEAD_BYTES, is_image_head
from adq_core.data.pixels.value_ranges import EACH_ITS_OWN, ValueRanges

LIMIT_S = 5.0  # of one small file; a sound one takes milliseconds


@cache
def samples() -> dict[str, bytes]:
    """Return small valid files by name: every format, with profile, EXIF data, frames, and deep values."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (24, 20, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = Image.fromarray(rng.integers(0, 4096, (24, 20), dtype=np.uint16))
    cases: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "jpeg": (image, "JPEG", {"exif": exif, "icc_profile": profile}),
        "progressive": (image, "JPEG", {"progressive": True}),
        "cmyk": (image.convert("CMYK"), "JPEG", {}),
        "mpo": (image, "MPO", {"save_all": True, "append_images": [image]}),
        "png": (image, "PNG", {"exif": exif, "icc_profile": profile}),
        "apng": (image, "PNG", {"save_all": True, "append_images": [image.rotate(90)]}),
        "palette": (image.convert("P"), "PNG", {"transparency": 3}),
        "png16": (deep, "PNG", {}),
        "tiff": (image, "TIFF", {"compression": "tiff_lzw", "exif": exif}),
        "tiff16": (deep, "TIFF", {"compression": "tiff_adobe_deflate"}),
        "raw tiff": (image, "TIFF", {"icc_profile": profile}),
        "float": (Image.fromarray(rng.random((24, 20), dtype=np.float32)), "TIFF", {}),
        "fax": (image.convert("1"), "TIFF", {"compression": "group4"}),
        "jpeg tiff": (image, "TIFF", {"compression": "jpeg"}),
        "gif": (image, "GIF", {"save_all": True, "append_images": [image.rotate(90)]}),
        "bmp": (image, "BMP", {}),
        "rle": (image.convert("P"), "BMP", {}),
        "webp": (image, "WEBP", {"exif": exif}),
        "lossless": (image.convert("RGBA"), "WEBP", {"lossless": True}),
        "avif": (image, "AVIF", {"exif": exif}),
        "heic": (image, "HEIF", {"exif": exif.tobytes()}),
        "jp2": (image, "JPEG2000", {}),
        "j2k": (deep, "JPEG2000", {"no_jp2": True}),
        "ppm": (image, "PPM", {}),
        "pfm": (Image.fromarray(rng.random((24, 20), dtype=np.float32)), "PPM", {}),
    }
    found = {}
    for name, (picture, kind, options) in cases.items():
        file = io.BytesIO()
        picture.save(file, kind, **options)
        found[name] = file.getvalue()
    found["plain"] = b"P2 3 2 999\n" + b" ".join(b"%d" % (i * 100) for i in range(6))
    found["unusual"] = b"P6 3 2 999\n" + bytes(36)
    return found


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.floats(0, 1), st.integers(0, 7)),
        st.tuples(st.just("set"), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
        st.tuples(st.just("cut"), st.floats(0, 1), st.none()),
        st.tuples(st.just("remove"), st.floats(0, 1), st.integers(1, 40)),
        st.tuples(st.just("repeat"), st.floats(0, 1), st.integers(1, 40)),
        st.tuples(st.just("splice"), st.floats(0, 1), st.sampled_from(["jpeg", "png", "tiff", "jp2", "gif", "heic"])),
    ),
    min_size=1,
    max_size=6,
)


def edited(data: bytes, edits: list[tuple[str, float, Any]]) -> bytes:
    """Return a file with these damages; most are in its first 200 bytes, where the headers are."""
    for kind, place, value in edits:
        at = int(place**2 * len(data)) if kind != "cut" else int(place * len(data))
        if kind == "flip" and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ (1 << value)]) + data[at + 1 :]
        elif kind == "set":
            data = data[:at] + value + data[at + len(value) :]
        elif kind == "cut":
            data = data[:at]
        elif kind == "remove":
            data = data[:at] + data[at + value :]
        elif kind == "repeat":
            data = data[:at] + data[at : at + value] + data[at:]
        elif kind == "splice":
            data = data[:at] + samples()[value][at:]
    return data


def outcome(data: bytes, ranges: ValueRanges | None) -> tuple[NDArray[np.uint8] | None, str]:
    """Return the pixels of a file or the reason why there are none."""
    try:
        return decode(data, ranges), ""
    except UnreadableImageError as error:
        return None, str(error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", samples())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS, ranges=st.sampled_from([None, EACH_ITS_OWN, ValueRanges((0, 4095), (0, 9), (0, 1))]))
def test_a_damaged_file_is_an_image_or_has_a_reason(
    name: str, edits: list[tuple[str, float, Any]], ranges: ValueRanges | None
) -> None:
    data = edited(samples()[name], edits)
    started = time.process_time()
    pixels, reason = outcome(data, ranges)
    assert time.process_time() - started < LIMIT_S
    if pixels is None:
        assert reason.startswith(("is ", "has ", "needs "))
        assert reason.isprintable()
    else:
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
        assert pixels.shape[2] == 3
        assert scan_image(data, ranges).size == pixels.shape[:2]


@given(st.binary(max_size=200), st.sampled_from(list(samples())))
def test_any_bytes_after_a_header_have_a_reason(body: bytes, name: str) -> None:
    for data in (body, samples()[name][:HEAD_BYTES] + body):
        assert is_image_head(data[:HEAD_BYTES]) in (True, False)
        pixels, reason = outcome(data, None)
        assert (pixels is None) == bool(reason)


def test_the_samples_are_sound() -> None:
    for name, data in samples().items():
        assert decode(data).size > 0, name
