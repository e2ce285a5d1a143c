"""The box in which a user names a selection made elsewhere: an upload, files on this machine, or a saved selection."""

from __future__ import annotations

from typing import Any

import streamlit as st

from adq_core.errors import AdqError
from app import access, session, stores, visitors
from app.state import widget_sync
from app.text.markdown import escape
from app.uploads import LIST_ENDINGS, Upload, write_handles

KEY = "list_upload"
NUMBER = "list upload number"  # of the upload box, in the session state
PROBLEM = "list upload problem"


def upload_box(widget: str) -> None:
    """Draw the upload box; the uploaded lists become the value of the widget `widget`, as `upload:HANDLE,HANDLE`."""
    number = st.session_state.get(NUMBER, 0)
    key = f"{KEY}-{number}" if number else KEY  # after each upload a new box, so that the memory is released
    st.file_uploader(
        "Upload a list of indices or ids; several files are one selection",
        type=[ending.lstrip(".") for ending in LIST_ENDINGS],
        accept_multiple_files=True,
        key=key,
        on_change=_store,
        args=(key, widget),
    )
    if (problem := st.session_state.pop(PROBLEM, None)) is not None:
        st.error(escape(problem), icon=":material/error:")


def path_box(widget: str) -> None:
    """Draw the text box for a path on this machine; its text becomes the value of the widget `widget`."""

    def use_path() -> None:
        if typed := str(st.session_state.get("list_path") or "").strip():
            widget_sync.set_widgets(**{widget: typed})

    st.text_input(
        "Or enter the path of a file on this server" if stores.is_public() else "Or enter the path on this machine",
        key="list_path",
        placeholder="lists/select_indices_SET_exp*.npy"
        if stores.is_public()
        else "/home/me/select_indices_SET_exp*.npy",
        help="A * stands for any characters: all files that fit are one selection.",
        on_change=use_path,
    )


def _store(key: str, widget: str) -> None:
    """Store the files of the upload box and take them as the selection: a callback."""
    files: list[Any] = st.session_state.get(key) or []
    if not files:
        return
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    stored: list[Upload] = []
    with session.boundary():
        try:
            for file in files:
                stored.append(stores.uploads().add(visitors.owner(), file.name, file.getvalue(), "list"))
        except AdqError as error:
            st.session_state[PROBLEM] = access.error_text(error)
            return
    widget_sync.set_widgets(**{widget: write_handles(one.handle for one in stored)})
