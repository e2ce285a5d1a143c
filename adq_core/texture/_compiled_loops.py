"""The compiled loops of `sobel.py`: compiled at the first use and cached on disk.

One pass over the pixels in whole numbers. The grey value is 299 R + 587 G + 114 B, at most 255,000. The two Sobel
gradients are combined as |gx| + |gy| = max(|gx + gy|, |gx - gy|), which saves four of sixteen operations. With the
eight neighbours a0 a1 a2 / h0 h2 / b0 b1 b2 and p = b2 - a0, q = b0 - a2, v = h2 - h0, w = b1 - a1, the sum is
gx + gy = 2 (p + v + w) and the difference gx - gy = 2 (v - w - q). Whole numbers make the result independent of order,
vector width, threads and machine; only the division at the end is rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

WHITE = 255_000  # the grey value of white in whole numbers: 255 (299 + 587 + 114)
SAFE_ROWS = 1024  # (|gx| + |gy|) / 2 is at most 4 WHITE, so the sums of this many rows stay below 2^31
SLOTS = 4  # grey rows in memory; row y is in slot (y + 1) % SLOTS
U, I4 = np.uint64, np.int32  # unsigned indices, so that the loops have no check for negative ones

# The loops run without the interpreter lock in Python threads. numba's parallel loops take four times as long to
# compile, and on the thread layer of every platform they abort the process when two sessions use them at once.


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def image_textures(stack: Any, out: Any) -> None:
    """Write the mean texture of (K, H, W, 3) contiguous images into `out`, (K,), two rows at a time."""
    count, height, width = stack.shape[0], stack.shape[1], stack.shape[2]
    flat = stack.reshape(-1)
    rows, sums = np.empty(SLOTS * (width + 2), np.int32), np.zeros(width, np.int32)
    for i in range(count):
        first, total = i * height * width * 3, 0
        _grey_row(flat, first + 3 * width * _reflected(-1, height), width, rows, 0)
        _grey_row(flat, first, width, rows, 1)
        for y in range(0, height, 2):
            for next_row in (y + 1, y + 2):
                if next_row <= height:
                    _grey_row(
                        flat, first + 3 * width * _reflected(next_row, height), width, rows, (next_row + 1) % SLOTS
                    )
            if y + 1 < height:
                _add_two_rows(rows, y, sums, width)
            else:
                _add_row(rows, y, sums, width)
            if y % SAFE_ROWS == 0 or y + 2 >= height:
                for x in range(width):
                    total += sums[x]
                    sums[x] = 0
        out[i] = total / (1.0 * WHITE * height * width)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def several_textures(images: Any, out: Any) -> None:
    """Write the mean textures of a tuple of contiguous images of any shapes into `out`, without a copy."""
    for i, image in enumerate(images):
        image_textures(image.reshape((1, image.shape[0], image.shape[1], 3)), out[i : i + 1])


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pixel_textures(image: Any) -> Any:
    """Return (H, W) float32, the texture of every pixel of one contiguous image."""
    height, width = image.shape[0], image.shape[1]
    flat = image.reshape(-1)
    rows, sums = np.empty(SLOTS * (width + 2), np.int32), np.zeros(width, np.int32)
    out = np.empty((height, width), np.float32)
    for y in range(-1, height + 1):
        _grey_row(flat, 3 * width * _reflected(y, height), width, rows, (y + 1) % SLOTS)
        if y > 0:
            _add_row(rows, y - 1, sums, width)
            for x in range(width):
                out[y - 1, x] = np.float32(sums[x]) / np.float32(WHITE)
                sums[x] = 0
    return out


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _grey_row(flat: Any, start: int, width: int, rows: Any, slot: int) -> None:
    """Write one row of grey values into a slot of `rows`, with a reflected pixel at both ends."""
    here, source, n = U(slot * (width + 2)), U(start), U(width)
    inner = here + U(1)
    for i in range(width):
        x = U(i)
        k = source + U(3) * x
        rows[inner + x] = I4(I4(299) * I4(flat[k]) + I4(587) * I4(flat[k + U(1)]) + I4(114) * I4(flat[k + U(2)]))
    rows[here] = rows[here + U(2 if width > 1 else 1)]
    rows[inner + n] = rows[here + n - U(1 if width > 1 else 0)]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _add_row(rows: Any, y: int, sums: Any, width: int) -> None:
    """Add (|gx| + |gy|) / 2 of row y, in grey values, to `sums`."""
    stride = width + 2
    above, here, below = U(y % SLOTS * stride), U((y + 1) % SLOTS * stride), U((y + 2) % SLOTS * stride)
    for i in range(width):
        x = U(i)
        p = I4(rows[below + x + U(2)] - rows[above + x])
        q = I4(rows[below + x] - rows[above + x + U(2)])
        v = I4(rows[here + x + U(2)] - rows[here + x])
        w = I4(rows[below + x + U(1)] - rows[above + x + U(1)])
        one, other = I4(p + I4(v + w)), I4(I4(v - w) - q)
        sums[x] = I4(sums[x] + max(max(one, I4(-one)), max(other, I4(-other))))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _add_two_rows(rows: Any, y: int, sums: Any, width: int) -> None:
    """Do the same as `_add_row` for rows y and y + 1, which share half of their input: a quarter faster."""
    stride = width + 2
    a, b = U(y % SLOTS * stride), U((y + 1) % SLOTS * stride)
    c, d = U((y + 2) % SLOTS * stride), U((y + 3) % SLOTS * stride)
    for i in range(width):
        x = U(i)
        a0, a1, a2 = rows[a + x], rows[a + x + U(1)], rows[a + x + U(2)]
        b0, b1, b2 = rows[b + x], rows[b + x + U(1)], rows[b + x + U(2)]
        c0, c1, c2 = rows[c + x], rows[c + x + U(1)], rows[c + x + U(2)]
        d0, d1, d2 = rows[d + x], rows[d + x + U(1)], rows[d + x + U(2)]
        p, q, v, w = I4(c2 - a0), I4(c0 - a2), I4(b2 - b0), I4(c1 - a1)
        one, other = I4(p + I4(v + w)), I4(I4(v - w) - q)
        first = max(max(one, I4(-one)), max(other, I4(-other)))
        p, q, v, w = I4(d2 - b0), I4(d0 - b2), I4(c2 - c0), I4(d1 - b1)
        one, other = I4(p + I4(v + w)), I4(I4(v - w) - q)
        sums[x] = I4(sums[x] + I4(first + max(max(one, I4(-one)), max(other, I4(-other)))))


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _reflected(y: int, height: int) -> int:
    """Return the row to read for row -1 <= y <= height: y itself, or the reflected row beyond either end."""
    if y < 0:
        return min(1, height - 1)
    return y if y < height else max(height - 2, 0)
