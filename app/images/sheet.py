"""Thumbnails to one sheet, and a sheet to a gallery that wraps to any width. No Streamlit in here.

Sixty images as one WebP inside the page are one message; sixty pictures would be sixty requests.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adq_core.digests import content_digest
from adq_core.records import PatchMasks

KEPT = 64  # sheets, some 50 kB each
SIDE = 64  # pixels of a tile on the sheet
GUTTER = 2  # pixels by which a tile's edge is carried on, so that a rounded position never shows a neighbour
PER_ROW = 16  # tiles in a row of the sheet; where they stand on the screen is the browser's matter


@dataclass(frozen=True)
class Tile:
    """What stands with one image: a line below it, a longer text for pointer and screen reader, a coloured edge.

    With its id, a click opens the page about it.
    """

    caption: str = ""
    title: str = ""
    edge: str | None = None
    faded: bool = False
    image: str | None = None


def sheet(
    images: NDArray[np.uint8], side: int = SIDE, per_row: int = PER_ROW, quality: int = 86, lossless: bool = False
) -> bytes:
    """Return (K, S, S, 3) images as one WebP, `per_row` in a row, each `side` pixels; small ones keep hard pixels."""
    count = len(images)
    columns = min(per_row, count)
    rows = -(-count // columns)
    pitch = side + 2 * GUTTER
    canvas = Image.new("RGB", (columns * pitch, rows * pitch))
    for number, image in enumerate(images):
        tile = Image.fromarray(np.ascontiguousarray(image))
        if tile.size != (side, side):
            tile = tile.resize((side, side), Image.Resampling.NEAREST if tile.width < side else Image.Resampling.BOX)
        edged = Image.fromarray(np.pad(np.asarray(tile), ((GUTTER, GUTTER), (GUTTER, GUTTER), (0, 0)), mode="edge"))
        canvas.paste(edged, ((number % columns) * pitch, (number // columns) * pitch))
    out = io.BytesIO()
    # Without loss five times the bytes; at its quickest no slower.
    exact = {"lossless": True, "quality": 0, "method": 0}
    canvas.save(out, "WEBP", **(exact if lossless else {"quality": quality, "method": 2}))
    return out.getvalue()


def gallery(images: NDArray[np.uint8], tiles: Sequence[Tile], width: int = 72) -> str:
    """Return HTML of all images with their captions in as many columns as fit, each about `width` pixels wide."""
    if len(images) != len(tiles):
        raise ValueError(f"every image needs one tile, got {len(images)} images and {len(tiles)} tiles.")
    if not len(images):
        return "<p>No images here.</p>"
    sprites = _Sprites(images, SIDE if width <= 96 else 2 * SIDE)
    figures = []
    for number, tile in enumerate(tiles):
        title = html.escape(tile.title or tile.caption, quote=True)
        edge = f"border-bottom:3px solid {tile.edge};" if tile.edge else ""
        fade = "opacity:.38;" if tile.faded else ""
        caption = f"<figcaption>{html.escape(tile.caption)}</figcaption>" if tile.caption else ""
        picture = sprites.div(number, title, edge + fade)
        way, hint = ("", "") if tile.image is None else (_way(tile.image), " · a click opens its page")
        figures.append(f'<figure title="{title}{hint}"{way}>{picture}{caption}</figure>')
    name = sprites.name
    style = (
        f".{name}{{display:grid;grid-template-columns:repeat(auto-fill,minmax({width}px,1fr));gap:8px 6px}}"
        f".{name} figure{{margin:0;min-width:0;max-width:{width * 2}px}}"
        f".{name} figcaption{{font-size:.75rem;line-height:1.25;opacity:.8;white-space:nowrap;overflow:hidden;"
        "text-overflow:ellipsis;font-variant-numeric:tabular-nums}"
    )
    return f'<style>{sprites.style}{style}</style><section class="{name}">{"".join(figures)}</section>'


def side_by_side(
    columns: Mapping[str, NDArray[np.uint8]], lines: Sequence[str], ids: Sequence[str], width: int = 150
) -> str:
    """Return HTML with a row an image and a column a picture of it; `lines` stand above the rows, ways to their images.

    columns: name -> (K, S, S, 3). On a narrow screen the pictures shrink, so that a row stays a row.
    """
    count = len(lines)
    images = np.concatenate(list(columns.values()))
    sprites = _Sprites(images, min(images.shape[1], 2 * SIDE), lossless=True)  # colours would bleed over patches' edges
    cells = [f"<b>{html.escape(name)}</b>" for name in columns]
    for number, (line, image) in enumerate(zip(lines, ids, strict=True)):
        text = html.escape(line, quote=True)
        cells.append(f'<p title="{text}"{_way(image)}>{text}</p>')
        cells += [sprites.div(place * count + number, f"{name}: {text}") for place, name in enumerate(columns)]
    name = sprites.name
    style = (
        f".{name}{{display:grid;grid-template-columns:repeat({len(columns)},minmax(0,{width}px));gap:3px 6px}}"
        f".{name} b{{font-size:.85rem;font-weight:600;overflow:hidden;text-overflow:ellipsis}}"
        f".{name} p{{grid-column:1/-1;margin:.5rem 0 0;font-size:.8rem;line-height:1.3;opacity:.85;overflow:hidden;"
        f"white-space:nowrap;text-overflow:ellipsis;max-width:{(width + 6) * len(columns)}px;"
        "font-variant-numeric:tabular-nums}"
    )
    return f'<style>{sprites.style}{style}</style><section class="{name}">{"".join(cells)}</section>'


def _way(image: str) -> str:
    """Return the attributes by which `thumbnail_clicks` knows what leads to an image's page."""
    return f' data-image="{html.escape(image, quote=True)}" role="link" tabindex="0"'


