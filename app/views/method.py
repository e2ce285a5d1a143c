"""docs/method.md in the app, with this run's own numbers beside each formula."""

import streamlit as st

from app import session
from app.blocks import layout
from app.state import focus
from app.text import worked_formulas

run = session.current_run()
session.require(run, "scores", "draw_order", "texture")
made = run.settings
layout.numbers(
    {
        "M, images": f"{len(run.dataset):,}",
        "m, bins": f"{run.bins.n_bins}",
        "rho, keep ratio": f"{made.keep_ratio:.1%}",
        "alpha": f"{made.alpha:.2f}",
        "quota rule": made.rule,
    }
)
number = focus.bin_buttons(run.bins.n_bins)
opening, sections = worked_formulas.sections(worked_formulas.DOCUMENT.read_text(encoding="utf-8"))
with st.expander("About this document", icon=":material/description:"):
    st.markdown(opening)
for section in sections:
    st.subheader(section.heading, anchor=False)
    st.markdown(section.formulas)
    told = worked_formulas.filled(section.heading, run, number)
    if told is not None:
        with st.container(border=True):
            st.caption(f"In this run, bin {number} of {run.dataset.name}")
            st.markdown(told)
    if section.notes:
        st.markdown(section.notes)

layout.how_to_read(
    "Each table has the paper's formula, its published code's and ours side by side; the frame below it fills the "
    "formula that this run uses with the numbers of the bin that is picked, rounded for print. The notes tell what the "
    "differences do: numbers with a star were measured by `benchmarks/method_numbers.py` on the sets named there, not "
    "on yours."
)
