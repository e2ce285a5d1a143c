"""Which selection the page audits: the widgets that name it, and the reading of its files."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.errors import AdqError
from adq_core.selection import ForeignSelection
from app import access, session
from app.blocks import list_upload
from app.selections import foreign, resolve
from app.selections.saved import SavedSelections
from app.state import page_widgets, widget_sync
from app.text import audit as audit_texts
from app.text.markdown import escape

LIST, ORDER = "list", "list_order"  # keys of the widgets and names of the query parameters


def choose(run: Run, saved: SavedSelections) -> tuple[str, str]:
    """Draw the widgets that name a selection; return the text that names it, empty if none is named, and its order."""
    with st.expander("Choose a list", icon=":material/upload:", expanded=not page_widgets.value_of(LIST)):
        left, right = st.columns(2, gap="large")
        with left:
            list_upload.upload_box(LIST)
        with right:
            list_upload.path_box(LIST)
            _saved_box(run, saved)
        text = page_widgets.text(
            "list",
            "The selection as text, as in the link",
            help="upload: and the handles of uploaded lists, a path, or rows: and the digest of a saved selection.",
        )
    order = st.selectbox(
        "Order of the files that the indices count",
        list(audit_texts.SHORT_ORDERS),
        format_func=lambda name: audit_texts.SHORT_ORDERS[name],
        key="list_order",
        help="A list of indices fits one order of the files. Ids do not depend on it.",
        **page_widgets.IN_LINK,
    )
    return text, str(order or "")


def _saved_box(run: Run, saved: SavedSelections) -> None:
    """Draw the choice of a saved manual selection of this data set; nothing if there is none."""
    names = {
        resolve.link_of(one): one.name
        for one in saved.by_name.values()
        if one.manual and resolve.same_data(one, run.settings)
    }
    if not names:
        return

    def use_saved() -> None:
        if (value := st.session_state["list_saved"]) is not None:
            widget_sync.set_widgets(**{LIST: value})

    st.selectbox(
        "Or a saved selection",
        list(names),
        index=None,
        format_func=lambda link: names[link],
        key="list_saved",
        on_change=use_saved,
    )


def read(run: Run, text: str, order: str) -> tuple[ForeignSelection, str]:
    """Return the named selection and its title; draws the error and ends the page if it cannot be read."""
    try:
        if text.startswith(foreign.ROWS):
            return foreign.saved_selection(text, run), "a saved selection"
        files = foreign.find_files(text)
        key = derive_key("list", run.dataset.key, files.identity, order)
        given: ForeignSelection = session.compute_cached(
            key, "Reading the list", lambda progress: foreign.read_files(files, run, order or None)
        )
    except AdqError as error:
        st.error(escape(access.error_text(error)), icon=":material/error:")
        st.stop()
    return given, files.title


def order_notice(given: ForeignSelection) -> None:
    """Draw the sentence about another order that the list fits, with a button that reads it in that order."""
    if not given.order_note:
        return
    st.warning(escape(given.order_note), icon=":material/sort:")
    st.button(
        "Read it in that order",
        key="read-in-order",
        on_click=widget_sync.set_widgets,
        kwargs={ORDER: given.other_order},
        icon=":material/sort:",
    )
