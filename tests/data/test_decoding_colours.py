"""Colour profiles of every mode are converted to sRGB; damaged ones are ignored."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from adq_core.data.pixels.colours import profile_transform
from adq_core.data.pixels.decoding import decode

from .profiles import ADOBE_XYZ, P3_XYZ, SRGB_XYZ, cmyk_profile, grey_profile, rgb_profile, to_srgb

P3, ADOBE = rgb_profile(P3_XYZ, 2.2), rgb_profile(ADOBE_XYZ, 2.2)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def colours(height: int = 6, width: int = 7) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("profile", "xyz"), [(P3, P3_XYZ), (ADOBE, ADOBE_XYZ)], ids=["Display P3", "Adobe RGB"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_wide_colours_are_converted_to_srgb(profile: bytes, xyz: NDArray[np.float64], kind: str) -> None:
    pixels = colours()
    options = {"lossless": True} if kind == "WEBP" else {}
    got = decode(packed(Image.fromarray(pixels), kind, icc_profile=profile, **options))
    np.testing.assert_allclose(got, to_srgb(pixels, xyz, 2.2), atol=2)
    assert np.abs(got.astype(int) - pixels).max() > 20  # without the profile the colours are others


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
def test_lossy_formats_are_converted_too(kind: str) -> None:
    red = Image.new("RGB", (16, 16), (200, 60, 50))
    before = np.asarray(Image.open(io.BytesIO(packed(red, kind, quality=95))).convert("RGB"))
    got = decode(packed(red, kind, quality=95, icc_profile=P3))
    np.testing.assert_allclose(got, to_srgb(before, P3_XYZ, 2.2), atol=2)


def test_all_rows_of_a_large_image_are_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = colours(40, 50)
    whole = decode(packed(Image.fromarray(pixels), icc_profile=P3))
    for module in ("decoding", "deep_images"):
        monkeypatch.setattr(f"adq_core.data.pixels.{module}.STRIP_PIXELS", 150)
    np.testing.assert_array_equal(decode(packed(Image.fromarray(pixels), icc_profile=P3)), whole)


def test_transparent_pixels_are_converted_before_they_are_blended() -> None:
    pixels = np.dstack([colours(), np.full((6, 7), 128, np.uint8)])
    got = decode(packed(Image.fromarray(pixels), icc_profile=ADOBE))
    expected = to_srgb(pixels[..., :3], ADOBE_XYZ, 2.2) * (128 / 255) + 255 * (127 / 255)
    np.testing.assert_allclose(got, expected, atol=2)


def test_a_palette_is_converted() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 200, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    expected = to_srgb(np.array([[10, 200, 30], [200, 100, 50]], np.uint8), P3_XYZ, 2.2)
    np.testing.assert_allclose(decode(packed(image, icc_profile=P3))[0], expected, atol=2)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_values_are_converted_by_a_grey_profile_and_by_that_of_colours(mode: str) -> None:
    values = np.arange(0, 256, 15, dtype=np.uint8)[None]
    image = Image.fromarray(values) if mode != "I;16" else Image.fromarray(values.astype(np.uint16) * 257)
    image = image.convert(mode) if mode == "LA" else image
    for gamma in (1.8, 2.6):
        linear = (values / 255) ** gamma
        expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        for profile in (grey_profile(gamma), rgb_profile(P3_XYZ, gamma)):
            got = decode(packed(image, icc_profile=profile))
            np.testing.assert_allclose(got[..., 0], expected, atol=2)
            assert np.ptp(got, axis=2).max() <= 1


def test_cmyk_is_converted_by_its_profile() -> None:
    for ink, expected in [((0, 0, 0, 0), 255), ((255, 255, 255, 0), 255), ((0, 0, 0, 255), 0)]:
        image = Image.new("CMYK", (8, 8), ink)
        for kind in ("TIFF", "JPEG"):
            np.testing.assert_allclose(decode(packed(image, kind, icc_profile=cmyk_profile())), expected, atol=3)
    half = decode(packed(Image.new("CMYK", (1, 1), (0, 0, 0, 128)), "TIFF", icc_profile=cmyk_profile()))
    assert half[0, 0, 0] == pytest.approx(118, abs=3)  # L* = 50 is the sRGB value 119


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"no profile",
        P3[:100],
        P3[:-40],
        P3[:200] + b"\xff" * 300,
        grey_profile(1.0),
        cmyk_profile(),
        b"\0" * 2**20,
    ],
    ids=["empty", "text", "header", "cut off", "damaged", "of grey", "of CMYK", "zeros"],
)
def test_a_damaged_or_foreign_profile_is_ignored(profile: bytes) -> None:
    pixels = colours()
    np.testing.assert_array_equal(decode(packed(Image.fromarray(pixels), "TIFF", icc_profile=profile)), pixels)


@pytest.mark.parametrize("profile", [SRGB, rgb_profile(SRGB_XYZ, 2.2)], ids=["sRGB", "gamma 2.2"])
def test_a_profile_that_describes_srgb_changes_no_pixel(profile: bytes) -> None:
    if profile == SRGB:
        assert profile_transform(profile, "RGB") is None
        np.testing.assert_array_equal(decode(packed(Image.fromarray(colours()), icc_profile=profile)), colours())
    else:  # its name is not asked: this curve differs from that of sRGB
        assert profile_transform(profile, "RGB") is not None


def test_threads_that_share_a_transform_return_the_same_pixels() -> None:
    images = [np.random.default_rng(i).integers(0, 256, (300, 300, 3), dtype=np.uint8) for i in range(4)]
    files = [packed(Image.fromarray(pixels), compress_level=0, icc_profile=ADOBE) for pixels in images]
    alone = [decode(data) for data in files]
    with ThreadPoolExecutor(4) as pool:
        for index, got in enumerate(pool.map(decode, files * 8)):
            np.testing.assert_array_equal(got, alone[index % 4])
