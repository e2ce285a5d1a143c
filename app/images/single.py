"""A single image, its texture, and its position in the draw order of its bin, as HTML."""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adq_core.records import Floats

MAX_SIDE = 960  # pixels of the longer side; larger images are scaled down
WHITE = 4.0  # texture shown as white, its maximum: noise is near 0.1, outlines are 0.5 to 2


def single_image(pixels: NDArray[np.uint8], description: str) -> str:
    """Return the HTML of one image over the width of its column, never cropped; small images stay pixelated."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    small = max(image.size) <= 128
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=small, quality=90, method=2)
    source = base64.b64encode(out.getvalue()).decode()
    edges = "image-rendering:pixelated;" if small else ""
    return (
        f'<img alt="{html.escape(description, quote=True)}" title="{html.escape(description, quote=True)}" '
        f'style="display:block;width:100%;max-height:26rem;object-fit:contain;object-position:left top;{edges}" '
        f'src="data:image/webp;base64,{source}">'
    )


def texture_image(values: Floats) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of a texture map, black at 0 and white at `WHITE`: one scale for all images.

    Brightness is proportional to the square root; otherwise the texture of a smooth image would be invisible.
    """
    grey = np.rint(np.sqrt(np.clip(np.asarray(values) / WHITE, 0, 1)) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def draw_position_bar(position: int, quota: int, capacity: int, colour: str) -> str:
    """Return the HTML of a draw order as a bar, filled up to the quota, with a mark at `position` (from 0)."""
    description = f"draw position {position + 1:,} of {capacity:,}; the quota selects the first {quota:,}"
    at = 100 * (position + 0.5) / capacity
    anchor = "left:0" if at < 15 else "right:0" if at > 85 else "left:50%;transform:translateX(-50%)"
    return (
        f'<div role="img" aria-label="{description}" title="{description}" style="margin:.2rem 0 1.5rem">'
        '<div style="position:relative;height:1.1rem;border-radius:3px;'
        'background:color-mix(in srgb,currentColor 14%,transparent)">'
        f'<div style="width:{100 * quota / capacity:.3f}%;height:100%;border-radius:3px;background:{colour}"></div>'
        f'<div style="position:absolute;top:-.25rem;bottom:-.25rem;left:{at:.3f}%;border-left:2px solid currentColor">'
        f'<span style="position:absolute;top:100%;{anchor};white-space:nowrap;font-size:.8rem;'
        f'font-variant-numeric:tabular-nums">{position + 1:,}</span></div></div></div>'
    )
