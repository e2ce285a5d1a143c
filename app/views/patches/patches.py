"""Patches: the patches that are kept of each image, and the reconstruction of the others."""

import streamlit as st

from app import access, session, trainings
from app.blocks import filter_bar, image_picker, layout
from app.images import sheet
from app.state import page_widgets
from app.text.format import percent
from app.text.markdown import escape
from app.views.patches import reconstructions

SHOWN = 24  # images per page if each has one picture

run = session.current_run()
if not run.dataset.has_images:
    st.markdown("This data set has no images, so there are no patches. Open a data set of images to use this page.")
    st.stop()
session.require(run, "scores", "draw_order")
settings = run.settings

shown = filter_bar.bar(run)
top = st.container()  # for the numbers, which depend on the images selected below
with st.container(horizontal=True, vertical_alignment="bottom"):
    how = page_widgets.choice("patches", "Content of the pictures")
    reconstruct = how == page_widgets.RECONSTRUCTED
    rows = image_picker.picker(run, shown, reconstructions.SHOWN if reconstruct else SHOWN)
    own_weights = [path.name for path in trainings.trained(("unet", "mae"))] if reconstruct else []
    inpainter = trainings.weights_file(page_widgets.inpainter_picker(own_weights)) or "" if reconstruct else ""
    access.check_path(inpainter)

if len(rows):
    masks = run.patch_masks(rows.tolist())
    n_kept, n_patches = int(masks.keep[0].sum()), masks.keep.shape[1]
    numbers = {
        "patches kept": f"{n_kept} of {n_patches}",
        "patch size": f"{masks.patch_size} × {masks.patch_size} pixels of {masks.images.shape[1]}",
        "share of all pixels": percent(run.quotas.reached_keep_ratio * n_kept / n_patches),
    }
    if reconstruct:
        reconstructed = reconstructions.reconstructed_by(masks, inpainter)
        numbers["PSNR over the dropped pixels"] = reconstructions.decibels(
            reconstructions.psnr_of(masks, reconstructed)
        )
        reconstructions.side_by_side(run, masks, reconstructed)
        st.caption(escape(reconstructions.about(inpainter)) + " Kept pixels are unchanged.")
    else:
        pictures = sheet.masked(masks, layout.current_theme().hatch) if how == "kept patches" else sheet.ranked(masks)
        tiles = [
            sheet.Tile(
                run.dataset.class_names[run.dataset.labels[row]],
                f"{layout.describe(run, row)} · {image_picker.bin_and_state(run, row)}",
                image=run.dataset.ids[row],
            )
            for row in masks.rows.tolist()
        ]
        st.html(sheet.gallery(pictures, tiles, width=128))
    with top:
        layout.number_row(numbers)
    if reconstruct:
        st.header("Comparison of inpainting methods", anchor=False)
        reconstructions.compare(masks, inpainter)

layout.how_to_read(
    f"Each image is divided into squares of {settings.patch_size} pixels, ranked by *{settings.patch_ranking}*. The "
    "highest-ranked patches are kept, and an inpainting network reconstructs the others. The published code ranks by "
    "Grad-CAM++ of an ImageNet network and reconstructs with a large masked autoencoder.\n\n"
    "**Share of all pixels**: the share of selected images times the share of kept patches. For small original images "
    "this says nothing about the number of stored bytes: a patch of 16 pixels at an image side of 224 covers 2.3 "
    "pixels of a 32 × 32 image.\n\n" + reconstructions.HOW_TO_READ
)
