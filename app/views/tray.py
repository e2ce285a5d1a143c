"""Saved selections: save the present one; restore, compare, export or delete saved ones."""

import streamlit as st

from app import session
from app.blocks import layout
from app.selections import resolve, saved_widgets
from app.selections import saved as saved_selections
from app.text.markdown import escape

saved = saved_selections.mount()
top, below = st.container(), st.container()
with below:  # drawn first, so that a user with invalid settings can restore a saved selection
    saved_widgets.selection_list(saved)
    layout.how_to_read(
        "A saved selection stores all settings and a digest of the selected ids. **Restore** sets the whole sidebar "
        "to these settings. If the selected images are then not the same, because files or the program have changed, "
        "this page shows a warning. A manual selection, such as one made with the lasso, cannot be recomputed from "
        "settings, so its ids are stored in the data folder of the server. **Show as A** compares it with the present "
        "settings.\n\n"
        "The list is stored in this browser (local storage). Other users cannot see it, and no account is needed. It "
        "is lost if you clear the data of this site. Another browser or a private window has its own list."
    )
with top:
    run = session.current_run()
    session.require(run, "scores", "draw_order")
    selected = run.selection.indices
    layout.number_row(
        {
            "saved": f"{len(saved.by_name):,}",
            "selected now": f"{len(selected):,} of {len(run.dataset):,} {run.dataset.kind}",
        }
    )
    saved_widgets.restored_message(run, saved)
    st.caption(
        f"Present settings: {escape(resolve.short_description(run.settings))}, data set {escape(run.dataset.name)}."
    )
    saved_widgets.save_present_form(run)
