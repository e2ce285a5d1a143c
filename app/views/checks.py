"""Checks: verdicts on the selection, the worst first, with the images concerned."""

from typing import Any

import numpy as np
import streamlit as st

from adq_core.checks import Verdict
from adq_core.records import Ints
from adq_core.selection import all_but_one, ids_of
from app import session
from app.blocks import as_code, filter_bar, layout
from app.blocks import checks as check_block
from app.state import hand_lists, widget_sync
from app.text import checks as check_texts
from app.text.markdown import escape

NEVER_TAKE = {  # verdicts whose images can be left out with one click
    "redundancy.conflicting_labels", "labels.doubts", "quality.dark", "quality.bright", "quality.constant",
    "quality.blurred", "quality.odd_size", "quality.odd_shape",
}  # fmt: skip

run = session.current_run()
session.require(run, "embeddings", "scores", "draw_order")
data = run.dataset


def draw_list_button(verdict: Verdict) -> None:
    """Draw the button that puts the images of a verdict on the list "never take"."""
    name, rows = verdict.check, verdict.rows
    listed = set(hand_lists.ids_in(hand_lists.NEVER))
    if name in ("redundancy.subset", "redundancy.set"):
        label = "Keep one of each"
        gone = all_but_one(whole_groups(rows), run.hand_lists.always, run.selection.selected, run.bins.rank)
        help = "Puts all copies but one of each group on the list Never take: a pinned or a selected one stays."
    elif name in NEVER_TAKE:
        label, gone, help = "Never take these images", np.unique(rows), "Puts these images on the list Never take."
    else:
        return
    gone = gone[[data.ids[row] not in listed for row in gone.tolist()]]
    if len(gone):
        st.button(
            f"{label} ({len(gone):,} to leave out)",
            key=f"never-{name}",
            on_click=hand_lists.add,
            args=(hand_lists.NEVER, ids_of(data, gone)),
            help=help,
            icon=":material/block:",
        )


def whole_groups(pairs: Ints) -> Ints:
    """Return the pairs of the set that are in the same group as one of these pairs: all copies, not only selected."""
    everything = next((one.rows for one in verdicts if one.check == "redundancy.set" and len(one.rows)), pairs)
    reached = np.zeros(len(data), np.bool_)
    reached[pairs] = True
    while True:
        touched = reached[everything].any(axis=1)
        before = int(reached.sum())
        reached[everything[touched]] = True
        if int(reached.sum()) == before:
            return np.asarray(everything[touched])


def apply(settings: dict[str, Any]) -> None:
    widget_sync.set_widgets(**settings)


verdicts = check_block.verdicts_of(run)
layout.number_row(check_texts.counts(verdicts))
shown = filter_bar.bar(run)
needs_attention = [one for one in check_texts.worst_first(verdicts) if one.level in ("bad", "watch")]
if not needs_attention:
    st.success("Nothing is wrong with this selection, as far as these checks can see.", icon=":material/check_circle:")
for verdict in needs_attention:
    with st.container(border=True, key=f"check-{verdict.check.replace('.', '-')}"):
        st.markdown(check_texts.heading(verdict))
        st.markdown(check_texts.sentence(verdict))
        if verdict.action:
            st.markdown(f":material/arrow_forward: {escape(verdict.action)}")
        if verdict.settings:
            st.button("Do this", key=f"apply-{verdict.check}", on_click=apply, args=(dict(verdict.settings),))
        if len(verdict.rows):
            check_block.draw_images(run, verdict, shown.mask)
            draw_list_button(verdict)

st.header("Everything else", anchor=False)
for verdict in check_texts.worst_first(verdicts):
    if verdict.level not in ("bad", "watch"):
        st.markdown(f"{check_texts.heading(verdict)}: {check_texts.sentence(verdict)}")
        if len(verdict.rows):
            with st.expander("Show the images"):
                check_block.draw_images(run, verdict, shown.mask)
                draw_list_button(verdict)

as_code.copy_code(run.settings)
layout.how_to_read(
    "Each check compares a number of the selection with what chance would give: random subsets with the same number of "
    "images of each class, the share of the whole set, or the value that a perfect draw would have. **Red** is beyond "
    "chance and harmful, **orange** is worth a look, **green** is as it should be.\n\n"
    "**Copies** are images whose perceptual hash and small grey thumbnails agree: mirrored, rotated and cropped copies "
    "are not found. **Doubtful labels** are images that a probe, trained without them, gives to another class; hard "
    "and rare images are among them. **Coverage** is measured in the embedding: a subset of outliers covers well and "
    "teaches badly, so look at *Better than random?* too.\n\n"
    "The command `python -m adq_core check` makes the same checks; with `--strict` it fails when one is red, and with "
    "`--test DIR` it looks for test images in the selection."
)
