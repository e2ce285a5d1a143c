"""The fit between the embedding and the data set, on the Data set page."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.embeddings import NeighbourAgreement, neighbour_agreement
from app import session
from app.text.agreement import agreement_numbers, agreement_sentence
from app.text.markdown import escape

from . import layout


def section(run: Run) -> None:
    """Draw how often neighbours have the same class; a progress bar while the embedding is computed."""
    st.header("Does the embedding fit these images?", anchor=False)
    if not run.ready("embeddings"):
        session.start_in_background(lambda: session.next_work(run, ("embeddings",)))
        return
    found: NeighbourAgreement = session.compute_cached(
        derive_key("neighbour agreement", run.key("embeddings")),
        "Comparing neighbours",
        lambda progress: neighbour_agreement(run.dataset, run.embeddings.vectors, progress=progress),
    )
    name = run.embeddings.name
    layout.number_row(agreement_numbers(found, name, run.dataset))
    st.markdown(agreement_sentence(found, name, run.dataset))
    note = run.embeddings.note
    if "Warning: " in note:
        st.warning(escape(note.replace("Warning: ", "")), icon=":material/warning:")
    elif note:
        st.caption(escape(note))