_made: dict[str, bytes] = {}  # the last sheets: most runs of a page show the images of the one before


def _sheet(images: NDArray[np.uint8], side: int, lossless: bool) -> bytes:
    key = content_digest(images, side, lossless)
    made = _made.pop(key, None) or sheet(images, side, lossless=lossless)
    _made[key] = made
    for former in list(_made)[:-KEPT]:
        _made.pop(former, None)
    return made


class _Sprites:
    """Many images in one picture inside the page, each shown by a box of its own."""

    def __init__(self, images: NDArray[np.uint8], side: int, lossless: bool = False) -> None:
        picture = _sheet(images, side, lossless)
        self.name = "sheet-" + hashlib.blake2b(picture, digest_size=6).hexdigest()
        self._columns = min(PER_ROW, len(images))
        self._rows = -(-len(images) // self._columns)
        self._side, self._pitch = side, side + 2 * GUTTER
        wide, high = (100 * number * self._pitch / side for number in (self._columns, self._rows))
        self.style = (
            f".{self.name} div{{width:100%;aspect-ratio:1;box-sizing:border-box;background-repeat:no-repeat;"
            f"background-size:{wide:.3f}% {high:.3f}%;image-rendering:pixelated;border-radius:2px;"
            f"background-image:url(data:image/webp;base64,{base64.b64encode(picture).decode()})}}"
        )

    def div(self, number: int, title: str, style: str = "") -> str:
        """Return the box that shows one image; `title` and `style` are put in as they are."""
        # a position of p % puts the point at p % of the sheet under the point at p % of the box
        places = divmod(number, self._columns)[::-1]
        x, y = (
            100 * (place * self._pitch + GUTTER) / (cells * self._pitch - self._side)
            for place, cells in zip(places, (self._columns, self._rows), strict=True)
        )
        return f'<div role="img" aria-label="{title}" style="background-position:{x:.3f}% {y:.3f}%;{style}"></div>'


def masked(masks: PatchMasks, dark: bool) -> NDArray[np.uint8]:
    """Return (K, S, S, 3) the images with the dropped patches hatched in the ground's grey."""
    keep = _per_pixel(masks.keep, masks.patch_size)
    y, x = np.indices(masks.images.shape[1:3])
    plain, line = (40, 66) if dark else (236, 205)
    hatched = np.where((x + y) % 6 == 0, line, plain).astype(np.uint8)
    return np.where(keep[..., None], masks.images, hatched[..., None])


def ranked(masks: PatchMasks) -> NDArray[np.uint8]:
    """Return (K, S, S, 3) the images in grey, brighter where a patch ranks higher within its image."""
    place = masks.saliency.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    share = _per_pixel(place / max(1, place.shape[1] - 1), masks.patch_size)
    grey = masks.images.mean(axis=3) * (0.25 + 0.75 * share)
    return np.repeat(grey[..., None], 3, axis=3).astype(np.uint8)


def error(images: NDArray[np.uint8], painted: NDArray[np.uint8], gain: int) -> NDArray[np.uint8]:
    """Return (K, S, S, 3) in grey: the largest error of the three colours, `gain` times as bright, white where more."""
    largest = np.abs(images.astype(np.int16) - painted).max(axis=3, keepdims=True)
    return np.repeat(np.minimum(largest * gain, 255).astype(np.uint8), 3, axis=3)


def _per_pixel(values: NDArray[Any], patch_size: int) -> NDArray[Any]:
    """Return (K, S, S) from (K, L): every pixel has its patch's value."""
    cells = round(values.shape[1] ** 0.5)
    return values.reshape(-1, cells, cells).repeat(patch_size, axis=1).repeat(patch_size, axis=2)
