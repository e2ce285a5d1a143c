"""Dropped patches painted again: original, ranking, what is left, painted and error, side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.models import weights_path
from adq_core.patches import FILL, PAINTERS, dropped_error, psnr, psnr_dropped, reconstruct
from adq_core.records import PatchMasks
from app import session
from app.blocks import image_picker, layout
from app.images import sheet
from app.text import summaries

SHOWN = 6
PAINTED = "painted again"  # of the ways to show patches
GAIN = 4  # an error of a quarter of the range is white already: most errors are small
NO_NETWORK = "no network: kept pixels carried on smoothly"


def about(painter: str) -> str:
    """Return what a painter is, in a few words."""
    if painter == FILL:
        return f"Smooth fill, {NO_NETWORK}."
    return f"{PAINTERS[painter]}." if painter in PAINTERS else f"Your own weights: {Path(painter).name}."


def painted_by(masks: PatchMasks, painter: str) -> NDArray[np.uint8]:
    """Return the images painted by a shipped painter, a file or the fill; shows a bar where that takes long."""
    identity = FILL if painter == FILL else f"{painter}:{weights_path(painter).stat().st_mtime_ns}"
    painted: NDArray[np.uint8] = session.compute_cached(
        derive_key("preview", masks.key, identity),
        "Painting the dropped patches",
        lambda progress: reconstruct(
            masks.images, masks.keep, patch_size=masks.patch_size, model=painter, mirrored=False, progress=progress
        ),
        bare=False,
    )
    return painted


def side_by_side(run: Run, masks: PatchMasks, painted: NDArray[np.uint8]) -> None:
    """Draw the images of the masks in five pictures each, and how well each one's dropped pixels were painted."""
    size = masks.patch_size
    lines = []
    for number, row in enumerate(masks.rows.tolist()):
        one = slice(number, number + 1)
        told = decibels(psnr(*dropped_error(masks.images[one], painted[one], masks.keep[one], patch_size=size)))
        name, label = run.dataset.ids[row], summaries.class_word(run.dataset.class_names[run.dataset.labels[row]])
        lines.append(f"{told} · {name} · {label} · {image_picker.place(run, row)}")
    columns = {
        "original": masks.images,
        "ranking": sheet.ranked(masks),
        "left": sheet.masked(masks, session.is_dark()),
        "painted": painted,
        f"error × {GAIN}": sheet.error(masks.images, painted, GAIN),
    }
    st.html(sheet.side_by_side(columns, lines, [run.dataset.ids[row] for row in masks.rows]))


def compare(masks: PatchMasks, painter: str) -> None:
    """Draw how well every painter does on these images: the chosen one, the shipped ones, and no network at all."""
    names = list(dict.fromkeys((painter, *PAINTERS, FILL)))
    found = {name: psnr_of(masks, painted_by(masks, name)) for name in names}
    short = {name: name if name in (*PAINTERS, FILL) else Path(name).stem for name in names}
    layout.numbers({short[n] + (" (shown)" if n == painter else ""): decibels(found[n]) for n in names})
    st.markdown(
        f"PSNR over all dropped pixels of these {len(masks.rows)} images; **{FILL}** is {NO_NETWORK}. "
        + summaries.best_painter({short[name]: value for name, value in found.items()}, FILL)
        + summaries.painters()
    )


def psnr_of(masks: PatchMasks, painted: NDArray[np.uint8]) -> float:
    """Return the PSNR over the dropped pixels of all images of the masks together, in dB."""
    return psnr_dropped(masks.images, painted, masks.keep, patch_size=masks.patch_size)


def decibels(value: float) -> str:
    """Return a PSNR in words: a dash where nothing was dropped."""
    return "nothing dropped" if np.isnan(value) else "exact" if np.isinf(value) else f"{value:.1f} dB"


HOW_TO_READ = (
    "What is painted is the mean of what could have been there, so it is smooth. **PSNR** is measured over the dropped "
    "pixels: 20 dB is an error of a tenth of the range, 26 dB of a twentieth. Over all images the squared errors are "
    "added first, so few bad images rule the number. Dropping the flattest patches first makes every painter look "
    "good, for flat patches are easy.\n\n"
    "The preview paints every image once. `python -m adq_core patches` also paints its mirror image and takes the "
    "mean, nearly 0.1 dB nearer."
)
