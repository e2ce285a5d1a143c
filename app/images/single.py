"""One image as large as its place, its texture, and its place in a bin's order. Arrays in, HTML out; no Streamlit."""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adq_core.records import Floats

LARGEST = 960  # pixels of the longer side that are sent; a larger image is scaled down, and said to be
WHITE = 4.0  # texture that is drawn white, the most there can be: noise is near 0.1, outlines reach 0.5 to 2


def picture(pixels: NDArray[np.uint8], about: str) -> str:
    """Return HTML of one image at the width of its place: pixel for pixel where it is small, never cropped."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    small = max(image.size) <= 128
    if max(image.size) > LARGEST:
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.BOX)
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=small, quality=90, method=2)
    source = base64.b64encode(out.getvalue()).decode()
    edges = "image-rendering:pixelated;" if small else ""
    return (
        f'<img alt="{html.escape(about, quote=True)}" title="{html.escape(about, quote=True)}" '
        f'style="display:block;width:100%;max-height:26rem;object-fit:contain;object-position:left top;{edges}" '
        f'src="data:image/webp;base64,{source}">'
    )


def texture_picture(values: Floats) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of a texture map, black at 0 and white at `WHITE`: one scale for all images.

    Brightness goes with the square root, or the grain of a calm image would not be seen.
    """
    grey = np.rint(np.sqrt(np.clip(np.asarray(values) / WHITE, 0, 1)) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def place_strip(place: int, quota: int, capacity: int, colour: str) -> str:
    """Return HTML of a bin's order as a bar: filled as far as the quota reaches, with a mark at this place (from 0)."""
    told = f"place {place + 1:,} of {capacity:,}; the quota takes the first {quota:,}"
    at = 100 * (place + 0.5) / capacity
    anchor = "left:0" if at < 15 else "right:0" if at > 85 else "left:50%;transform:translateX(-50%)"
    return (
        f'<div role="img" aria-label="{told}" title="{told}" style="margin:.2rem 0 1.5rem">'
        '<div style="position:relative;height:1.1rem;border-radius:3px;'
        'background:color-mix(in srgb,currentColor 14%,transparent)">'
        f'<div style="width:{100 * quota / capacity:.3f}%;height:100%;border-radius:3px;background:{colour}"></div>'
        f'<div style="position:absolute;top:-.25rem;bottom:-.25rem;left:{at:.3f}%;border-left:2px solid currentColor">'
        f'<span style="position:absolute;top:100%;{anchor};white-space:nowrap;font-size:.8rem;'
        f'font-variant-numeric:tabular-nums">{place + 1:,}</span></div></div></div>'
    )
