"""Always keep, never take: both lists with their images, buttons to remove them, and what the lists cost."""

import numpy as np
import streamlit as st

from adq_core.errors import SettingsError
from adq_core.records import Ints
from adq_core.selection import rows_of_ids
from app import session
from app.blocks import checks as check_block
from app.blocks import hand_lists as list_block
from app.blocks import layout
from app.state import focus, hand_lists, page_widgets
from app.text import checks as check_texts
from app.text.markdown import escape
from app.text.setting_names import LABELS, error_text

PER_PAGE = 24

run = session.current_run()
data = run.dataset
names = {name: hand_lists.ids_in(name) for name in (hand_lists.ALWAYS, hand_lists.NEVER)}


def draw_list(name: str, ids: tuple[str, ...], sentence: str) -> None:
    st.header(f"{LABELS[name]}: {len(ids):,}", anchor=False)
    if not ids:
        st.caption(sentence)
        return
    first = page_widgets.page_through(f"{name}_skipped", len(ids), PER_PAGE) if len(ids) > PER_PAGE else 0
    rows = rows_of_ids(data, ids[first : first + PER_PAGE])
    with st.container(horizontal=True, key=f"list-{name}"):
        for row in rows[rows >= 0].tolist():
            draw_entry(name, row)
    st.button(
        "Remove all from this list",
        key=f"clear-{name}",
        on_click=hand_lists.clear,
        args=(name,),
        icon=":material/clear_all:",
    )


def draw_entry(name: str, row: int) -> None:
    with st.container(width=92, gap="xsmall", key=f"entry-{name}-{row}"):
        layout.images(run, np.array([row]), width=84)
        st.button(
            "Remove",
            key=f"unlist-{name}-{row}",
            on_click=hand_lists.remove,
            args=(name, [data.ids[row]]),
            type="tertiary",
        )


def found_rows() -> Ints:
    rows, _ = focus.find_rows(data, str(st.session_state.get("list_image") or ""))
    return rows


def draw_search() -> None:
    typed = st.text_input(
        "Put an image on a list", key="list_image", placeholder="id, part of an id, or row number", width=420
    )
    rows = found_rows()
    if typed and not len(rows):
        st.caption("No id contains this text.")
    elif len(rows) == 1 or (typed and len(rows) <= PER_PAGE):
        layout.images(run, rows)
        list_block.pick_buttons(run, rows, key="pick-typed")
    elif typed:
        st.caption(f"{len(rows):,} ids contain this text. Type more of it.")


layout.number_row(
    {"always kept": f"{len(names['always']):,}", "never taken": f"{len(names['never']):,}", data.kind: f"{len(data):,}"}
)
try:
    run.key("selection")
except SettingsError as error:
    if not set(error.settings) & set(names):
        raise
    st.error(escape(error_text(error)), icon=":material/error:")
    st.button(
        "Clear both lists", key="clear-both", on_click=hand_lists.clear, args=(hand_lists.ALWAYS, hand_lists.NEVER)
    )
    st.stop()
draw_list("always", names["always"], "No image. These are in every selection, whatever its settings are.")
draw_list("never", names["never"], "No image. These are in no selection, whatever its settings are.")
draw_search()
if any(names.values()):
    session.require(run, "scores", "draw_order", "embeddings")
    st.header("What the lists change and cost", anchor=False)
    for verdict in check_block.list_verdicts(run):
        st.markdown(f"{check_texts.heading(verdict)}: {check_texts.sentence(verdict)}")
        if verdict.action:
            st.caption(escape(verdict.action))

layout.how_to_read(
    "**Always keep** pins images: they are selected whatever alpha, keep ratio and strategy are. A pinned image counts "
    "within the quota of its bin. A bin with more pinned images than its quota gives all of them, and the other bins "
    "share the rest, so the number of selected images stays what you asked for.\n\n"
    "**Never take** leaves images out: a copy, a wrong label, an unusable picture. The bin has fewer images to give; "
    "bins and scores are not computed again.\n\n"
    "Images come onto the lists from the lasso on the map, from the image browser, from the page of one image, from "
    "the copies on the page Checks, and from a list that somebody else made (Audit a selection). The lists are "
    "settings: they are in the link, in a saved selection and in the manifest, and undo takes them back. A long list "
    "is stored on the server, and the link has its digest. On the command line: `--always FILE --never FILE`."
)
