"""Masks over chosen images: which patches are kept, and what a painter makes of the others."""

import streamlit as st

from app import session
from app.blocks import image_picker, layout
from app.images import sheet
from app.jobs import trainings
from app.state import page_widgets
from app.text import summaries
from app.views.patches import reconstructions

SHOWN = 24  # where an image is one picture

run = session.current_run()
if not run.dataset.has_images:
    st.markdown("There is nothing to cut into patches. Open a set of images for this page.")
    st.stop()
session.require(run, "scores", "draw_order")
settings = run.settings

told = st.container()  # the numbers: of the images that are picked below
with st.container(horizontal=True, vertical_alignment="bottom"):
    how = page_widgets.choice("patches", "What is shown")
    repaint = how == reconstructions.PAINTED
    rows = image_picker.picker(run, reconstructions.SHOWN if repaint else SHOWN)
    painter = page_widgets.painter_picker([str(path) for path in trainings.trained(("unet", "mae"))]) if repaint else ""

if len(rows):
    masks = run.patch_masks(rows.tolist())
    kept, patches = int(masks.keep[0].sum()), masks.keep.shape[1]
    numbers = {
        "patches kept": f"{kept} of {patches}",
        "patch size": f"{masks.patch_size} × {masks.patch_size} pixels of {masks.images.shape[1]}",
        "of all pixels": summaries.percent(run.quotas.reached_keep_ratio * kept / patches),
    }
    if repaint:
        painted = reconstructions.painted_by(masks, painter)
        numbers["PSNR over the dropped pixels"] = reconstructions.decibels(reconstructions.psnr_of(masks, painted))
        reconstructions.side_by_side(run, masks, painted)
        st.caption(reconstructions.about(painter) + " Kept pixels come back unchanged.")
    else:
        pictures = sheet.masked(masks, session.is_dark()) if how == "kept patches" else sheet.ranked(masks)
        names = [run.dataset.class_names[run.dataset.labels[row]] for row in masks.rows]
        about = [f"{layout.describe(run, row)} · {image_picker.place(run, row)}" for row in masks.rows.tolist()]
        ids = [run.dataset.ids[row] for row in masks.rows]
        tiles = [sheet.Tile(name, of, image=id_) for name, of, id_ in zip(names, about, ids, strict=True)]
        st.html(sheet.gallery(pictures, tiles, width=128))
    with told:
        layout.numbers(numbers)
    if repaint:
        st.subheader("Which paints better", anchor=False)
        reconstructions.compare(masks, painter)

layout.how_to_read(
    f"Each image is cut into squares of {settings.patch_size} pixels, ranked by *{settings.patch_ranking}*, and the "
    "highest stay. The dropped ones are predicted again by a painter. The published code ranks by Grad-CAM++ of an "
    "ImageNet network instead and paints with a large masked autoencoder.\n\n"
    "**Of all pixels**: the share of the images times the share of their patches is what is kept in total. "
    "For small originals the saving says nothing about stored bytes: a patch of 16 pixels at 224 is 2.3 pixels of a "
    "32 × 32 image.\n\n" + reconstructions.HOW_TO_READ
)
