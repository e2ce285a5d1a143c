"""The verdicts on the selection of a run, on the pages that show them."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.checks import Verdict
from adq_core.digests import derive_key
from adq_core.progress import Progress
from adq_core.records import Bools
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


def list_verdicts(run: Run) -> list[Verdict]:
    """Return the verdicts on the lists "always keep" and "never take"; draws a bar while they are computed."""

    def work(progress: Progress) -> list[Verdict]:
        return checks_of(Run(run.settings, session.store(), progress, dataset=run.dataset), names=["lists"])

    key = derive_key("checks of lists", run.key("scores"), run.key("selection"), run.key("embeddings"))
    verdicts: list[Verdict] = session.compute_cached(key, "Measuring the cost of the lists", work, bare=False)
    return verdicts


def draw_images(run: Run, verdict: Verdict, shown: Bools | None = None) -> None:
    """Draw the first images or pairs of a verdict; of pairs, those of which one image matches the filter.

    shown: which images match the filter, (N,); None without a filter.
    """
    rows = verdict.rows if shown is None else verdict.rows[shown[verdict.rows].any(axis=1)]
    layout.images(run, rows.reshape(-1)[:MAX_IMAGES], by_bin=True)
    n_drawn = min(len(rows), MAX_IMAGES // verdict.rows.shape[1])
    if len(verdict.rows) > n_drawn:
        noun = "pairs" if verdict.rows.shape[1] == 2 else "images"
        filtered = "" if shown is None else f" ({len(rows):,} match the filter)"
        st.caption(f"The first {n_drawn} of {len(verdict.rows):,} {noun}{filtered}.")
