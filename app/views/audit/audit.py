"""Audit a selection: somebody's list of images, its checks and its evidence beside those of the present selection."""

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.checks import Verdict
from adq_core.digests import content_digest, derive_key
from adq_core.progress import Progress
from adq_core.run_audit import checks_of_given
from adq_core.selection import ForeignSelection, compare
from app import session, trainings
from app.blocks import checks as check_block
from app.blocks import group_maps, hand_lists, layout
from app.selections import saved as saved_selections
from app.selections import saved_widgets
from app.text import audit as audit_texts
from app.text import checks as check_texts
from app.text.markdown import escape
from app.views.audit import choose, probe

saved = saved_selections.mount()
run = session.current_run()
data = run.dataset
text, order = choose.choose(run, saved)


def verdicts_of_list(given: ForeignSelection) -> list[Verdict]:
    def work(progress: Progress) -> list[Verdict]:
        return checks_of_given(Run(run.settings, session.store(), progress, dataset=data), given)

    key = derive_key(
        "checks of a list", run.key("embeddings"), run.settings.seed, content_digest(given.rows), given[1:]
    )
    verdicts: list[Verdict] = session.compute_cached(key, "Checking the list", work, bare=False)
    return verdicts


def draw_pair(pair: audit_texts.VerdictPair) -> None:
    left, right = st.columns(2, gap="medium")
    left.markdown(f"**The list:** {check_texts.line(pair.given)}")
    right.markdown(f"**The present selection:** {check_texts.line(pair.own)}")
    if pair.given is not None and len(pair.given.rows):
        check_block.draw_images(run, pair.given)


def draw_verdicts(given: ForeignSelection) -> None:
    pairs = audit_texts.verdict_pairs(verdicts_of_list(given), check_block.verdicts_of(run))
    st.header("Checks", anchor=False)
    for pair in pairs:
        if pair.needs_attention:
            with st.container(border=True, key=f"audit-{pair.check.replace('.', '-')}"):
                st.markdown(f"**{escape(check_texts.TITLES.get(pair.check, pair.check))}**")
                draw_pair(pair)
    with st.expander("Checks in which both are good"):
        for pair in pairs:
            if not pair.needs_attention:
                st.markdown(f"**{escape(check_texts.TITLES.get(pair.check, pair.check))}**")
                draw_pair(pair)


def draw_list(given: ForeignSelection, title: str) -> None:
    session.require(run, "scores", "draw_order", "embeddings")
    pair = compare(
        given.rows,
        run.selection.indices,
        data.labels,
        run.bins.bin_of,
        n_classes=data.n_classes,
        n_bins=run.bins.n_bins,
    )
    layout.number_row(audit_texts.numbers(given, len(data), data.kind, pair))
    with st.container():  # always here: a progress bar that ends does not move the map
        projection = session.projection_now(run)
    group_maps.comparison_map(run, projection, pair, names=("list", "present selection"))
    st.caption(f"Each point is an image; similar images are close to each other ({projection.method.upper()}).")
    draw_verdicts(given)
    probe.evidence_section(run, given.rows)
    st.header("Keep this selection", anchor=False)
    how = {
        "told": f"{len(given.rows):,} images of {data.name} from {title}",
        "picked": f"by the list {title}",
        "named_by": "index" if given.by_index else "id",
        "order_of_files": given.read_in,
        "settings": trainings.shown_values(run.settings),
    }
    saved_widgets.save_manual_form(run, given.rows, how, key="save-list")
    saved_widgets.saved_message()
    hand_lists.pick_buttons(run, given.rows, key="pick-list")
    st.caption("A saved selection can be compared with others and exported on the page Saved selections.")
    st.header("Images of the list", anchor=False)
    shown = given.rows[np.linspace(0, len(given.rows) - 1, min(60, len(given.rows))).astype(int)]
    layout.images(run, shown, by_bin=True)
    if len(shown) < len(given.rows):
        st.caption(f"{len(shown)} of {len(given.rows):,}, evenly spaced in the order of the ids.")


if text:
    given, title = choose.read(run, text, order)
    st.markdown(f"**{escape(title)}**, compared with the present selection.")
    choose.order_notice(given)
    draw_list(given, title)
else:
    layout.number_row({data.kind: f"{len(data):,}", "classes": f"{data.n_classes:,}"})
    st.info(
        "Give a list of images that somebody else selected: by published code, by another tool, or by hand. The page "
        "shows it on the map, checks it like your own selection, and measures whether it is better than random images.",
        icon=":material/fact_check:",
    )

layout.how_to_read(
    "**Files.** `.npy` with indices or a mask, as published code writes them; `.csv` with a column index, id or file; "
    "`.txt` with one entry per line; `.json` or `.jsonl`. Several files, such as `select_indices_CIFAR10_exp0.npy` to "
    "`_exp9.npy`, are one selection. An index is the position of a file in torchvision's `ImageFolder` of the same "
    "folder, or the row of an array; an id is the path of a file inside the data set.\n\n"
    "**Order of the files.** An index means another image if the files are counted in another order, for example "
    "`10.png` before `2.png`. The published evaluation of ADQ read its lists in such a wrong order. A list that was "
    "balanced over the classes shows this: read in the wrong order, its classes differ by chance. The page then names "
    "the order that fits.\n\n"
    "**Checks** of quotas and of the random draw do not apply to a list. The command `python -m adq_core audit` makes "
    "the same checks and the same comparison."
)
