"""Better than random?: ADQ and other strategies against class-balanced random images, on test images."""

import pandas as pd
import streamlit as st

from adq_core.evidence import Evidence, rank_agreement, rows_of
from adq_core.strategies import STRATEGIES
from app import session
from app.blocks import as_code, evidence_network, evidence_options, layout
from app.blocks import evidence as evidence_block
from app.blocks.evidence_options import Options
from app.charts import evidence as evidence_charts
from app.state import widget_sync
from app.text import evidence as evidence_text
from app.text import strategies as strategy_text
from app.text.evidence import CIFAR_AGREEMENT
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


def draw_evidence(options: Options, known: Evidence) -> None:
    if run.has_lists:
        st.caption("Your lists *Always keep* and *Never take* do not take part here; their page says what they cost.")
    keep_ratio = min(known.keep_ratios, key=lambda ratio: abs(ratio - float(run.settings.keep_ratio)))
    above = st.container()
    evidence = known
    if options.probe != "network":
        evidence = evidence_block.with_more_seeds(run, options, known, keep_ratio)
    rival = evidence_text.best_rival(evidence, keep_ratio)
    with above:
        draw_verdict(evidence, keep_ratio, rival)
    draw_differences(evidence, keep_ratio)
    if options.probe == "network":
        draw_agreement(options, evidence, keep_ratio)
    st.header("Use a strategy", anchor=False)
    for name in evidence_text.ranked(evidence, keep_ratio):
        strategy_row(evidence, keep_ratio, name)
    st.caption(
        "The strategy in use selects from all images and labels, and is a setting: every page, file and link uses it."
    )
    if len(known.keep_ratios) > 1:
        draw_accuracies(known, rival)
    st.header("All numbers", anchor=False)
    rows_at = [row for row in rows_of(evidence) if row["keep_ratio"] == keep_ratio]
    columns = {name: [row[key] for row in rows_at] for key, name in COLUMNS.items()}
    st.dataframe(pd.DataFrame(columns), hide_index=True, height="content")


def draw_verdict(evidence: Evidence, keep_ratio: float, rival: str | None) -> None:
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
    if rival is not None and rival != in_use:
        st.button(f"Use {rival}", key="use_rival", type="primary", on_click=use, args=(rival,), icon=":material/check:")
    st.caption(escape(evidence_text.measured(evidence, keep_ratio)))
    st.caption(escape(evidence_text.detectable(evidence, keep_ratio)))


def draw_differences(evidence: Evidence, keep_ratio: float) -> None:
    st.header(f"Difference to balanced random at {percent(keep_ratio)}", anchor=False)
    layout.chart(evidence_charts.differences(evidence, keep_ratio, layout.current_theme()), "evidence-differences")
    st.caption(
        "Dots are means over the seeds, lines 95% intervals. Grey: not distinguishable from 0 after correction for the "
        "number of strategies (Holm)."
    )


def draw_agreement(options: Options, evidence: Evidence, keep_ratio: float) -> None:
    """Say how well the ridge probe ranks the strategies like the network, if it has been measured."""
    ridge = evidence_block.if_known(run, options._replace(probe="ridge"))
    if ridge is None or keep_ratio not in ridge.keep_ratios:
        st.caption("When ridge regression is measured too, its order of the strategies is compared with this one.")
    elif (found := rank_agreement(ridge, evidence, keep_ratio)) is not None:
        st.markdown(evidence_text.agreement(found))


def draw_accuracies(evidence: Evidence, rival: str | None) -> None:
    st.header("Accuracy for other keep ratios", anchor=False)
    others = [name for name in STRATEGIES if name in evidence.strategies and name not in ("adq", "balanced")]
    shown = st.multiselect(
        "Strategies beside ADQ",
        others,
        default=[rival or "uniform-bins"],
        key="evidence_strategies",
    )
    layout.chart(evidence_charts.accuracy(evidence, ["adq", *shown], layout.current_theme()), "evidence-accuracy")


options = None
if data.n_classes < 2:
    layout.number_row({data.kind: f"{len(data):,}", "classes": f"{data.n_classes:,}"})
    st.info(
        "A comparison needs at least two classes: a probe is trained to tell them apart. Give class folders, or a "
        "table of labels on the Data set page.",
        icon=":material/info:",
    )
else:
    options = evidence_options.choose(run)
if options is not None:
    is_network = options.probe == "network"
    known = evidence_network.draw(run, options) if is_network else evidence_block.wait_for(run, options)
    if known is not None:
        draw_evidence(options, known)

as_code.copy_code(run.settings)
layout.how_to_read(
    "**Protocol.** A fifth of the images of each class (or the images that the data set holds out) are test images: "
    "bins, scores and margins are computed without them. Another data set with the same class names can be named "
    "instead. Each strategy selects subsets of the other images. A probe is trained on each subset and predicts the "
    "classes of the test images. Every "
    "seed draws new subsets; a seed gives all strategies the same random numbers, so differences are compared within a "
    "seed.\n\n"
    "**Interval.** It contains the chance of the draws and of the test images. *Not distinguishable* is a result: with "
    "this set and this number of images, the choice does not matter measurably.\n\n"
    "**How it can mislead.** Ridge and logistic regression measure what a linear classifier learns from fixed vectors. "
    "The network learns from pixels, and has the same number of steps for every subset; it can rank strategies "
    f"differently, and another embedding can, too. {CIFAR_AGREEMENT}\n\n"
    "The command `python -m adq_core evidence` makes the same comparison and writes it to a file."
)
