"""The loops of `texture.py`, compiled on first use and kept compiled on disk.

One pass over the pixels in whole numbers: the grey value is 299 R + 587 G + 114 B, so Sobel's sums, their absolute
values and the total are exact integers, and the result does not depend on order, threads or machine. What is left of
floating point is one division at the end.
"""

from __future__ import annotations

import numpy as np
from numba import njit

WHITE = 255_000  # the grey value of white in whole numbers: 255 (299 + 587 + 114)
CHUNK = 512  # columns summed in 32 bits: 512 x 2 x 4 x WHITE < 2^31


# nogil and threads of our own rather than numba's parallel loops: those abort the whole process when two sessions
# enter them at once on the thread layer that every platform has, and take four times as long to compile.
@njit(nogil=True, cache=True)
def _grey_row(flat, start, width, row):  # type: ignore[no-untyped-def]
    """Write one row of whole grey values into row[1 : width + 1], with the reflected pixel on each side."""
    for x in range(width):
        at = start + 3 * x
        row[x + 1] = 299 * np.int32(flat[at]) + 587 * np.int32(flat[at + 1]) + 114 * np.int32(flat[at + 2])
    row[0] = row[2 if width > 1 else 1]
    row[width + 1] = row[width - 1 if width > 1 else 1]


@njit(nogil=True, cache=True)
def _row_sum(above, here, below, width):  # type: ignore[no-untyped-def]
    """Return sum |Sobel_x| + |Sobel_y| over a row, in whole grey values."""
    total = np.int64(0)
    for start in range(0, width, CHUNK):
        part = np.int32(0)
        for x in range(start, min(start + CHUNK, width)):
            gx = (above[x + 2] - above[x]) + 2 * (here[x + 2] - here[x]) + (below[x + 2] - below[x])
            gy = (below[x] - above[x]) + 2 * (below[x + 1] - above[x + 1]) + (below[x + 2] - above[x + 2])
            part += np.int32(abs(gx)) + np.int32(abs(gy))
        total += part
    return total


@njit(nogil=True, cache=True)
def image_textures(flat, first, shapes, out, begin, end):  # type: ignore[no-untyped-def]
    """Write the mean texture of images begin .. end - 1, which lie one after the other in `flat`."""
    widest = 1
    for i in range(begin, end):
        widest = max(widest, shapes[i, 1])
    rows = np.empty((3, widest + 2), np.int32)
    for i in range(begin, end):
        height, width = shapes[i, 0], shapes[i, 1]
        total = np.int64(0)
        _grey_row(flat, first[i] + 3 * width * min(1, height - 1), width, rows[0])  # row -1 is row 1, reflected
        _grey_row(flat, first[i], width, rows[1])
        for y in range(height):
            above, here, below = rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]
            after = y + 1 if y + 1 < height else max(height - 2, 0)
            _grey_row(flat, first[i] + 3 * width * after, width, below)
            total += _row_sum(above, here, below, width)
        out[i] = total / (2.0 * WHITE * height * width)


@njit(nogil=True, cache=True)
def pixel_textures(image):  # type: ignore[no-untyped-def]
    """Return (H, W) float32, the texture of every pixel of one contiguous image."""
    height, width = image.shape[0], image.shape[1]
    flat = image.reshape(-1)
    rows = np.empty((3, width + 2), np.int32)
    out = np.empty((height, width), np.float32)
    _grey_row(flat, 3 * width * min(1, height - 1), width, rows[0])
    _grey_row(flat, 0, width, rows[1])
    for y in range(height):
        above, here, below = rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]
        after = y + 1 if y + 1 < height else max(height - 2, 0)
        _grey_row(flat, 3 * width * after, width, below)
        for x in range(width):
            gx = (above[x + 2] - above[x]) + 2 * (here[x + 2] - here[x]) + (below[x + 2] - below[x])
            gy = (below[x] - above[x]) + 2 * (below[x + 1] - above[x + 1]) + (below[x + 2] - above[x + 2])
            out[y, x] = (abs(gx) + abs(gy)) / (2.0 * WHITE)
    return out
