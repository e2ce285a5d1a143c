"""Masks over chosen images: which patches are kept."""

import numpy as np
import streamlit as st

from app import findings, frame, mosaics, painting, pieces, sidebar

SHOWN = 24

sidebar.mirror("patch_keep_ratio")
run = frame.current_run()
if not run.dataset.has_images:
    st.markdown("There is nothing to cut into patches. Open a set of images for this page.")
    st.stop()
frame.need(run, "scores", "draw_order")
rows = run.selection.indices
rows = rows[np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).astype(int)]
masks = run.patch_masks(rows.tolist())

kept, patches = int(masks.keep[0].sum()), masks.keep.shape[1]
pieces.numbers(
    {
        "patches kept": f"{kept} of {patches}",
        "patch size": f"{masks.patch_size} × {masks.patch_size} pixels of {masks.images.shape[1]}",
        "of all pixels": findings.percent(run.quotas.reached_keep_ratio * kept / patches),
    }
)
st.markdown(
    f"{findings.percent(run.quotas.reached_keep_ratio)} of the images, of these {findings.percent(kept / patches)} of "
    "the patches: the product is what is kept in total."
)
how = sidebar.switch("patches")
if how == "painted again":
    painting.side_by_side(run, masks)
    st.stop()
pictures = mosaics.masked(masks, frame.is_dark()) if how == "kept patches" else mosaics.ranked(masks)
tiles = [
    mosaics.Tile(run.dataset.class_names[run.dataset.labels[row]], pieces.describe(run, int(row), with_bin=True))
    for row in masks.rows
]
st.html(mosaics.gallery(pictures, tiles, width=128))
st.caption(f"{len(rows)} of the {int(run.selection.selected.sum()):,} chosen images, spread over the set.")

pieces.how_to_read(
    f"Each image is cut into squares of {masks.patch_size} pixels, ranked by *{masks.ranking}*, and the highest stay. "
    "A dropped patch would be predicted again by a masked autoencoder. The published code ranks by Grad-CAM++ of an "
    "ImageNet network instead.\n\n"
    "For small originals the saving says nothing about stored bytes: a patch of 16 pixels at 224 is 2.3 pixels of a "
    "32 × 32 image."
)
