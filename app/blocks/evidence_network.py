"""The network probe on the page "Better than random?": which trainings, how long they take, and their job."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.evidence import Budget, Evidence
from adq_core.progress import Progress
from adq_core.run_evidence import Estimate, estimate_of, evidence_key, evidence_of, seeds_measured
from adq_core.strategies import ADQ, BASELINE, STRATEGIES
from app import session
from app.blocks.evidence_options import Options
from app.error_boundary import JobFailed
from app.jobs.registry import CONTINUES, STOPPED
from app.text import evidence as evidence_text

ALWAYS = (BASELINE, ADQ)  # and the strategy in use
USUAL = ("uniform-bins", "margin", "ccs", "window")
STARTED = "evidence trainings"  # keys of the trainings that this session has started, in the session state


def draw(run: Run, options: Options) -> Evidence | None:
    """Draw the choices, the time and the job of the trainings; return what is measured, or None before two seeds are.

    Each training is stored when it ends, so the job can be stopped at any time.
    """
    session.require(run, "embeddings", "scores", "draw_order")
    strategies, seeds = _choices(run.settings.strategy)
    keep_ratio = float(run.settings.keep_ratio)
    key = derive_key("trainings", evidence_key(run, "network", options.test_set), keep_ratio, strategies, seeds)
    started: set[str] = st.session_state.setdefault(STARTED, set())
    measured = _measured(run, options, strategies, keep_ratio)
    if measured < seeds:
        draw_job = _train if key in started else _start_form
        draw_job(run, options, strategies, keep_ratio, seeds, key)
    if measured < 2:
        st.caption("The comparison appears here when two seeds of all strategies are measured.")
        return None
    return _evidence(run, options, strategies, keep_ratio, min(measured, seeds), key)


def _choices(in_use: str) -> tuple[tuple[str, ...], int]:
    always = tuple(dict.fromkeys((*ALWAYS, in_use)))
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.multiselect(
        "Strategies to compare",
        [name for name in STRATEGIES if name not in always],
        default=[name for name in USUAL if name not in always],
        key=f"evidence_network_strategies_{in_use}",
        help="ADQ, balanced random and the strategy in use are always compared.",
    )
    seeds = right.number_input(
        "Seeds", 2, 50, 5, key="evidence_network_seeds", help="Trainings per strategy; all are compared within a seed."
    )
    return (*always, *(name for name in STRATEGIES if name in chosen)), int(seeds)


def _measured(run: Run, options: Options, strategies: tuple[str, ...], keep_ratio: float) -> int:
    """Return the number of seeds that are measured for all of these strategies."""
    return seeds_measured(
        run, probe="network", strategies=strategies, keep_ratios=[keep_ratio], test_set=options.test_set
    )


def _start_form(
    run: Run, options: Options, strategies: tuple[str, ...], keep_ratio: float, seeds: int, key: str
) -> None:
    """Draw how long the trainings will take, and the button that starts them."""

    def work(progress: Progress) -> Estimate:
        fresh = Run(run.settings, session.store(), progress, dataset=run.dataset)
        return estimate_of(
            fresh, strategies=strategies, keep_ratios=[keep_ratio], test_set=options.test_set, seeds=seeds
        )

    done = _measured(run, options, strategies, keep_ratio)
    estimate: Estimate = session.compute_cached(derive_key(key, done), "Measuring the time of a training", work)
    st.markdown(evidence_text.trainings(estimate))
    if st.button("Train the networks", key="evidence_network_start", type="primary"):
        st.session_state[STARTED].add(key)
        st.rerun()


def _train(run: Run, options: Options, strategies: tuple[str, ...], keep_ratio: float, seeds: int, key: str) -> None:
    """Draw the progress of the trainings; a stop leaves the button that goes on."""

    session.continue_on_other_pages(key)
    try:
        if (
            session.compute_in_background(key, "Training networks", _work(run, options, strategies, keep_ratio, seeds))
            is not None
        ):
            st.rerun()
    except JobFailed as failed:
        failed.forget()
        st.session_state[STARTED].discard(key)
        if str(failed) not in (STOPPED, CONTINUES):
            raise
        st.rerun()


def _evidence(
    run: Run, options: Options, strategies: tuple[str, ...], keep_ratio: float, seeds: int, key: str
) -> Evidence:
    """Return the evidence of the seeds that are measured; draws a bar and ends the page while it is computed."""
    work = _work(run, options, strategies, keep_ratio, seeds)
    evidence: Evidence = session.compute_cached(derive_key(key, "evidence", seeds), "Reading the trainings", work)
    return evidence


def _work(
    run: Run, options: Options, strategies: tuple[str, ...], keep_ratio: float, seeds: int
) -> Callable[[Progress], Evidence]:
    def work(progress: Progress) -> Evidence:
        fresh = Run(run.settings, session.store(), progress, dataset=run.dataset)
        return evidence_of(
            fresh,
            probe="network",
            strategies=strategies,
            keep_ratios=[keep_ratio],
            test_set=options.test_set,
            budget=Budget(seeds, seeds),
        )

    return work
