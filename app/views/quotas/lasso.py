"""The images inside the lasso on the map: show, save or download them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.export import MAX_IMAGES
from adq_core.records import Floats, Ints, Projection
from app import trainings
from app.blocks import hand_lists, layout
from app.blocks.filter_bar import Shown
from app.charts.comparison import sample_evenly
from app.components.bin_map import rows_in_polygon
from app.selections import resolve, saved_widgets
from app.selections import saved as saved_selections
from app.text import explanations

MAX_SHOWN = 60
INSIDE = "lasso_rows"  # the last lasso and the rows inside it, in the session state


def lasso_section(run: Run, shown: Shown, polygon: Floats | None, xy: Floats, projection: Projection) -> None:
    """Draw the images inside the lasso that match the filter, with buttons for them; nothing if there is no lasso."""
    saved_selections.mount()
    if polygon is None:
        return
    inside = shown.of(_rows_inside(polygon, xy, projection))
    selected = inside[run.selection.selected[inside]]
    st.header(f"Inside the lasso: {inside.size:,} images, {selected.size:,} selected", anchor=False)
    if not inside.size:
        return
    rows, only_selected = _all_or_selected(inside, selected)
    st.markdown(explanations.class_and_bin_summary(rows, run.dataset, run.bins))
    with st.container(key="lasso-sheet"):
        sample = sample_evenly(rows, MAX_SHOWN)
        layout.images(run, sample, by_bin=True, faded=~run.selection.selected[sample])
    if rows.size > MAX_SHOWN:
        st.caption(f"{MAX_SHOWN} of {rows.size:,} images, evenly spaced. Faded images are not selected.")
    origin = lasso_origin(run, polygon, rows, projection, only_selected=only_selected)
    saved_widgets.save_manual_form(run, rows, origin, key="save-lasso")
    saved_widgets.saved_message()  # next to the button that saves
    hand_lists.pick_buttons(run, rows, key="pick-lasso")
    with st.container(horizontal=True):
        saved_widgets.download_images(run, rows, projection, origin, key="lasso-zip")
        st.download_button(
            "Download the list",
            lambda: explanations.to_csv(rows, run.dataset, run.bins, run.selection),  # computed on click
            "lasso.csv",
            "text/csv",
            key="lasso-csv",
            on_click="ignore",
        )
    if run.dataset.has_images and rows.size > MAX_IMAGES:
        st.caption(f"The .zip has no images, only ids and rows, because it can hold at most {MAX_IMAGES:,} images.")


def _rows_inside(polygon: Floats, xy: Floats, projection: Projection) -> Ints:
    """Return the rows inside the lasso; the last result is kept, because most runs of the page have the same lasso."""
    key = projection.key, polygon.tobytes()
    cached = st.session_state.get(INSIDE)
    if cached is None or cached[0] != key:
        cached = st.session_state[INSIDE] = key, rows_in_polygon(polygon, xy)
    rows: Ints = cached[1]
    return rows


def _all_or_selected(inside: Ints, selected: Ints) -> tuple[Ints, bool]:
    """Draw the choice between all images of the lasso and the selected ones; return the rows and which they are."""
    if selected.size in (0, inside.size):
        return inside, False
    labels = {"all": f"all {inside.size:,}", "selected": f"only the {selected.size:,} selected"}
    choice = st.segmented_control(
        "Images", list(labels), default="all", required=True, format_func=lambda which: labels[which], key="lasso_which"
    )
    return (selected, True) if choice == "selected" else (inside, False)


def lasso_origin(
    run: Run, polygon: Floats, rows: Ints, projection: Projection, *, only_selected: bool
) -> dict[str, Any]:
    """Return the description of this manual selection as a mapping for JSON; its keys are part of the file format."""
    description = f"{len(rows):,} {'selected ' if only_selected else ''}images of {run.dataset.name} inside a lasso"
    if only_selected:
        description += f", {resolve.short_description(run.settings)}"
    return {
        "told": description,
        "picked": "inside the lasso and selected by the settings" if only_selected else "inside the lasso",
        "lasso": np.asarray(polygon, np.float64).round(6).tolist(),
        "map": {"method": projection.method, "key": projection.key, "seed": run.settings.map_seed},
        "settings": trainings.shown_values(run.settings),
    }
