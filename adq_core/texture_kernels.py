"""The loops of `texture.py`, compiled on first use and kept compiled on disk.

One pass over the pixels, in float32 that holds whole numbers only: the grey value is 299 R + 587 G + 114 B, at most
255,000, so Sobel's values and their absolute sums stay below 2^24 and are exact. The result therefore does not depend
on order, vector width, threads or machine; what is left of rounding is one division at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

WHITE = 255_000  # the grey value of white in whole numbers: 255 (299 + 587 + 114)
EXACT_ROWS = 8  # |Sobel_x| + |Sobel_y| is at most 8 WHITE, and 8 x 8 WHITE < 2^24: so many rows add up exactly
ANY_ORDER = {"reassoc", "contract", "nsz"}  # free for the compiler, since every order gives the same whole number
R, G, B = np.float32(299), np.float32(587), np.float32(114)
TWO = np.float32(2)

# nogil and threads of our own rather than numba's parallel loops: those abort the whole process when two sessions
# enter them at once on the thread layer that every platform has, and take four times as long to compile.


@njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def image_textures(flat: Any, first: Any, shapes: Any, out: Any) -> None:
    """Write the mean texture of images that lie one after the other in `flat`, image i from first[i] on, into `out`."""
    widest = 1
    for i in range(len(out)):
        widest = max(widest, shapes[i, 1])
    rows, sums = np.empty((3, widest + 2), np.float32), np.zeros(widest, np.float32)
    for i in range(len(out)):
        height, width = shapes[i, 0], shapes[i, 1]
        total = 0.0
        _grey_row(flat, first[i] + 3 * width * min(1, height - 1), width, rows[0])  # row -1 is row 1, reflected
        _grey_row(flat, first[i], width, rows[1])
        for y in range(height):
            below = rows[(y + 2) % 3]
            _grey_row(flat, first[i] + 3 * width * _reflected(y + 1, height), width, below)
            _add_row(rows[y % 3], rows[(y + 1) % 3], below, sums, width)
            if y % EXACT_ROWS == EXACT_ROWS - 1 or y == height - 1:
                for x in range(width):
                    total += np.float64(sums[x])
                    sums[x] = 0
        out[i] = total / (2.0 * WHITE * height * width)


@njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def pixel_textures(image: Any) -> Any:
    """Return (H, W) float32, the texture of every pixel of one contiguous image."""
    height, width = image.shape[0], image.shape[1]
    flat = image.reshape(-1)
    rows, out = np.empty((3, width + 2), np.float32), np.zeros((height, width), np.float32)
    _grey_row(flat, 3 * width * min(1, height - 1), width, rows[0])
    _grey_row(flat, 0, width, rows[1])
    for y in range(height):
        below = rows[(y + 2) % 3]
        _grey_row(flat, 3 * width * _reflected(y + 1, height), width, below)
        _add_row(rows[y % 3], rows[(y + 1) % 3], below, out[y], width)
        for x in range(width):
            out[y, x] /= np.float32(2 * WHITE)
    return out


@njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def _grey_row(flat: Any, start: int, width: int, row: Any) -> None:
    """Write one row of whole grey values into row[1 : width + 1], with the reflected pixel on each side."""
    line, inner = flat[start : start + 3 * width], row[1 : width + 1]
    for x in range(width):
        inner[x] = R * np.float32(line[3 * x]) + G * np.float32(line[3 * x + 1]) + B * np.float32(line[3 * x + 2])
    row[0] = row[2 if width > 1 else 1]
    row[width + 1] = row[width - 1 if width > 1 else 1]


@njit(nogil=True, cache=True, fastmath=ANY_ORDER)  # type: ignore[untyped-decorator]
def _add_row(above: Any, here: Any, below: Any, sums: Any, width: int) -> None:
    """Add |Sobel_x| + |Sobel_y| of a row, in whole grey values, to `sums`."""
    above1, above2, here2, below1, below2 = above[1:], above[2:], here[2:], below[1:], below[2:]
    for x in range(width):
        gx = (above2[x] - above[x]) + TWO * (here2[x] - here[x]) + (below2[x] - below[x])
        gy = (below[x] - above[x]) + TWO * (below1[x] - above1[x]) + (below2[x] - above2[x])
        sums[x] += abs(gx) + abs(gy)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _reflected(y: int, height: int) -> int:
    """Return the row that stands in for row y <= height: itself, or the last but one past the end."""
    return y if y < height else max(height - 2, 0)
