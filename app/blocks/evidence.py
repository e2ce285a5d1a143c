"""The evidence of a run on the pages: the job that measures it, and the verdict."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.evidence import Budget, Evidence
from adq_core.progress import Progress
from adq_core.run_evidence import evidence_key, evidence_of
from app import session
from app.blocks.evidence_options import Options
from app.text import evidence as evidence_text

BUDGET = Budget(min_seeds=10, max_seeds=40, seconds=45)
TITLE = "Comparing strategies"
MORE = "evidence more seeds"  # half widths that were asked for, by key of the evidence, in the session state
MOST_SEEDS = 300
DEFAULT_POINTS = 0.5


def wait_for(run: Run, options: Options) -> Evidence:
    """Return the evidence of the run; draws a bar and ends the page while it is measured."""
    session.require(run, "embeddings", "scores", "draw_order")
    key = evidence_key(run, options.probe, options.test_set)
    evidence: Evidence = session.compute_cached(key, TITLE, _work(run, options, BUDGET), bare=False)
    return evidence


def with_more_seeds(run: Run, options: Options, evidence: Evidence, keep_ratio: float) -> Evidence:
    """Draw the form that adds seeds at one keep ratio; return the evidence with them, or the given one until then.

    A measurement with more seeds contains only this keep ratio.
    """
    asked: dict[str, float] = st.session_state.setdefault(MORE, {})
    base = evidence_key(run, options.probe, options.test_set)
    place = derive_key(base, keep_ratio)
    found = None
    if place in asked:
        budget = Budget(evidence.accuracy.shape[2], MOST_SEEDS, asked[place] / 100)
        work = _work(run, options, budget, [keep_ratio])
        found = session.compute_in_background(derive_key(place, asked[place]), "Adding seeds", work)
    with st.form("evidence-more", border=False):
        left, right = st.columns([2, 3], vertical_alignment="bottom")
        points = left.number_input(
            "Half width of the interval, points",
            *(0.1, 5.0, DEFAULT_POINTS, 0.1),
            key="evidence_points",
            format="%.1f",
            help=f"Seeds are added until the draws change the mean of every strategy by less than this, at most "
            f"{MOST_SEEDS} seeds.",
        )
        if right.form_submit_button("Add seeds until the interval is this small", key="evidence_add"):
            asked[place] = float(points)
            st.rerun()
    return found if isinstance(found, Evidence) else evidence


def if_known(run: Run, options: Options | None = None) -> Evidence | None:
    """Return the evidence if it has been measured in this process, else None; starts nothing."""
    found = session.cached_result(evidence_key(run, *(() if options is None else options)))
    return found if isinstance(found, Evidence) else None


def _work(
    run: Run, options: Options, budget: Budget, keep_ratios: list[float] | None = None
) -> Callable[[Progress], Evidence]:
    def work(progress: Progress) -> Evidence:
        fresh = Run(run.settings, session.store(), progress, dataset=run.dataset)
        return evidence_of(
            fresh, probe=options.probe, test_set=options.test_set, keep_ratios=keep_ratios, budget=budget
        )

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
