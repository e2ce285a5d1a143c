"""Bytes to pixels: values of every mode checked by hand, reasons for damaged files, and unusual real files."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import ExifTags, Image

from adq_core.data.pixels import pillow_files
from adq_core.data.pixels.decoding import UnreadableImageError, decode, thumbnail

SMALL = st.tuples(st.integers(1, 9), st.integers(1, 9))


def packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_without_pixels(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return start + struct.pack(">I", 9) + b"IDAT"


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableImageError) as error:
        decode(data)
    return str(error.value)


@given(SMALL.flatmap(lambda size: arrays(np.uint8, (*size, 3))), st.sampled_from(["PNG", "BMP", "TIFF", "PPM"]))
def test_rgb_is_decoded_without_loss(pixels: NDArray[np.uint8], kind: str) -> None:
    got = decode(packed(Image.fromarray(pixels), kind))
    assert got.dtype == np.uint8
    assert got.flags.writeable
    np.testing.assert_array_equal(got, pixels)


@given(SMALL.flatmap(lambda size: arrays(np.uint16, size)), st.sampled_from(["PNG", "TIFF"]))
def test_16_bit_values_are_scaled_and_not_clipped(values: NDArray[np.uint16], kind: str) -> None:
    got = decode(packed(Image.fromarray(values), kind))
    np.testing.assert_array_equal(got[..., 0], np.floor(values / 257 + 0.5))
    np.testing.assert_array_equal(got[..., 0], got[..., 2])


@given(SMALL.flatmap(lambda size: arrays(np.uint8, (*size, 4))))
def test_transparent_pixels_are_blended_with_white(pixels: NDArray[np.uint8]) -> None:
    got = decode(packed(Image.fromarray(pixels)))
    alpha = pixels[..., 3:] / 255
    np.testing.assert_allclose(got, pixels[..., :3] * alpha + 255 * (1 - alpha), atol=1.0)


@given(SMALL.flatmap(lambda size: arrays(np.uint8, (*size, 3))), st.sampled_from(range(1, 9)))
def test_the_exif_orientation_is_applied(upright: NDArray[np.uint8], orientation: int) -> None:
    # As stored by a camera: a rotated image that is upright after the rotation named in the tag.
    turns: dict[int, Any] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turns[orientation](upright)))
    np.testing.assert_array_equal(decode(packed(stored, "PNG", exif=exif)), upright)


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (Image.new("1", (2, 1), 1), "PNG", [255, 255, 255]),
        (Image.new("L", (2, 1), 77), "PNG", [77, 77, 77]),
        (Image.new("LA", (2, 1), (100, 0)), "PNG", [255, 255, 255]),
        (Image.new("CMYK", (2, 1), (255, 0, 0, 0)), "TIFF", [0, 255, 255]),
        (Image.new("CMYK", (2, 1), (0, 0, 0, 255)), "TIFF", [0, 0, 0]),
        (Image.new("LAB", (2, 1), (255, 128, 128)), "TIFF", [255, 255, 255]),
        (Image.new("I", (2, 1), 65535), "TIFF", [255, 255, 255]),
        (Image.new("I", (2, 1), 257), "TIFF", [1, 1, 1]),
        (Image.new("F", (2, 1), 0.5), "TIFF", [128, 128, 128]),
        (Image.new("F", (2, 1), 200.0), "TIFF", [200, 200, 200]),
        (Image.new("F", (2, 1), -3.0), "TIFF", [0, 0, 0]),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else None,
)
def test_every_mode_becomes_rgb(image: Image.Image, kind: str, expected: list[int]) -> None:
    got = decode(packed(image, kind))
    assert got.shape == (1, 2, 3)
    np.testing.assert_allclose(got[0, 0], expected, atol=1)


def test_32_bit_values_outside_the_standard_ranges_are_scaled_to_their_own_range() -> None:
    got = decode(packed(Image.fromarray(np.array([[-1000.0, 0.0, 1000.0]], dtype=np.float32)), "TIFF"))
    np.testing.assert_array_equal(got[0, :, 0], [0, 128, 255])


def test_a_palette_keeps_its_colours_and_its_transparent_colour_is_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    np.testing.assert_array_equal(decode(packed(image))[0], [[10, 20, 30], [200, 100, 50]])
    np.testing.assert_array_equal(decode(packed(image, transparency=1))[0], [[10, 20, 30], [255, 255, 255]])


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_decoded(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    got = decode(packed(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert got[4, 4, 0] > 250
    assert got[4, 4, 2] < 5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP"])
def test_a_truncated_file_is_unreadable(kind: str) -> None:
    rng = np.random.default_rng(0)
    data = packed(Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)), kind)
    assert decode(data).shape == (64, 64, 3)
    assert reason(data[: len(data) * 2 // 3]).startswith(("is cut off (", "is damaged (", "is not an image of a known"))


def test_reasons_are_ends_of_sentences() -> None:
    jpeg = packed(Image.new("RGB", (64, 64), "red"), "JPEG")
    assert reason(b"") == "is empty"
    assert reason(b"hello") == "is not an image of a known format"
    assert reason(jpeg[:-40]).startswith("is cut off (image file is truncated")
    assert reason(png_without_pixels(10_000, 6_000)) == "has 10000 x 6000 pixels, more than 50 million"
    assert reason(png_without_pixels(60_000, 60_000)) == "has 3,600 million pixels, more than 50 million"
    assert reason(packed(Image.new("F", (2, 1), float("nan")), "TIFF")) == "has pixels that are not finite numbers"


def test_a_file_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_files, "MAX_FILE_BYTES", 2**20)
    assert reason(bytes(2**21)) == "has 2 MB, more than 1"


def test_formats_with_programs_are_not_opened() -> None:
    assert reason(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n") == "has the format EPS, which is not read"
    assert reason(packed(Image.new("RGB", (4, 4)), "ICO")) == "has the format ICO, which is not read"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_an_image_with_damaged_exif_data_is_decoded() -> None:
    assert decode(packed(Image.new("RGB", (4, 3)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff")).shape == (3, 4, 3)


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (300, 7), (64, 64), (63, 65), (32, 32)])
def test_a_thumbnail_is_the_centred_square(size: tuple[int, int]) -> None:
    got = thumbnail(np.full((*size, 3), 90, dtype=np.uint8))
    assert got.shape == (64, 64, 3)
    assert (got == 90).all()


def test_a_thumbnail_crops_the_sides_and_keeps_small_pixels_sharp() -> None:
    wide = np.zeros((100, 300, 3), dtype=np.uint8)
    wide[:, 100:200] = 255
    assert thumbnail(wide)[:, 3:-3].min() > 250  # except for the soft edge, no pixel of the black sides
    dots = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(thumbnail(dots), dots.repeat(4, axis=0).repeat(4, axis=1))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_odd_files_are_read_exactly_where_pillow_can(shared_data: Path) -> None:
    folder = shared_data / "odd_images"
    rows = list(csv.DictReader((folder / "index.csv").read_text().splitlines()))
    assert len(rows) > 30
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        if row["status"] != "ok" and row["file"] != "png_decompression_dos.png":  # only its text is too large
            assert reason(data), row["file"]
            continue
        got = decode(data)
        if row["status"] != "ok":
            continue
        size = (int(row["h"]), int(row["w"]))
        assert got.shape == (
            *(size[::-1] if row["exif_orientation"] in "5678" and row["exif_orientation"] else size),
            3,
        )


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_odd_files_have_the_right_colours(shared_data: Path) -> None:
    def mean(name: str) -> list[float]:
        return decode((shared_data / "odd_images" / name).read_bytes()).mean(axis=(0, 1)).round().tolist()

    assert mean("uint16_1_4660.tif") == [18, 18, 18]  # 4660 / 257
    assert mean("16_bit_binary.pgm") == [128, 128, 128]
    assert mean("lab-green.tif") == [0, 152, 117]
    assert mean("lab.tif") == [254, 255, 254]
    landscape = [decode((shared_data / "odd_images" / f"exif_Landscape_{k}.jpg").read_bytes()) for k in (3, 6)]
    assert (
        np.abs(landscape[0].astype(int) - landscape[1]).mean() < 5
    )  # one photograph in two orientations of the camera
