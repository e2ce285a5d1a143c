"""Choices that were named and kept: keep the present one, go back to one, compare, export, drop."""

import streamlit as st

from app import session
from app.blocks import layout
from app.selections import resolve, saved_list
from app.selections import saved as saved_selections

mine = saved_selections.mount()
top, below = st.container(), st.container()
with below:  # drawn first: where the present settings cannot be computed, a kept choice is the way out
    saved_list.listed(mine)
    layout.how_to_read(
        "A kept choice holds every setting, and the digest of the ids that came out. **Go back** moves the whole "
        "sidebar to its settings; if the images are then not the same ones, because files or the program have changed, "
        "this page says so. Of images picked by hand, such as with the lasso on the map, no settings would give them "
        "again: their ids lie in the server's store, and going back to them shows them as A beside the present "
        "settings.\n\n"
        "The list lies in this browser (its local storage): nobody else sees it, it needs no account, and it goes when "
        "you clear the site's data. Another browser, or a private window, has a list of its own."
    )
with top:
    run = session.current_run()
    session.require(run, "scores", "draw_order")
    chosen = run.selection.indices
    layout.numbers(
        {"kept": f"{len(mine.kept):,}", "chosen now": f"{len(chosen):,} of {len(run.dataset):,} {run.dataset.kind}"}
    )
    saved_list.recalled(run, mine)
    st.caption(f"Now: {resolve.in_short(run.settings)}, data set {run.dataset.name}.")
    saved_list.keep_settings(run)
