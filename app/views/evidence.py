"""Better than random?: ADQ and other strategies against class-balanced random images, on test images."""

import pandas as pd
import streamlit as st

from adq_core.evidence import Evidence, rows_of
from adq_core.strategies import STRATEGIES
from app import session
from app.blocks import as_code, layout
from app.blocks import evidence as evidence_block
from app.charts import evidence as evidence_charts
from app.state import widget_sync
from app.text import evidence as evidence_text
from app.text import strategies as strategy_text
from app.text.format import percent
from app.text.markdown import escape

COLUMNS = {  # key of a row of the evidence: heading of its column
    "strategy": "strategy",
    "n_selected": "images",
    "accuracy": "accuracy, %",
    "difference": "difference, points",
    "half_width": "± 95%",
    "p": "p (Holm)",
    "detectable": "smallest detectable",
    "n_seeds": "seeds",
    "distinguishable": "distinguishable",
}

run = session.current_run()
data, in_use = run.dataset, run.settings.strategy


def use(strategy: str) -> None:
    widget_sync.set_widgets(strategy=strategy)


def strategy_row(evidence: Evidence, keep_ratio: float, strategy: str) -> None:
    """Draw one strategy with its result and a button that makes it the setting."""
    with st.container(key=f"strategy-{strategy.replace('+', '-')}"):
        left, middle, right = st.columns([3, 6, 2], vertical_alignment="center")
    left.markdown(f"**{strategy_text.shown_name(strategy)}**  \n{evidence_text.row_of(evidence, keep_ratio, strategy)}")
    middle.caption(strategy_text.about(strategy))
    label = "In use" if strategy == in_use else "Use this strategy"
    right.button(
        label, key=f"use_{strategy}", disabled=strategy == in_use, on_click=use, args=(strategy,), width="stretch"
    )


if data.n_classes < 2:
    layout.number_row({data.kind: f"{len(data):,}", "classes": f"{data.n_classes:,}"})
    st.info(
        "A comparison needs at least two classes: a probe is trained to tell them apart. Give class folders, or a "
        "table of labels on the Data set page.",
        icon=":material/info:",
    )
else:
    if run.has_lists:
        st.caption("Your lists *Always keep* and *Never take* do not take part here; their page says what they cost.")
    keep_ratio = float(run.settings.keep_ratio)
    evidence: Evidence = evidence_block.wait_for(run)
    if keep_ratio not in evidence.keep_ratios:
        keep_ratio = min(evidence.keep_ratios, key=lambda ratio: abs(ratio - run.settings.keep_ratio))
    column = evidence.keep_ratios.index(keep_ratio)
    base, adq = (100 * evidence.mean[evidence.strategies.index(name), column] for name in ("balanced", "adq"))
    layout.number_row(
        {
            "kept": percent(keep_ratio),
            "ADQ": f"{adq:.1f}%",
            "balanced random": f"{base:.1f}%",
            "in use": strategy_text.NAMES.get(in_use, in_use),
            "seeds": f"{evidence.accuracy.shape[2]:,}",
            "test images": f"{evidence.n_test:,}",
        }
    )
    evidence_block.verdict(evidence, keep_ratio, in_use)
    st.markdown(evidence_text.rival_sentence(evidence, keep_ratio))
    rival = evidence_text.best_rival(evidence, keep_ratio)
    if rival is not None and rival != in_use:
        st.button(f"Use {rival}", key="use_rival", type="primary", on_click=use, args=(rival,), icon=":material/check:")
    st.caption(escape(evidence_text.detectable(evidence, keep_ratio)))

    theme = layout.current_theme()
    st.header(f"Difference to balanced random at {percent(keep_ratio)}", anchor=False)
    layout.chart(evidence_charts.differences(evidence, keep_ratio, theme), "evidence-differences")
    st.caption(
        "Dots are means over the seeds, lines 95% intervals. Grey: not distinguishable from 0 after correction for the "
        "number of strategies (Holm)."
    )

    st.header("Use a strategy", anchor=False)
    for strategy in evidence_text.ranked(evidence, keep_ratio):
        strategy_row(evidence, keep_ratio, strategy)
    st.caption(
        "The strategy in use selects from all images and labels, and is a setting: every page, file and link uses it."
    )

    st.header("Accuracy for other keep ratios", anchor=False)
    others = [name for name in STRATEGIES if name in evidence.strategies and name not in ("adq", "balanced")]
    shown = st.multiselect(
        "Strategies beside ADQ",
        others,
        default=[rival or "uniform-bins"],
        key="evidence_strategies",
    )
    layout.chart(evidence_charts.accuracy(evidence, ["adq", *shown], theme), "evidence-accuracy")

    st.header("All numbers", anchor=False)
    rows_at = [row for row in rows_of(evidence) if row["keep_ratio"] == keep_ratio]
    columns = {name: [row[key] for row in rows_at] for key, name in COLUMNS.items()}
    st.dataframe(pd.DataFrame(columns), hide_index=True, height="content")

as_code.copy_code(run.settings)
layout.how_to_read(
    "**Protocol.** A fifth of the images of each class (or the images that the data set holds out) are test images: "
    "bins, scores and margins are computed without them. Each strategy selects subsets of the other images. A probe "
    "(ridge regression on the embedding) is trained on each subset and predicts the classes of the test images. Every "
    "seed draws new subsets; a seed gives all strategies the same random numbers, so differences are compared within a "
    "seed.\n\n"
    "**Interval.** It contains the chance of the draws and of the test images. *Not distinguishable* is a result: with "
    "this set and this number of images, the choice does not matter measurably.\n\n"
    "**How it can mislead.** The probe measures what a linear classifier learns from fixed vectors. A network that is "
    "trained from scratch can rank strategies differently, and another embedding can, too.\n\n"
    "The command `python -m adq_core evidence` makes the same comparison and writes it to a file."
)
