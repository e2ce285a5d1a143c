"""What a lasso on the map holds: its images, and keeping or exporting just them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.export import MAX_IMAGES
from adq_core.records import Floats, Ints, Projection
from app.blocks import layout
from app.charts.comparison import spread
from app.components.bin_map import rows_in_polygon
from app.selections import resolve, saved_list
from app.selections import saved as saved_selections
from app.text import explanations

MOST_SHOWN = 60


def below(run: Run, polygon: Floats | None, xy: Floats, projection: Projection) -> None:
    """Draw the images inside the lasso and what can be done with them; nothing where there is no lasso."""
    saved_selections.mount()
    if polygon is None:
        return
    inside = rows_in_polygon(polygon, xy)
    selected = run.selection.selected[inside]
    chosen = inside[selected]
    st.subheader(f"Inside the lasso: {inside.size:,} images, {chosen.size:,} chosen", anchor=False)
    if not inside.size:
        return
    which = {"all": f"all {inside.size:,}", "chosen": f"just the {chosen.size:,} chosen"}
    if chosen.size in (0, inside.size):
        just = False
    else:
        picked = st.segmented_control(
            "Of these", list(which), default="all", required=True, format_func=which.__getitem__, key="lasso_which"
        )
        just = picked == "chosen"
    rows = chosen if just else inside
    st.markdown(explanations.inside(rows, run.dataset, run.bins))
    with st.container(key="lasso-sheet"):
        shown = spread(rows, MOST_SHOWN)
        layout.images(run, shown, by_bin=True, faded=~run.selection.selected[shown])
    if rows.size > MOST_SHOWN:
        st.caption(f"{MOST_SHOWN} of {rows.size:,}, spread evenly over the set. Faded: not chosen.")
    how = told(run, polygon, rows, projection, just_chosen=just)
    saved_list.keep_by_hand(run, rows, how, key="keep-lasso")
    saved_list.said()  # beside the hand that kept them
    with st.container(horizontal=True):
        saved_list.download_picked(run, rows, projection, how, key="lasso-zip")
        st.download_button(
            "Download the list",
            lambda: explanations.listed(rows, run.dataset, run.bins, run.selection),  # made when it is asked for
            "lasso.csv",
            "text/csv",
            key="lasso-csv",
            on_click="ignore",
        )
    if run.dataset.has_images and rows.size > MAX_IMAGES:
        st.caption(f"The zip holds images up to {MAX_IMAGES:,} of them; these are more, so ids and rows alone.")


def told(run: Run, polygon: Floats, rows: Ints, projection: Projection, *, just_chosen: bool) -> dict[str, Any]:
    """Return how these images were picked, as what JSON can hold."""
    part = "chosen images" if just_chosen else "images"
    words = f"{len(rows):,} {part} of {run.dataset.name} inside a lasso"
    if just_chosen:
        words += f" under {resolve.in_short(run.settings)}"
    return {
        "told": words,
        "picked": "inside the lasso and chosen by the settings" if just_chosen else "inside the lasso",
        "lasso": np.asarray(polygon, np.float64).round(6).tolist(),
        "map": {"method": projection.method, "key": projection.key, "seed": run.settings.seed},
        "settings": asdict(run.settings),
    }
