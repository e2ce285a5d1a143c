"""The evidence of a run on the pages: the job that measures it, and the verdict."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from adq_core import Run
from adq_core.evidence import Budget, Evidence
from adq_core.progress import Progress
from adq_core.run_evidence import evidence_key, evidence_of
from app import session
from app.text import evidence as evidence_text

BUDGET = Budget(min_seeds=10, max_seeds=40, seconds=45)
TITLE = "Comparing strategies"


def wait_for(run: Run) -> Evidence:
    """Return the evidence of the run; draws a bar and ends the page while it is measured."""
    session.require(run, "embeddings", "scores", "draw_order")
    evidence: Evidence = session.compute_cached(evidence_key(run), TITLE, _work(run), bare=False)
    return evidence


def if_known(run: Run) -> Evidence | None:
    """Return the evidence if it has been measured in this process, else None; starts nothing."""
    found = session.cached_result(evidence_key(run))
    return found if isinstance(found, Evidence) else None


def _work(run: Run) -> Callable[[Progress], Evidence]:
    def work(progress: Progress) -> Evidence:
        fresh = Run(run.settings, session.store(), progress, dataset=run.dataset)
        return evidence_of(fresh, budget=BUDGET)

    return work


def verdict(evidence: Evidence, keep_ratio: float, strategy: str) -> None:
    """Draw the verdict on a strategy in a green or red box."""
    text, kind = evidence_text.headline(evidence, keep_ratio, strategy)
    box(text, kind)


def box(text: str, kind: str) -> None:
    """Draw a verdict in a green or red box; kind: better, worse or same. It is no error, so it is no `st.error`."""
    icon = {"better": "trending_up", "worse": "trending_down", "same": "trending_flat"}[kind]
    with st.container(key=f"verdict-{kind}"):
        st.markdown(f":material/{icon}: {text}")
