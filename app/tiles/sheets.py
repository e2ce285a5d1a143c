"""One sheet: the pictures of some rows in one WebP image, with their texts."""

from __future__ import annotations

import io
import json
import os
import threading
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from adq_core.data import ImageDataset
from adq_core.records import Ints
from app.images import vector_tiles

from .columns import ImageColumn

ACROSS = 8  # tiles per line of a sheet
LARGE = 224  # pixels of a tile that is made from the image itself
EXACT = 32  # pixels up to which a sheet is lossless: lossy colours would cross the edges of such small tiles
QUALITY = 80
MAX_TEXT = 300  # characters of one text; longer ids and class names are shortened

_tiles: WeakKeyDictionary[ImageDataset, vector_tiles.Tiles] = WeakKeyDictionary()
_turns = threading.BoundedSemaphore(max(2, (os.cpu_count() or 2)))  # sheets of large images that are made at once


def sides_of(data: ImageDataset) -> list[int]:
    """Return the sides, in pixels, in which tiles exist: that of the thumbnails, and 224 if images are larger."""
    side = int(_small(data, np.array([0])).shape[1])
    is_larger = data.has_images and bool((data.sizes.min(axis=1) > side).any())
    return [side, LARGE] if is_larger else [side]


def make_sheet(data: ImageDataset, rows: Ints, side: int, columns: tuple[ImageColumn, ...]) -> bytes:
    """Return the sheet of these rows: the length of a JSON text as uint32 (little endian), the text, and the WebP.

    The text has the side, the tiles per line and, per image, `[id, class, value of each column]`.
    """
    if side == LARGE and LARGE in sides_of(data):
        with _turns:
            pictures = np.stack([_square(data, int(row)) for row in rows])
    else:
        pictures = _small(data, rows)
    side = pictures.shape[1]
    texts = [_texts(data, int(row), columns) for row in rows]
    header = json.dumps({"side": side, "across": ACROSS, "texts": texts}, ensure_ascii=False, separators=(",", ":"))
    encoded = header.encode("utf-8", "replace")
    return np.uint32(len(encoded)).tobytes() + encoded + _webp(pictures)


def _texts(data: ImageDataset, row: int, columns: tuple[ImageColumn, ...]) -> list[str]:
    texts = [data.ids[row], data.class_names[data.labels[row]], *(column.text(row) for column in columns)]
    return [text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…" for text in texts]


def _small(data: ImageDataset, rows: Ints) -> NDArray[np.uint8]:
    if data.has_images:
        return np.asarray(data.thumbnails[rows])
    tiles = _tiles.get(data)
    if tiles is None:
        found = vector_tiles.thumbnails_or_tiles(data)
        assert isinstance(found, vector_tiles.Tiles)
        tiles = _tiles[data] = found
    return tiles[rows]


def _square(data: ImageDataset, row: int) -> NDArray[np.uint8]:
    """Return the largest centred square of an image, the same part as its thumbnail."""
    whole = Pillow.fromarray(data.read(row))
    side = min(whole.size)
    left, top = (whole.width - side) / 2, (whole.height - side) / 2
    box = (left, top, left + side, top + side)
    method = Pillow.Resampling.NEAREST if side <= EXACT else Pillow.Resampling.LANCZOS
    return np.asarray(whole.resize((LARGE, LARGE), method, box=box, reducing_gap=2.0))


def _webp(pictures: NDArray[np.uint8]) -> bytes:
    count, side = pictures.shape[:2]
    across = min(ACROSS, count)
    lines = -(-count // across)
    sheet = np.zeros((lines * across, side, side, 3), np.uint8)
    sheet[:count] = pictures
    whole = sheet.reshape(lines, across, side, side, 3).swapaxes(1, 2).reshape(lines * side, across * side, 3)
    out = io.BytesIO()
    exact = {"lossless": True, "quality": 0, "method": 0}
    Pillow.fromarray(whole).save(out, "WEBP", **(exact if side <= EXACT else {"quality": QUALITY, "method": 0}))
    return out.getvalue()
