"""Does the given selection teach a probe better than random images of the same classes, and than ADQ?"""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.digests import content_digest, derive_key
from adq_core.evidence import Evidence
from adq_core.progress import Progress
from adq_core.records import Ints
from adq_core.run_audit import difference_to_strategy, evidence_of_given
from adq_core.run_evidence import evidence_key
from app import session
from app.blocks import evidence as evidence_block
from app.blocks import layout
from app.charts import evidence as evidence_charts
from app.text import audit as audit_texts

REQUESTED = "evidence of a list"  # keys of the requested measurements, in the session state


def evidence_section(run: Run, rows: Ints) -> None:
    """Draw the button that measures the evidence of these rows, and the result when it is known."""
    st.header("Better than random?", anchor=False)
    key = derive_key("evidence of a list", evidence_key(run), run.settings.strategy, content_digest(rows))
    requested: set[str] = st.session_state.setdefault(REQUESTED, set())
    evidence: Evidence | None = session.cached_result(key)
    if evidence is None and key not in requested:
        st.markdown(
            "A probe is trained on the images of the list, on random images of the same classes and on selections by "
            "ADQ and other strategies, and tested on images that are in none of them. This takes up to a minute."
        )
        st.button("Measure", key="measure-list", on_click=requested.add, args=(key,), icon=":material/balance:")
        return
    if evidence is None:

        def work(progress: Progress) -> Evidence:
            fresh = Run(run.settings, session.store(), progress, dataset=run.dataset)
            return evidence_of_given(fresh, rows, budget=evidence_block.BUDGET)

        evidence = session.compute_in_background(key, evidence_block.TITLE, work)
    if evidence is not None:
        _result(evidence, run.settings.strategy)


def _result(evidence: Evidence, strategy: str) -> None:
    to_own = difference_to_strategy(evidence, strategy)
    evidence_block.box(*audit_texts.headline(evidence, to_own, strategy))
    keep_ratio = evidence.keep_ratios[0]
    layout.chart(evidence_charts.differences(evidence, keep_ratio, layout.current_theme()), "list-differences")
    st.caption(
        "Difference to balanced random: dots are means over the seeds, lines 95% intervals. Grey: not distinguishable "
        "from 0 after correction for the number of strategies (Holm). The test images are a fifth of each class, none "
        "of them in the list: if the list leaves out the hard images, the test is harder for all strategies alike."
    )
