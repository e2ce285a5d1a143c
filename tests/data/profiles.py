"""Colour profiles (ICC) made from their numbers, so that their conversion to sRGB can be computed by hand."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

# Columns: XYZ of red, green and blue, adapted to the white point D50 of all profiles.
SRGB_XYZ = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
P3_XYZ = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])
ADOBE_XYZ = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
WHITE = (0.9642, 1.0, 0.8249)


def profile(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """Return a profile of version 2 with these tags."""
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s12x4s", size, b"test", 0x02400000, kind, space, connection, b"acsp")
    head += bytes(68 - len(head)) + _numbers(WHITE)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def rgb_profile(xyz: NDArray[np.float64], gamma: float) -> bytes:
    """Return the profile of three primaries, each with the curve `value ** gamma`."""
    tags = {b"wtpt": _xyz(WHITE)}
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), xyz.T, strict=True):
        tags[name] = _xyz(tuple(column))
    return profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _gamma(gamma)))


def grey_profile(gamma: float) -> bytes:
    """Return a profile of grey values with the curve `value ** gamma`."""
    return profile(b"GRAY", {b"wtpt": _xyz(WHITE), b"kTRC": _gamma(gamma)})


def cmyk_profile() -> bytes:
    """Return a profile in which only black ink has an effect: L* is 100 without it and 0 with all of it."""
    table = bytes(value for corner in range(16) for value in ((0 if corner & 1 else 255), 128, 128))
    linear = bytes(range(256))
    head = struct.pack(">4s4xBBBx", b"mft1", 4, 3, 2) + _numbers((1, 0, 0, 0, 1, 0, 0, 0, 1))
    tags = {b"wtpt": _xyz(WHITE), b"A2B0": head + linear * 4 + table + linear * 3}
    return profile(b"CMYK", tags, b"prtr", b"Lab ")


def to_srgb(colours: NDArray[np.uint8], xyz: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """Return colours of these primaries as sRGB, 0..255, clipped: the oracle of the conversion."""
    linear = (colours / 255) ** gamma @ xyz.T @ np.linalg.inv(SRGB_XYZ).T
    linear = linear.clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(255 * encoded)


def _numbers(values: tuple[float, ...]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _numbers(values)


def _gamma(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
