"""The verdicts on the selection of a run, on the pages that show them."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.checks import Verdict
from adq_core.digests import derive_key
from adq_core.progress import Progress
from adq_core.run_checks import checks_of
from app import session
from app.blocks import layout

MAX_IMAGES = 24  # shown per verdict


def verdicts_of(run: Run) -> list[Verdict]:
    """Return the verdicts on the selection of the run; draws a bar and ends the page while they are computed."""

    def work(progress: Progress) -> list[Verdict]:
        return checks_of(Run(run.settings, session.store(), progress, dataset=run.dataset))

    key = derive_key("checks", run.key("scores"), run.key("selection"), run.key("embeddings"))
    verdicts: list[Verdict] = session.compute_cached(key, "Checking the selection", work, bare=False)
    return verdicts


def draw_images(run: Run, verdict: Verdict) -> None:
    """Draw the first images or pairs of a verdict."""
    layout.images(run, verdict.rows.reshape(-1)[:MAX_IMAGES], by_bin=True)
    shown = MAX_IMAGES // verdict.rows.shape[1]
    if len(verdict.rows) > shown:
        what = "pairs" if verdict.rows.shape[1] == 2 else "images"
        st.caption(f"The first {shown} of {len(verdict.rows):,} {what}.")
