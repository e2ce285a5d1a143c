"""Galleries of thumbnails as HTML, which wrap to any width.

All thumbnails of a gallery are one WebP image inside the HTML: one message instead of one request per thumbnail.
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

CACHE_SIZE = 64  # sheets, about 50 kB each
SIDE = 64  # pixels of a tile on the sheet
GUTTER = 2  # pixels by which the edge of a tile is repeated, so that rounding never shows a neighbour
PER_ROW = 16  # tiles per row of the sheet; the browser decides how many fit into a row of the page


@dataclass(frozen=True)
class Tile:
    """The caption of one image, its tooltip (also read by screen readers), and the colour of its lower edge.

    If `image`, its id, is given, a click opens the page of the image.
    """

    caption: str = ""
    title: str = ""
    edge: str | None = None
    faded: bool = False
    image: str | None = None


def make_sheet(
    images: NDArray[np.uint8], side: int = SIDE, per_row: int = PER_ROW, quality: int = 86, lossless: bool = False
) -> bytes:
    """Return (K, S, S, 3) images as one WebP, `per_row` per row, each `side` pixels; small images stay pixelated."""
    count = len(images)
    columns = min(per_row, count)
    rows = -(-count // columns)
    pitch = side + 2 * GUTTER
    canvas = Image.new("RGB", (columns * pitch, rows * pitch))
    for number, image in enumerate(images):
        tile = Image.fromarray(np.ascontiguousarray(image))
        if tile.size != (side, side):
            tile = tile.resize((side, side), Image.Resampling.NEAREST if tile.width < side else Image.Resampling.BOX)
        padded = Image.fromarray(np.pad(np.asarray(tile), ((GUTTER, GUTTER), (GUTTER, GUTTER), (0, 0)), mode="edge"))
        canvas.paste(padded, ((number % columns) * pitch, (number // columns) * pitch))
    out = io.BytesIO()
    # Lossless needs five times the bytes; with method 0 it is no slower.
    exact = {"lossless": True, "quality": 0, "method": 0}
    canvas.save(out, "WEBP", **(exact if lossless else {"quality": quality, "method": 2}))
    return out.getvalue()


LINK = ' role="link" tabindex="0"'  # attributes of an element that the keyboard reaches


def gallery(images: NDArray[np.uint8], tiles: Sequence[Tile], width: int = 72) -> str:
    """Return the HTML of all images with their captions in as many columns as fit, each about `width` pixels wide."""
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
        if tile.image is None:
            figures.append(f'<figure title="{title}">{picture}{caption}</figure>')
        else:  # a figure may not be a link, so the picture is the link; a click on the caption opens the page as well
            opens = f'title="{title} · click to open its page"{_image_attribute(tile.image)}'
            figures.append(f"<figure {opens}><a{LINK}>{picture}</a>{caption}</figure>")
    name = sprites.name
    style = (
        f".{name}{{display:grid;grid-template-columns:repeat(auto-fill,minmax({width}px,1fr));gap:8px 6px}}"
        f".{name} figure{{margin:0;min-width:0;max-width:{width * 2}px}}.{name} a{{display:block}}"
        f".{name} figcaption{{font-size:.75rem;line-height:1.25;opacity:.8;white-space:nowrap;overflow:hidden;"
        "text-overflow:ellipsis;font-variant-numeric:tabular-nums}"
    )
    return f'<style>{sprites.style}{style}</style><section class="{name}">{"".join(figures)}</section>'


def side_by_side(
    columns: Mapping[str, NDArray[np.uint8]], lines: Sequence[str], ids: Sequence[str], width: int = 150
) -> str:
    """Return the HTML of a table with one row per image and one column per picture of it.

    columns: name -> (K, S, S, 3); `lines` are the headings of the rows, which link to the pages of `ids`. On a narrow
    screen the pictures shrink, so that rows do not wrap.
    """
    count = len(lines)
    images = np.concatenate(list(columns.values()))
    sprites = _Sprites(images, min(images.shape[1], 2 * SIDE), lossless=True)  # lossy colours would cross patch edges
    cells = [f"<b>{html.escape(column)}</b>" for column in columns]
    for number, (line, image) in enumerate(zip(lines, ids, strict=True)):
        text = html.escape(line, quote=True)
        cells.append(f'<p title="{text}"{_image_attribute(image)}{LINK}>{text}</p>')
        cells += [
            sprites.div(at * count + number, f"{html.escape(column, quote=True)}: {text}")
            for at, column in enumerate(columns)
        ]
    name = sprites.name
    style = (
        f".{name}{{display:grid;grid-template-columns:repeat({len(columns)},minmax(0,{width}px));gap:3px 6px}}"
        f".{name} b{{font-size:.85rem;font-weight:600;overflow:hidden;text-overflow:ellipsis}}"
        f".{name} p{{grid-column:1/-1;margin:.5rem 0 0;font-size:.8rem;line-height:1.3;opacity:.85;overflow:hidden;"
        f"white-space:nowrap;text-overflow:ellipsis;max-width:{(width + 6) * len(columns)}px;"
        "font-variant-numeric:tabular-nums}"
    )
    return f'<style>{sprites.style}{style}</style><section class="{name}">{"".join(cells)}</section>'


def _image_attribute(image: str) -> str:
    """Return the attribute by which `thumbnail_clicks` recognises an element that opens the page of an image."""
    return f' data-image="{html.escape(image, quote=True)}"'


_cache: dict[str, bytes] = {}  # the last sheets: most runs of a page show the same images as the run before


def _cached_sheet(images: NDArray[np.uint8], side: int, lossless: bool) -> bytes:
    key = content_digest(images, side, lossless)
    content = _cache.pop(key, None) or make_sheet(images, side, lossless=lossless)
    _cache[key] = content
    for oldest in list(_cache)[:-CACHE_SIZE]:
        _cache.pop(oldest, None)
    return content


class _Sprites:
    """Many images in one WebP inside the page; one `div` per image shows its part."""

    def __init__(self, images: NDArray[np.uint8], side: int, lossless: bool = False) -> None:
        picture = _cached_sheet(images, side, lossless)
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
        """Return the `div` that shows one image; `title` must be escaped already."""
        # CSS: a position of p % aligns the point at p % of the sheet with the point at p % of the box
        cell = divmod(number, self._columns)[::-1]
        x, y = (
            100 * (at * self._pitch + GUTTER) / (count * self._pitch - self._side)
            for at, count in zip(cell, (self._columns, self._rows), strict=True)
        )
        return f'<div role="img" aria-label="{title}" style="background-position:{x:.3f}% {y:.3f}%;{style}"></div>'


def masked(masks: PatchMasks, hatch: tuple[int, int]) -> NDArray[np.uint8]:
    """Return (K, S, S, 3) the images with their dropped patches hatched in two grey levels: fill and lines."""
    keep = _per_pixel(masks.keep, masks.patch_size)
    y, x = np.indices(masks.images.shape[1:3])
    fill, line = hatch
    hatched = np.where((x + y) % 6 == 0, line, fill).astype(np.uint8)
    return np.where(keep[..., None], masks.images, hatched[..., None])


def ranked(masks: PatchMasks) -> NDArray[np.uint8]:
    """Return (K, S, S, 3) the images in grey, brighter for patches of higher rank in their image."""
    rank = masks.saliency.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    share = _per_pixel(rank / max(1, rank.shape[1] - 1), masks.patch_size)
    grey = masks.images.mean(axis=3) * (0.25 + 0.75 * share)
    return np.repeat(grey[..., None], 3, axis=3).astype(np.uint8)


def error_image(images: NDArray[np.uint8], reconstructed: NDArray[np.uint8], gain: int) -> NDArray[np.uint8]:
    """Return (K, S, S, 3) in grey: the largest error of the three colours times `gain`, clipped to white."""
    largest = np.abs(images.astype(np.int16) - reconstructed).max(axis=3, keepdims=True)
    return np.repeat(np.minimum(largest * gain, 255).astype(np.uint8), 3, axis=3)


def _per_pixel(values: NDArray[Any], patch_size: int) -> NDArray[Any]:
    """Return (K, S, S) from (K, L): every pixel has the value of its patch."""
    cells = round(values.shape[1] ** 0.5)
    return values.reshape(-1, cells, cells).repeat(patch_size, axis=1).repeat(patch_size, axis=2)
