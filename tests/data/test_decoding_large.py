"""Large photographs, files that would take much memory, and the budget that threads share."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

import adq_core
from adq_core.data import open_dataset
from adq_core.data.pixels import decoding, pillow_files
from adq_core.data.pixels.decoding import UnreadableImageError, decode
from adq_core.data.pixels.pillow_files import jpeg_coefficient_bytes, open_image
from adq_core.parallel import ByteBudget

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def packed(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(width: int, height: int) -> Image.Image:
    ramp = np.add.outer(np.linspace(0, 120, height), np.linspace(0, 120, width))
    return Image.fromarray(np.dstack([ramp, ramp[::-1], 240 - ramp]).astype(np.uint8))


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_files, "MAX_PIXELS", 100 * 80)


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((100, 80), (80, 100)),
        ((101, 80), (40, 51)),
        ((200, 160), (80, 100)),
        ((203, 160), (40, 51)),
        ((799, 640), (80, 100)),
    ],
)
@pytest.mark.parametrize("progressive", [False, True])
def test_a_large_jpeg_is_decoded_at_the_largest_fraction_below_the_limit(
    size: tuple[int, int], expected: tuple[int, int], progressive: bool
) -> None:
    image = gradient(*size)
    data = packed(image, quality=95, progressive=progressive)
    got = decode(data)
    assert got.shape == (*expected, 3)
    reduced = np.asarray(image.resize((got.shape[1], got.shape[0]), Image.Resampling.BOX))
    assert np.abs(got.astype(int) - reduced).mean() < 4


@pytest.mark.usefixtures("small_limit")
def test_other_large_images_are_refused_with_the_limit() -> None:
    for kind in ("PNG", "TIFF", "BMP", "WEBP", "GIF", "PPM", "JPEG2000"):
        with pytest.raises(UnreadableImageError) as error:
            decode(packed(gradient(101, 80), kind))
        assert str(error.value) == "has 101 x 80 pixels, more than 0 million"
    with pytest.raises(UnreadableImageError, match=r"^has 801 x 640 pixels, more than 0 million$"):
        decode(packed(gradient(801, 640)))


@pytest.mark.usefixtures("small_limit")
def test_a_large_jpeg_has_its_orientation_and_profile() -> None:
    from .profiles import P3_XYZ, rgb_profile, to_srgb

    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image = Image.new("RGB", (200, 160), (180, 60, 40))
    got = decode(packed(image, quality=95, exif=exif, icc_profile=rgb_profile(P3_XYZ, 2.2)))
    assert got.shape == (100, 80, 3)
    np.testing.assert_allclose(got[50, 40], to_srgb(np.array([180, 60, 40], np.uint8), P3_XYZ, 2.2), atol=4)


def test_a_photograph_of_200_million_pixels_opens_and_is_said(tmp_path: Path) -> None:
    (tmp_path / "phone.jpg").write_bytes(packed(Image.new("L", (16320, 12240), 90), quality=50))
    data = open_dataset(str(tmp_path))
    assert data.sizes.tolist() == [[6120, 8160]]
    assert data.description.endswith(
        "1 JPEG file of more than 50 million pixels: read at a half, a quarter or an eighth of the width and height."
    )
    pixels = data.read(0)
    assert pixels.shape == (6120, 8160, 3)
    assert abs(int(pixels[3000, 4000, 0]) - 90) < 3


def test_the_memory_of_coefficients_is_counted_for_jpeg_files_with_several_scans() -> None:
    def coefficients(**options: Any) -> int:
        return jpeg_coefficient_bytes(open_image(packed(gradient(320, 160), **options)))

    assert coefficients() == 0
    assert coefficients(progressive=True, subsampling=0) == 320 * 160 * 3 * 2
    assert coefficients(progressive=True, subsampling=2) == 320 * 160 * 3 // 2 * 2


def test_a_jpeg_that_needs_more_than_the_budget_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BUDGET", ByteBudget(12 * 2**20))
    data = packed(gradient(1200, 1000), progressive=True, subsampling=0)
    with pytest.raises(UnreadableImageError, match=r"^needs 16 MB to be decoded, more than 12; save it as a JPEG that"):
        decode(data)
    assert decode(packed(gradient(1200, 1000))).shape == (1000, 1200, 3)


def test_images_that_are_decoded_at_once_share_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    budget, active, most = ByteBudget(24 * 2**20), 0, 0
    lock, load = threading.Lock(), Image.Image.close

    def observe(image: Image.Image) -> None:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        threading.Event().wait(0.02)  # a wait within the hold, so that threads overlap
        with lock:
            active -= 1
        load(image)

    monkeypatch.setattr(decoding, "BUDGET", budget)
    data = packed(gradient(1200, 1000))  # 9.6 MB each
    expected = decode(data)
    monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile.close", observe, raising=False)
    with ThreadPoolExecutor(8) as pool:
        for got in pool.map(decode, [data] * 16):
            np.testing.assert_array_equal(got, expected)
    assert most == 2


# --- memory of refused files, each measured in a process of its own ---


def png(width: int, height: int, *chunks: bytes, name: bytes = b"zTXt") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    texts = b"".join(chunk(name, b"a\0\0" + body) for body in chunks)
    return head + texts + chunk(b"IDAT", zlib.compress(bytes(2**20)))


def tiff(width: int, height: int, compression: int, count: int = 1) -> bytes:
    tags = [
        (256, width),
        (257, height),
        (258, 8),
        (259, compression),
        (262, 1),
        (273, 200),
        (278, height),
        (279, count),
    ]
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    many = struct.pack("<HHII", 700, 1, 2**31 - 1, 0)  # a text that claims 2 GB
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags) + 1) + fields + many + bytes(60) + b"\x80\x0b" * 50


def jpeg2000(width: int, height: int) -> bytes:
    data = packed(Image.new("RGB", (64, 64)), "JPEG2000", no_jp2=True)
    size = struct.pack(">II", width, height)
    return data[:8] + size + data[16:24] + size + data[32:]


def progressive(width: int, height: int) -> bytes:
    data = packed(Image.new("RGB", (64, 64)), progressive=True)
    at = data.find(b"\xff\xc2") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


BOMBS = {
    "png": png(60_000, 60_000),
    "png cut off": png(7000, 7000),
    "png texts": png(8000, 8000, *[zlib.compress(bytes(2**26))] * 20),
    "png profile": png(10, 10, zlib.compress(bytes(2**29)), name=b"iCCP"),
    "gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\x02\x4c\x01\0;",
    "bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 0, 0, 54, 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "ppm": b"P6 60000 60000 255\n" + bytes(100),
    "ppm cut off": b"P6 7000 7000 999\n" + bytes(100),
    "tiff": tiff(60_000, 60_000, 5),
    "tiff cut off": tiff(7000, 7000, 1, 49_000_000),
    "tiff lzw": tiff(7000, 7000, 5, 100),
    "jpeg 2000": jpeg2000(60_000, 60_000),
    "jpeg 2000 cut off": jpeg2000(7000, 7000)[:120],
    "jpeg progressive": progressive(65_000, 65_000),
    "zeros": bytes(2**26),
}

PEAK = """
import sys
from adq_core.data.pixels.decoding import UnreadableImageError, decode

def peak(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) // 1024

idle = peak("VmRSS")
data = sys.stdin.buffer.read()
try:
    decode(data)
    print("opened")
except UnreadableImageError as error:
    print(error)
print(peak("VmHWM") - idle)
"""


@LINUX
@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_would_take_much_memory_takes_less_than_300_mb(name: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PEAK],
        input=BOMBS[name],
        capture_output=True,
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(adq_core.__file__).parents[1])},
    )
    reason, megabytes = result.stdout.decode().splitlines()
    assert (reason == "opened") == (name == "png profile")  # its pixels are sound
    assert int(megabytes) < 300, reason
