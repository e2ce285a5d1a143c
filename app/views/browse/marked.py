"""The images that the user has marked in the grid: save them, download their list."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.records import Ints
from app import trainings
from app.blocks import hand_lists
from app.selections import saved as saved_selections
from app.selections import saved_widgets
from app.text import explanations


def section(run: Run, rows: Ints) -> None:
    """Draw what can be done with the marked images; nothing if none is marked."""
    saved_selections.mount()
    if not rows.size:
        return
    data = run.dataset
    images = f"{rows.size:,} {data.kind if rows.size != 1 else data.kind[:-1]}"
    selected = int(run.selection.selected[rows].sum())
    st.header(f"Marked: {images}, {selected:,} selected", anchor=False)
    st.markdown(explanations.class_and_bin_summary(rows, data, run.bins))
    how = {
        "told": f"{images} of {data.name} marked by hand",
        "picked": "marked in the image browser",
        "settings": trainings.shown_values(run.settings),
    }
    saved_widgets.save_manual_form(run, rows, how, key="save-marked")
    saved_widgets.saved_message()
    hand_lists.pick_buttons(run, rows, key="pick-marked")
    with st.container(horizontal=True):
        if run.ready("projection"):
            saved_widgets.download_images(run, rows, run.projection, how, key="marked-zip")
        st.download_button(
            "Download the list",
            lambda: explanations.to_csv(rows, data, run.bins, run.selection),
            "marked.csv",
            "text/csv",
            key="marked-csv",
            on_click="ignore",
        )
