"""Thumbnails to one sheet, and a sheet to a gallery that wraps to any width. No Streamlit in here.

Sixty images as one WebP inside the page are one message; sixty pictures would be sixty requests.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 64  # pixels of a tile on the sheet
PER_ROW = 16  # tiles in a row of the sheet; where they stand on the screen is the browser's matter


@dataclass(frozen=True)
class Tile:
    """What stands with one image: a line below it, a longer text for pointer and screen reader, a coloured edge."""

    caption: str = ""
    title: str = ""
    edge: str | None = None
    faded: bool = False


def sheet(images: NDArray[np.uint8], side: int = SIDE, per_row: int = PER_ROW, quality: int = 86) -> bytes:
    """Return (K, S, S, 3) images as one WebP, `per_row` in a row, each `side` pixels; small ones keep hard pixels."""
    count = len(images)
    columns = min(per_row, count)
    rows = -(-count // columns)
    canvas = Image.new("RGB", (columns * side, rows * side), "white")
    for number, image in enumerate(images):
        tile = Image.fromarray(np.ascontiguousarray(image))
        if tile.size != (side, side):
            tile = tile.resize((side, side), Image.Resampling.NEAREST if tile.width < side else Image.Resampling.BOX)
        canvas.paste(tile, ((number % columns) * side, (number // columns) * side))
    out = io.BytesIO()
    canvas.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def gallery(images: NDArray[np.uint8], tiles: Sequence[Tile], width: int = 72) -> str:
    """Return HTML of all images with their captions in as many columns as fit, each about `width` pixels wide."""
    if len(images) != len(tiles):
        raise ValueError(f"every image needs one tile, got {len(images)} images and {len(tiles)} tiles.")
    if not len(images):
        return "<p>No images here.</p>"
    side = SIDE if width <= 96 else 2 * SIDE
    picture = sheet(images, side)
    name = "sheet-" + hashlib.blake2b(picture, digest_size=6).hexdigest()
    columns = min(PER_ROW, len(images))
    rows = -(-len(images) // columns)
    figures = []
    for number, tile in enumerate(tiles):
        # percentages count the way from the first column to the last, not the width of the sheet
        x = 100 * (number % columns) / max(1, columns - 1)
        y = 100 * (number // columns) / max(1, rows - 1)
        title = html.escape(tile.title or tile.caption, quote=True)
        edge = f"border-bottom:3px solid {tile.edge};" if tile.edge else ""
        fade = "opacity:.38;" if tile.faded else ""
        caption = f"<figcaption>{html.escape(tile.caption)}</figcaption>" if tile.caption else ""
        figures.append(
            f'<figure title="{title}"><div role="img" aria-label="{title}" style="background-position:'
            f'{x:.3f}% {y:.3f}%;{edge}{fade}"></div>{caption}</figure>'
        )
    style = (
        f".{name}{{display:grid;grid-template-columns:repeat(auto-fill,minmax({width}px,1fr));gap:8px 6px}}"
        f".{name} figure{{margin:0;min-width:0;max-width:{width * 2}px}}"
        f".{name} div{{width:100%;aspect-ratio:1;box-sizing:border-box;background-repeat:no-repeat;"
        f"background-size:{100 * columns}% {100 * rows}%;image-rendering:pixelated;border-radius:2px;"
        f"background-image:url(data:image/webp;base64,{base64.b64encode(picture).decode()})}}"
        f".{name} figcaption{{font-size:.75rem;line-height:1.25;opacity:.8;white-space:nowrap;overflow:hidden;"
        "text-overflow:ellipsis;font-variant-numeric:tabular-nums}"
    )
    inside = "".join(figures)
    return f'<style>{style}</style><section class="{name}">{inside}</section>'
