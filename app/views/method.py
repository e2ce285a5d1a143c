"""The method: docs/method.md, with the numbers of the present run below each table of formulas."""

import streamlit as st

from adq_core.strategies import ADQ
from app import session
from app.blocks import layout
from app.state import focus
from app.text import method_document, worked_formulas
from app.text import strategies as strategy_text
from app.text.markdown import escape

run = session.current_run()
strategy = run.settings.strategy
run = session.with_settings(run, strategy=ADQ)
session.require(run, "scores", "draw_order", "texture")
settings = run.settings
if strategy != ADQ:
    st.markdown(
        f":material/info: The strategy in use is {strategy_text.shown_name(strategy)}. The numbers on this page are "
        "those of ADQ with the same other settings."
    )
layout.number_row(
    {
        "M, images": f"{len(run.dataset):,}",
        "m, bins": f"{run.bins.n_bins}",
        "rho, keep ratio": f"{settings.keep_ratio:.1%}",
        "alpha": f"{settings.alpha:.2f}",
        "quota rule": settings.rule,
    }
)
number = focus.bin_buttons(run.bins.n_bins)
text = method_document.DOCUMENT.read_text(encoding="utf-8")
introduction, sections = method_document.parse_sections(text)
with st.expander("About this document", icon=":material/description:"):
    st.markdown(introduction)
for section in sections:
    st.header(section.heading, anchor=False)
    st.markdown(section.formulas)
    worked = worked_formulas.worked_formula(section.heading, run, number)
    if worked is not None:
        with st.container(border=True):
            st.caption(f"In this run: bin {number} of {escape(run.dataset.name)}")
            st.markdown(worked)
    if section.notes:  # two thirds of the text of the page
        with st.expander(f"Notes on {section.heading}", icon=":material/notes:"):
            st.markdown(section.notes)

layout.how_to_read(
    "Each table shows the formula of the paper, of its published code and of this project. The frame below a table "
    "shows the formula that this run uses, with the numbers of the selected bin, rounded for display. The notes "
    "describe the effect of the differences. Numbers with a star were measured with `benchmarks/method_numbers.py` on "
    "the data sets named there, not on the open data set."
)
