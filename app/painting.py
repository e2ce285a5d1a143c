"""Dropped patches painted again: original, ranking, what is left, painted and error, side by side."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from adq_core import Run
from adq_core.keys import recipe_key
from adq_core.reconstruction import PAINTERS, psnr_dropped, reconstruct
from adq_core.records import PatchMasks

from . import frame, mosaics, pieces, sidebar

SHOWN = 6
GAIN = 4  # an error of a quarter of the range is white already: most errors are small


def side_by_side(run: Run, masks: PatchMasks) -> None:
    """Draw the first images of the masks in five pictures each, and how well the dropped pixels were painted."""
    painter = sidebar.switch("painter")
    key = recipe_key("painted", masks.key, painter)
    painted: NDArray[np.uint8] = frame.made(
        key,
        "Painting the dropped patches",
        lambda progress: reconstruct(
            masks.images, masks.keep, patch_size=masks.patch_size, model=painter, progress=progress
        ),
    )
    dropped = int((~masks.keep).sum())
    told = f"{psnr_dropped(masks.images, painted, masks.keep, patch_size=masks.patch_size):.1f} dB" if dropped else "–"
    pieces.numbers({"PSNR over the dropped pixels": told, "images": f"{len(masks.rows)}", "painter": painter})
    st.caption(f"{PAINTERS[painter]}. Kept pixels come back unchanged; the error is brightened {GAIN} times.")
    error = np.abs(masks.images.astype(np.int16) - painted).max(axis=3, keepdims=True) * GAIN
    sheets = {
        "original": masks.images,
        "ranking": mosaics.ranked(masks),
        "left": mosaics.masked(masks, frame.is_dark()),
        "painted": painted,
        "error": np.repeat(np.minimum(error, 255).astype(np.uint8), 3, axis=3),
    }
    for number in range(min(SHOWN, len(masks.rows))):
        title = pieces.describe(run, int(masks.rows[number]), with_bin=True)
        tiles = [mosaics.Tile(name, f"{name}: {title}") for name in sheets]
        st.html(mosaics.gallery(np.stack([sheet[number] for sheet in sheets.values()]), tiles, width=128))
    pieces.how_to_read(
        "What is painted is the mean of what could have been there, so it is smooth. **PSNR** is measured over the "
        "dropped pixels of all these images together: 20 dB is an error of a tenth of the range, 26 dB of a twentieth. "
        "Dropping the flattest patches first makes every painter look good, for flat patches are easy; few bad images "
        "rule the number."
    )
