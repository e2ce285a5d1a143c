"""Values of more than 8 bits: black and white are decided for a whole set, and the same in every order of its files."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from adq_core.data import open_dataset
from adq_core.data.dataset import ImageDataset
from adq_core.data.pixels.decoding import decode
from adq_core.data.pixels.value_ranges import (
    EACH_ITS_OWN,
    FLOATS,
    INTEGERS,
    SIXTEEN_BITS,
    Extent,
    ValueRanges,
    choose_range,
    choose_ranges,
    describe_ranges,
    range_of,
    read_ranges,
    scaled,
)

TWELVE = ValueRanges((0, 4095), None, None)


def packed(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png16(values: NDArray[np.uint16]) -> bytes:
    """Return a PNG with 16 bits per value: (H, W, 2) grey and alpha, (H, W, 3) colours, (H, W, 4) with alpha."""
    import zlib

    height, width, bands = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[bands], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff16(values: NDArray[np.uint16], order: str) -> bytes:
    """Return an uncompressed TIFF in colours of 16 bits; `order` is "<" or ">"."""
    height, width, bands = values.shape
    body = values.astype(order + "u2").tobytes()
    bits_at, start = 8 + 2 + 9 * 12 + 4, 8 + 2 + 9 * 12 + 4 + 2 * bands
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, bands, bits_at),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, start),
        (277, 3, 1, bands),
        (278, 4, 1, height),
        (279, 4, 1, len(body)),
    ]
    head = struct.pack(order + "2sHIH", b"II" if order == "<" else b"MM", 42, 8, len(tags))
    for tag, kind, count, value in tags:
        field = struct.pack(order + "H2x", value) if kind == 3 and count == 1 else struct.pack(order + "I", value)
        head += struct.pack(order + "HHI", tag, kind, count) + field
    return head + bytes(4) + struct.pack(order + f"{bands}H", *[16] * bands) + body


@pytest.mark.parametrize(
    ("kind", "low", "high", "expected"),
    [
        (SIXTEEN_BITS, 0, 0, (0, 255)),
        (SIXTEEN_BITS, 5, 255, (0, 255)),
        (SIXTEEN_BITS, 0, 256, (0, 1023)),
        (SIXTEEN_BITS, 9, 4095, (0, 4095)),
        (SIXTEEN_BITS, 0, 4096, (0, 16383)),
        (SIXTEEN_BITS, 0, 16384, (0, 65535)),
        (INTEGERS, 0, 100_000, (0, 2**17 - 1)),
        (INTEGERS, 0, 2**31 - 1, (0, 2**31 - 1)),
        (INTEGERS, -1024, 3071, (-1024, 3071)),
        (FLOATS, 0, 1, (0, 1)),
        (FLOATS, 0.5, 1.01, (0, 255)),
        (FLOATS, -0.1, 1, (-0.1, 1)),
        (FLOATS, 3, 256, (3, 256)),
    ],
)
def test_the_range_is_the_smallest_usual_one_that_covers_the_values(
    kind: str, low: float, high: float, expected: tuple[float, float]
) -> None:
    assert choose_range(kind, low, high) == expected


EXTENTS = st.lists(
    st.tuples(st.sampled_from([SIXTEEN_BITS, INTEGERS, FLOATS]), st.integers(0, 65535), st.integers(0, 65535)).map(
        lambda drawn: Extent(drawn[0], min(drawn[1:]), max(drawn[1:]))
    )
)


@given(EXTENTS, st.randoms())
def test_ranges_depend_on_no_order_cover_all_values_and_survive_json(extents: list[Extent], random: Any) -> None:
    ranges = choose_ranges(extents)
    shuffled = extents.copy()
    random.shuffle(shuffled)
    assert choose_ranges(shuffled) == ranges
    for extent in extents:
        black, white = range_of(extent, ranges)
        assert black <= extent.low <= extent.high <= white
    assert read_ranges([list(pair) if pair else None for pair in ranges]) == ranges
    assert {part is None for part in ranges} <= {True, False}


@given(st.lists(st.integers(0, 65535), min_size=1), st.sampled_from([255, 1023, 4095, 16383, 65535]))
def test_integers_are_rounded_and_clipped(values: list[int], white: int) -> None:
    expected = np.floor(np.array(values).clip(0, white) * 255 / white + 0.5)
    for dtype in ("u2", ">u2", "i4"):
        np.testing.assert_array_equal(scaled(np.array(values, dtype), (0, white)), expected)


def test_negative_values_and_floats_are_scaled_from_black_to_white() -> None:
    np.testing.assert_array_equal(scaled(np.array([-1024, 0, 1024], np.int32), (-1024, 1024)), [0, 128, 255])
    np.testing.assert_array_equal(scaled(np.array([-1.0, 0.25, 2.0], np.float32), (0, 1)), [0, 64, 255])
    np.testing.assert_array_equal(scaled(np.array([7.0], np.float32), (7, 7)), [0])


def test_sentences_name_the_scale_and_count_dark_images() -> None:
    def sentences(*extents: Extent) -> list[str]:
        return describe_ranges(choose_ranges(extents), extents)

    def grey(high: int) -> Extent:
        return Extent(SIXTEEN_BITS, 0, high)

    assert sentences() == []
    assert sentences(grey(60_000), grey(50_000)) == []
    assert sentences(grey(4000), grey(3000)) == ["16-bit images are scaled from 12 bits."]
    assert sentences(grey(60_000), grey(4000), grey(200)) == [
        "16-bit images are scaled from 16 bits; 2 of 3 have no value above 4,000 and can appear dark."
    ]
    assert sentences(Extent(INTEGERS, -5, 90), Extent(FLOATS, 0, 0.7)) == ["32-bit images are scaled from -5 to 90."]
    assert sentences(Extent(FLOATS, -3.25, 900)) == ["Floating-point images are scaled from -3.25 to 900."]


def test_grey_values_are_scaled_from_the_range_of_the_set() -> None:
    values = np.array([[0, 1024, 4095, 65535]], np.uint16)
    for kind in ("PNG", "TIFF"):
        data = packed(Image.fromarray(values), kind)
        assert decode(data, TWELVE)[0, :, 0].tolist() == [0, 64, 255, 255]
        assert decode(data)[0, :, 0].tolist() == [0, 4, 16, 255]
        assert decode(data, EACH_ITS_OWN)[0, :, 0].tolist() == [0, 4, 16, 255]


COLOURS = np.random.default_rng(0).integers(0, 4096, (5, 6, 3), dtype=np.uint16)
EXPECTED = np.floor(COLOURS.astype(float) * 255 / 4095 + 0.5)


@pytest.mark.parametrize("data", [png16(COLOURS), tiff16(COLOURS, "<"), tiff16(COLOURS, ">")], ids=["PNG", "II", "MM"])
def test_colours_are_scaled_with_all_their_bits(data: bytes) -> None:
    np.testing.assert_array_equal(decode(data, TWELVE), EXPECTED)
    np.testing.assert_array_equal(decode(data, EACH_ITS_OWN), decode(data, TWELVE))
    np.testing.assert_array_equal(decode(data), COLOURS // 256)


def test_compressed_colours_are_scaled_with_all_their_bits() -> None:
    cv2 = pytest.importorskip("cv2")
    for options in ([cv2.IMWRITE_TIFF_COMPRESSION, 5], [cv2.IMWRITE_TIFF_COMPRESSION, 8]):
        data = cv2.imencode(".tif", COLOURS[..., ::-1], options)[1].tobytes()
        assert Image.open(io.BytesIO(data)).info["compression"] != "raw"
        np.testing.assert_array_equal(decode(data, TWELVE), EXPECTED)


@pytest.mark.parametrize("alpha", [65535, 4095])
def test_alpha_is_scaled_from_its_own_bits(alpha: int) -> None:
    opaque = np.full((5, 6, 1), alpha, np.uint16)
    np.testing.assert_array_equal(decode(png16(np.dstack([COLOURS, opaque])), TWELVE), EXPECTED)
    got = decode(png16(np.dstack([COLOURS[..., :1], opaque])), TWELVE)
    np.testing.assert_array_equal(got, EXPECTED[..., :1].repeat(3, axis=2))


def test_alpha_with_more_bits_than_the_colours_is_scaled_from_16_bits() -> None:
    half = np.full((5, 6, 1), 128 * 256, np.uint16)
    expected = EXPECTED * (128 / 255) + 127
    np.testing.assert_allclose(decode(png16(np.dstack([COLOURS, half])), TWELVE), expected, atol=1)


def test_strips_of_deep_images_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    grey = packed(Image.fromarray(COLOURS[..., 0]))
    monkeypatch.setattr("adq_core.data.pixels.deep_images.STRIP_PIXELS", 13)
    np.testing.assert_array_equal(decode(png16(COLOURS), TWELVE), EXPECTED)
    np.testing.assert_array_equal(decode(grey, TWELVE)[..., 0], EXPECTED[..., 0])


@pytest.mark.parametrize("maximum", [4095, 1000, 200])
@pytest.mark.parametrize("magic", [b"P2", b"P3", b"P5", b"P6"])
def test_a_file_that_states_its_maximum_is_scaled_from_it(maximum: int, magic: bytes) -> None:
    bands = 3 if magic in (b"P3", b"P6") else 1
    values = np.linspace(0, maximum, 6).astype(int).repeat(bands)
    plain = magic in (b"P2", b"P3")
    body = " ".join(map(str, values)).encode() if plain else values.astype(">u2" if maximum > 255 else "u1").tobytes()
    data = magic + b"\n# comment\n6 1\n" + str(maximum).encode() + b"\n" + body
    for ranges in (None, EACH_ITS_OWN, ValueRanges((0, 255), (0, 255), (0, 255))):
        np.testing.assert_allclose(decode(data, ranges)[0, :, 0], values[::bands] * 255 / maximum, atol=0.51)


@pytest.mark.parametrize("magic", [b"P5", b"P6"])
def test_a_ppm_file_with_the_largest_maximum_is_scaled_from_the_range_of_the_set(magic: bytes) -> None:
    values = np.array([0, 1000, 4095]).repeat(3 if magic == b"P6" else 1)
    data = magic + b" 3 1 65535\n" + values.astype(">u2").tobytes()
    assert decode(data, TWELVE)[0, :, 1].tolist() == [0, 62, 255]


def test_a_jpeg_2000_file_that_states_12_bits_is_not_scaled_again() -> None:
    data = packed(Image.fromarray(np.full((8, 8), 3000, np.uint16)), "JPEG2000")
    assert decode(data, TWELVE)[0, 0, 0] == 187
    at = data.find(b"\xff\x4f\xff\x51") + 42
    assert data[at] == 15  # bits - 1
    twelve = decode(data[:at] + bytes([11]) + data[at + 1 :])
    np.testing.assert_array_equal(decode(data[:at] + bytes([11]) + data[at + 1 :], TWELVE), twelve)


def write(folder: Path, *highest: int, first: int = 0) -> Path:
    """Write a 16-bit image for each number, its highest value."""
    folder.mkdir(exist_ok=True)
    for index, value in enumerate(highest, start=first):
        ramp = np.linspace(0, value, 80 * 70).astype(np.uint16).reshape(80, 70)
        Image.fromarray(ramp).save(folder / f"{index}.png")
    return folder


def opened(folder: Path, cache: Path | None = None) -> ImageDataset:
    return open_dataset(str(folder), cache=cache)


@pytest.mark.parametrize("cached", [False, True])
def test_a_set_of_12_bits_is_not_black(tmp_path: Path, cached: bool) -> None:
    folder, cache = write(tmp_path / "scans", 4095, 1100, 2000), tmp_path / "cache" if cached else None
    for _ in range(2):  # the second time from the cache
        data = opened(folder, cache)
        assert data.description.endswith("from scans. 16-bit images are scaled from 12 bits.")
        np.testing.assert_allclose(data.thumbnails[:].max(axis=(1, 2, 3)), [239, 64, 117], atol=3)


def test_one_brighter_file_changes_the_scale_the_key_and_the_thumbnails_and_is_said(tmp_path: Path) -> None:
    folder = write(tmp_path / "scans", 4000, 3000)
    before = opened(folder, tmp_path / "cache")
    write(folder, 65535, first=2)
    after = opened(folder, tmp_path / "cache")
    assert after.key != before.key
    assert (int(before.read(0).max()), int(after.read(0).max())) == (249, 16)
    assert [int(after.thumbnails[row].max()) for row in (0, 2)] == [15, 239]
    assert after.description.endswith(
        "16-bit images are scaled from 16 bits; 2 of 3 have no value above 4,000 and can appear dark."
    )


def test_files_with_8_bits_are_not_scaled(tmp_path: Path) -> None:
    folder = write(tmp_path / "mixed", 1000)
    Image.new("L", (80, 80), 77).save(folder / "plain.png")
    data = opened(folder)
    assert data.description.endswith("16-bit images are scaled from 10 bits.")
    assert data.read(1).tolist() == np.full((80, 80, 3), 77).tolist()


def test_32_bit_images_of_a_set_share_one_scale(tmp_path: Path) -> None:
    for index, low in enumerate((-1000, -900, 1000)):
        Image.fromarray(np.linspace(low, low + 500, 80 * 80, dtype=np.int32).reshape(80, 80)).save(
            tmp_path / f"{index}.tif"
        )
    data = opened(tmp_path)
    assert data.description.endswith(
        "32-bit images are scaled from -1,000 to 1,500; 2 of 3 have no value above -400 and can appear dark."
    )
    assert [int(data.read(row).min()) for row in range(3)] == [0, 10, 204]
