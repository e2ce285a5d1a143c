"""Reconstructed patches: original, ranking, kept patches, reconstruction and error, side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.models import weights_path
from adq_core.patches import (
    FILL,
    INPAINTING_NETWORKS,
    dropped_error,
    network_scores,
    psnr,
    psnr_dropped,
    reconstruct,
)
from adq_core.records import PatchMasks
from app import session
from app.blocks import image_picker, layout
from app.images import sheet
from app.text import summaries
from app.text.format import class_label

SHOWN = 6

ERROR_GAIN = 4  # an error of a quarter of the range is white; most errors are smaller
NO_NETWORK = "a smooth interpolation of the kept pixels without a network"


def about(inpainter: str) -> str:
    """Return the description of an inpainting method: a bundled network, a weights file or the smooth fill."""
    if inpainter == FILL:
        return f"Smooth fill: {NO_NETWORK}."
    if inpainter in INPAINTING_NETWORKS:
        return f"{INPAINTING_NETWORKS[inpainter]}."
    return f"Your own weights: {Path(inpainter).name}."


def reconstructed_by(masks: PatchMasks, inpainter: str) -> NDArray[np.uint8]:
    """Return the images reconstructed by this inpainting method."""
    identity = FILL if inpainter == FILL else f"{inpainter}:{weights_path(inpainter).stat().st_mtime_ns}"
    reconstructed: NDArray[np.uint8] = session.compute_cached(
        derive_key("preview", masks.key, identity),
        "Reconstructing the dropped patches",
        lambda progress: reconstruct(
            masks.images, masks.keep, patch_size=masks.patch_size, model=inpainter, mirrored=False, progress=progress
        ),
        bare=False,
    )
    return reconstructed


def side_by_side(run: Run, masks: PatchMasks, reconstructed: NDArray[np.uint8]) -> None:
    """Draw five pictures of each image, and the PSNR over its dropped pixels."""
    size = masks.patch_size
    lines = []
    for number, row in enumerate(masks.rows.tolist()):
        one = slice(number, number + 1)
        quality = decibels(
            psnr(*dropped_error(masks.images[one], reconstructed[one], masks.keep[one], patch_size=size))
        )
        name, label = run.dataset.ids[row], class_label(run.dataset.class_names[run.dataset.labels[row]])
        lines.append(f"{quality} · {name} · {label} · {image_picker.bin_and_state(run, row)}")
    columns = {
        "original": masks.images,
        "ranking": sheet.ranked(masks),
        "kept": sheet.masked(masks, layout.current_theme().hatch),
        "reconstructed": reconstructed,
        f"error × {ERROR_GAIN}": sheet.error_image(masks.images, reconstructed, ERROR_GAIN),
    }
    st.html(sheet.side_by_side(columns, lines, [run.dataset.ids[row] for row in masks.rows]))


def compare(masks: PatchMasks, inpainter: str) -> None:
    """Draw the PSNR of the selected inpainting method, the bundled networks and the smooth fill on these images."""
    names = list(dict.fromkeys((inpainter, *INPAINTING_NETWORKS, FILL)))
    psnr_by_name = {name: psnr_of(masks, reconstructed_by(masks, name)) for name in names}
    labels = {name: name if name in (*INPAINTING_NETWORKS, FILL) else Path(name).stem for name in names}
    layout.number_row(
        {labels[name] + (" (shown)" if name == inpainter else ""): decibels(psnr_by_name[name]) for name in names}
    )
    st.markdown(
        f"PSNR over all dropped pixels of these {len(masks.rows)} images. **{FILL}** is {NO_NETWORK}. "
        + summaries.best_inpainter({labels[name]: value for name, value in psnr_by_name.items()}, FILL)
        + summaries.compare_networks(network_scores())
    )


def psnr_of(masks: PatchMasks, reconstructed: NDArray[np.uint8]) -> float:
    """Return the PSNR over the dropped pixels of all images together, in dB."""
    return psnr_dropped(masks.images, reconstructed, masks.keep, patch_size=masks.patch_size)


def decibels(value: float) -> str:
    """Return a PSNR as text; NaN means that nothing was dropped, infinity that the reconstruction is exact."""
    return "nothing dropped" if np.isnan(value) else "exact" if np.isinf(value) else f"{value:.1f} dB"


HOW_TO_READ = (
    "A reconstruction is the mean of all plausible contents, so it is smooth. **PSNR** is measured over the dropped "
    "pixels: at 20 dB the error is a tenth of the range, at 26 dB a twentieth. Over several images the squared errors "
    "are averaged first, so a few bad images dominate. If the patches with the least texture are dropped, every "
    "method has a high PSNR, because flat patches are easy.\n\n"
    "The preview reconstructs each image once. `python -m adq_core patches` also reconstructs the mirrored image and "
    "averages both, which raises the PSNR by almost 0.1 dB."
)
