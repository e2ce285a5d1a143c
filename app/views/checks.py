"""Checks: verdicts on the selection, the worst first, with the images concerned."""

from typing import Any

import streamlit as st

from app import session
from app.blocks import as_code, filter_bar, layout
from app.blocks import checks as check_block
from app.state import widget_sync
from app.text import checks as check_texts
from app.text.markdown import escape

run = session.current_run()
session.require(run, "embeddings", "scores", "draw_order")


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

st.header("Everything else", anchor=False)
for verdict in check_texts.worst_first(verdicts):
    if verdict.level not in ("bad", "watch"):
        st.markdown(f"{check_texts.heading(verdict)}: {check_texts.sentence(verdict)}")
        if len(verdict.rows):
            with st.expander("Show the images"):
                check_block.draw_images(run, verdict, shown.mask)

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
