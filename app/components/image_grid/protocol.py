"""Messages between the server and the browser: `GridView` goes to the browser, `GridEvent` comes back.

The arrays of a view have mounts of their own: Streamlit sends a large message that has not changed as a hash.
`frontend/marks.js` is the browser's side of `read_marks`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from adq_core.digests import content_digest, derive_key
from adq_core.records import Bools, Floats, Ints

from ..blobs import encode_blob

PAGES = ("image", "similar")  # that the browser can open for an image
MAX_SERIAL = 2**53
BASE = 36  # of the numbers in a list of marks


@dataclass(frozen=True, eq=False)
class GridView:
    """The images in order, and how the selected ones are marked.

    `bin_order` has the rows sorted by (bin, draw position); with `capacity` and the quotas of every step of alpha the
    browser knows the selected images at every alpha. A selection without quotas is given as `selected`.
    """

    images: str  # key of the data set
    total: int  # M
    order: Ints  # (N,) rows in the order in which they are shown; N < M if a filter hides some
    address: str  # path of the pictures on this server; another one for other images or facts
    sides: tuple[int, ...]  # sides of the tiles that the server has, in pixels
    facts: tuple[str, ...] = ()  # labels of the values in a tooltip
    alpha: float = 0.0
    alphas: Floats | None = None  # (A,)
    quota: Ints | None = None  # (A, n_bins)
    bin_order: Ints | None = None  # (M,)
    capacity: Ints | None = None  # (n_bins,)
    selected: Bools | None = None  # (M,)
    focus: int | None = None  # row
    noun: str = "images"
    name: str = "Images"  # of the grid, for screen readers
    empty: str = "No image passes the filters."

    def blobs(self) -> dict[str, tuple[str, bytes]]:
        """Return the arrays by name, each as its key and its bytes."""
        found = {"order": _blob("order", {}, {"row": self.order.astype(np.uint32)})}
        if self.selected is not None:
            found["quotas"] = _blob("selected", {}, {"selected": self.selected.astype(np.uint8)})
        elif self.quota is not None and self.bin_order is not None:
            assert self.alphas is not None
            assert self.capacity is not None
            alphas = {"alphas": [round(float(alpha), 6) for alpha in self.alphas]}
            found["quotas"] = _blob("quotas", alphas, {"quota": self.quota.astype(np.uint32).ravel()})
            capacity = {"capacity": self.capacity.tolist()}
            found["bins"] = _blob("bins", capacity, {"row": self.bin_order.astype(np.uint32)})
        return found

    def message(self, keys: Mapping[str, str], *, key: str, received: int) -> dict[str, Any]:
        """Return the values that are sent at every rerun; `received` is the serial of the last event."""
        return {
            "id": key,
            "images": self.images,
            "total": self.total,
            "order": keys["order"],
            "bins": keys.get("bins"),
            "quotas": keys.get("quotas"),
            "alpha": float(self.alpha),
            "address": self.address,
            "sides": list(self.sides),
            "facts": list(self.facts),
            "focus": self.focus,
            "noun": self.noun,
            "name": self.name,
            "empty": self.empty,
            "received": received,
        }


def _blob(kind: str, header: Mapping[str, Any], arrays: Mapping[str, Any]) -> tuple[str, bytes]:
    key = f"{kind}-{derive_key(kind, sorted(header.items()), *(content_digest(array) for array in arrays.values()))}"
    return key, encode_blob({"kind": kind, "key": key, **header}, arrays)


@dataclass(frozen=True, eq=False)
class GridEvent:
    """The images that the user has marked, as rows in ascending order, and the number of the event."""

    marked: Ints
    serial: int = 0


@dataclass(frozen=True)
class OpenedImage:
    """An image that the user opens: its row, and the page."""

    row: int
    page: str


def read_event(raw: object, *, images: str, total: int) -> GridEvent:
    """Return the event that a browser sent. A browser can send anything: an invalid value counts as absent.

    Marks of another data set than `images` count as none.
    """
    event = raw if isinstance(raw, Mapping) else {}
    serial = event.get("serial")
    is_number = isinstance(serial, int | float) and not isinstance(serial, bool) and 0 <= serial < MAX_SERIAL
    marks = event.get("marks") if event.get("images") == images else None
    return GridEvent(read_marks(marks, total), int(serial) if is_number and serial is not None else 0)


def read_marks(text: object, total: int) -> Ints:
    """Return the marked rows of a set of `total` images, ascending; none for an invalid text.

    The text is "r" and runs of rows, or "b" and one bit per row in base64. A run is "gap.length" in base 36, where the
    gap counts from the end of the run before; runs are joined by "-".
    """
    none = np.empty(0, np.int64)
    if not isinstance(text, str) or len(text) > 2 * total + 64:
        return none
    try:
        if text.startswith("b"):
            bits = np.frombuffer(base64.b64decode(text[1:], validate=True), np.uint8)
            marked = np.unpackbits(bits, bitorder="little")
            return np.flatnonzero(marked[:total]) if len(bits) == -(-total // 8) else none
        if text.startswith("r"):
            runs = text[1:].split("-") if len(text) > 1 else []
            numbers = [int(part, BASE) for run in runs for part in run.split(".", 1)]
            return _rows_of_runs(numbers, total)
    except (ValueError, binascii.Error):
        pass
    return none


def _rows_of_runs(numbers: list[int], total: int) -> Ints:
    if len(numbers) % 2 or any(not 0 <= number <= total for number in numbers) or sum(numbers) > total:
        return np.empty(0, np.int64)
    marked, at = np.zeros(total, np.bool_), 0
    for gap, length in zip(numbers[::2], numbers[1::2], strict=True):
        marked[at + gap : at + gap + length] = True
        at += gap + length
    return np.flatnonzero(marked)


def read_opened(raw: object, *, images: str, total: int) -> OpenedImage | None:
    """Return the image that the user opens, None if the browser sent anything else or means another data set."""
    if not isinstance(raw, Mapping) or raw.get("images") != images or raw.get("page") not in PAGES:
        return None
    row = raw.get("row")
    is_row = isinstance(row, int | float) and not isinstance(row, bool) and 0 <= row < total and row == int(row)
    return OpenedImage(int(row), str(raw["page"])) if is_row and row is not None else None
