"""Each format that is read, by its ending or its first bytes; faulty texts of PNG files; silence of the libraries."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image

import adq_core
from adq_core.data import open_dataset
from adq_core.data.pixels.decoding import UnreadableImageError, decode
from adq_core.data.pixels.formats import HEAD_BYTES, SUFFIXES, count_suffixes, is_image_head, suffix
from adq_core.errors import InputError

FORMATS = ["AVIF", "BMP", "DIB", "GIF", "HEIF", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "TIFF", "WEBP"]


def packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    if kind == "HEIF":  # without the registration of its reader, which `decode` must do
        pillow_heif.from_pillow(image).save(file, **options)
    else:
        image.save(file, kind, **options)
    return file.getvalue()


def picture(width: int = 80, height: int = 64) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue; the top quarter is white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = pixels[:, width // 2 :, 2] = 200
    pixels[: height // 4] = 255
    return Image.fromarray(pixels)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_decoded_and_known_by_its_first_bytes(kind: str) -> None:
    data = packed(picture(), kind)
    assert (kind == "DIB") != is_image_head(data[:HEAD_BYTES])  # a DIB has no signature
    np.testing.assert_allclose(decode(data)[40:60, 5:35].mean(axis=(0, 1)), [200, 0, 0], atol=8)


@pytest.mark.parametrize("magic", [b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf"])
def test_all_kinds_of_ppm_are_known(magic: bytes) -> None:
    assert is_image_head(magic + b"\n3 4\n255\n" + bytes(20))
    assert is_image_head(magic + b" # by a program\n")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"B",
        b"BM",
        b"BMW is a maker of cars",
        b"P3 is not P2 at all",
        b"Portugal",
        b"%PDF-1.7 etc etc etc",
        b"MMXXIV",
        b"GIF is a format of",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0",
        b"PK\x03\x04aaaaaaaaaaaa",
    ],
)
def test_other_files_are_not_taken_for_images(text: bytes) -> None:
    assert not is_image_head(text[:HEAD_BYTES])


def test_files_without_an_ending_that_are_images_are_read_and_counted(tmp_path: Path) -> None:
    for name, kind in (("cat/a", "PNG"), ("cat/0b1f", "WEBP"), ("dog/photo.", "JPEG"), ("dog/b.png", "PNG")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(packed(picture(), kind))
    (tmp_path / "cat" / "README").write_text("P3 cats")
    (tmp_path / "cat" / "cut").write_bytes(packed(picture())[:40])
    data = open_dataset(str(tmp_path))
    assert data.ids == ("dog/b.png", "cat/0b1f", "cat/a", "dog/photo.")  # ImageFolder lists the first one only
    assert data.description.endswith("3 files without an ending: images by the content.")
    assert [item.id for item in data.skipped] == ["cat/cut"]


def test_of_files_without_an_ending_only_the_first_bytes_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(packed(picture()))
    with (tmp_path / "dump").open("wb") as file:
        file.truncate(2**40)  # a sparse file of 1 TB
    assert open_dataset(str(tmp_path)).ids == ("a.png",)


@pytest.mark.parametrize("name", SUFFIXES)
def test_every_ending_is_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / f"a.{name.upper()}").write_bytes(packed(picture()))  # the content decides how it is read
    assert open_dataset(str(tmp_path)).ids == (f"a.{name.upper()}",)


def test_files_of_formats_that_are_not_read_are_counted_and_named(tmp_path: Path) -> None:
    for name in ("1.svg", "2.SVG", "3.psd", "4.nef", "notes.txt"):
        (tmp_path / name).write_bytes(b"content")
    with pytest.raises(InputError) as error:
        open_dataset(str(tmp_path))
    assert str(error.value) == (
        f"{tmp_path.name} has no image files of a format that is read, but files of other formats: 2 .svg, 1 .nef, "
        "1 .psd. Convert them to .png or .jpg."
    )
    (tmp_path / "a.png").write_bytes(packed(picture()))
    reasons = {item.id: item.reason for item in open_dataset(str(tmp_path)).skipped}
    assert reasons["2.SVG"] == "is a .svg file, which is not read; convert it to .png or .jpg"
    assert len(reasons) == 4
    assert count_suffixes(f"{i}.{name}" for i, name in enumerate("abcdef")) == "1 .a, 1 .b, 1 .c, 1 .d, 1 .e, ..."
    assert suffix("a/B.b/IMG_1.") == ""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_a_heic_photograph_is_applied_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = packed(picture(), "HEIF", exif=exif.tobytes(), quality=95)
    # pillow-heif writes both the tag and the rotation of the container; the container decides.
    rotated = pillow_heif.open_heif(io.BytesIO(data)).to_pillow()
    got = decode(data)
    np.testing.assert_allclose(got, np.asarray(rotated.convert("RGB")), atol=1)
    jpeg = decode(packed(picture(), "JPEG", exif=exif, quality=95))
    assert got.shape == jpeg.shape == ((64, 80, 3) if orientation < 5 else (80, 64, 3))
    assert np.abs(got.astype(int) - jpeg).mean() < 4


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_heic_of_every_mode(mode: str) -> None:
    got = decode(packed(picture().convert(mode), "HEIF", quality=100))
    expected = np.asarray(picture().convert(mode).convert("RGB"))
    np.testing.assert_allclose(got[20:60, 5:35], expected[20:60, 5:35], atol=6)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_cut_off_or_damaged_file_of_boxes_is_refused(kind: str) -> None:
    data = packed(picture(300, 200), kind)
    for part in (data[:8], data[:30], data[: len(data) // 2], data[:40] + b"\xff" * 200 + data[240:]):
        with pytest.raises(UnreadableImageError, match=r"^(is (cut off|damaged|not an image)|has)"):
            decode(part)


# --- PNG ---


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(*chunks: bytes) -> bytes:
    """Return a PNG file with chunks after its header."""
    data = packed(picture())
    return data[:33] + b"".join(chunks) + data[33:]


BOMB = zlib.compress(bytes(2**28), 9)  # 260 kB that unpack to 256 MB


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"zTXt", b"key\0\0" + BOMB)],
        [chunk(b"iTXt", b"key\0\1\0\0\0" + BOMB)],
        [chunk(b"iCCP", b"key\0\0" + BOMB)],
        [chunk(b"tEXt", b"key\0" + b"x" * 2**23)],
        [chunk(b"zTXt", b"key\0\0" + zlib.compress(b"x" * 2**20))] * 100,
        [chunk(b"zTXt", b"key\0\7" + b"unknown method")],
        [chunk(b"iTXt", b"key\0\1\0\0\0" + b"no stream")],
        [chunk(b"iCCP", b"key\0\7")],
        [chunk(b"iCCP", b"key\0\0no stream")],
        [chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fdAT", bytes(4) + b"no stream")],
        [chunk(b"pHYs", b"\1"), chunk(b"gAMA", b""), chunk(b"cHRM", b"\0"), chunk(b"sRGB", b"")],
    ],
    ids=["zTXt", "iTXt", "iCCP", "tEXt", "many", "method", "stream", "profile", "packing", "animation", "short"],
)
def test_large_and_damaged_chunks_do_not_hide_sound_pixels(chunks: list[bytes]) -> None:
    np.testing.assert_array_equal(decode(with_chunks(*chunks)), np.asarray(picture()))


def test_the_colour_profile_of_a_png_with_a_large_text_is_applied() -> None:
    from .profiles import P3_XYZ, rgb_profile

    profile = chunk(b"iCCP", b"P3\0\0" + zlib.compress(rgb_profile(P3_XYZ, 2.2)))
    expected = decode(with_chunks(profile))
    assert (expected != np.asarray(picture())).any()
    np.testing.assert_array_equal(decode(with_chunks(profile, chunk(b"zTXt", b"key\0\0" + BOMB))), expected)


def test_the_orientation_of_a_png_with_a_large_text_is_applied() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = packed(picture(), exif=exif)
    text = chunk(b"zTXt", b"key\0\0" + BOMB)
    assert decode(data[:33] + text + data[33:]).shape == (80, 64, 3)


def test_damaged_pixels_of_a_png_with_a_large_text_are_refused() -> None:
    data = with_chunks(chunk(b"zTXt", b"key\0\0" + BOMB))
    with pytest.raises(UnreadableImageError):
        decode(data[:-60])


QUIET = """
import io, logging, sys, warnings
from pathlib import Path
from PIL import Image

def plain(data):
    Image.open(io.BytesIO(data)).getexif()
    Image.open(io.BytesIO(data)).load()

if sys.argv[2] == "plain":
    decode = plain
else:
    from adq_core.data.pixels.decoding import decode
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        decode(path.read_bytes())
    except Exception:
        pass
logging.getLogger("own").error("own message")
warnings.warn("own warning")
"""


def test_nothing_is_written_about_damaged_files(tmp_path: Path) -> None:
    """The libraries in C write to the file descriptor, so a process of its own is observed."""
    tiff = packed(picture(), "TIFF", compression="tiff_lzw")
    offset = struct.pack("<HHI", 273, 4, 1)
    outside = tiff.replace(offset + struct.pack("<I", 8), offset + struct.pack("<I", 2**31))
    (tmp_path / "library.tif").write_bytes(outside)
    samples = struct.pack("<HHI", 277, 3, 1)
    at = tiff.find(samples) + len(samples)
    (tmp_path / "logger.tif").write_bytes(tiff[:at] + b"\xff\xff" + tiff[at + 2 :])
    (tmp_path / "warning.jpg").write_bytes(packed(picture(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff"))

    def written(how: str) -> list[str]:
        result = subprocess.run(
            [sys.executable, "-c", QUIET, str(tmp_path), how],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(Path(adq_core.__file__).parents[1])},
        )
        return [line for line in result.stderr.splitlines() if not line.startswith("  ")]

    assert len(written("plain")) == 5  # Pillow alone: one line about each of the three files
    assert [line.split(": ")[-1] for line in written("decode")] == ["own message", "own warning"]
