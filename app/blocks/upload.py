"""Opening the user's own images: an uploaded file, or a path on the machine that runs the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from adq_core.errors import AdqError
from app import access, stores, visitors
from app.state import widget_sync
from app.text.markdown import escape
from app.uploads import ENDINGS

from . import own_uploads

KEY = "upload"
NUMBER = "upload number"  # of the upload box, in the session state
PROBLEM = "upload problem"


def listed() -> list[str]:
    """Return the uploads of this browser, as their references."""
    return [upload.reference for upload in stores.uploads().of_owner(visitors.owner())]


def picker() -> list[str]:
    """Draw the upload box, the uploads of this browser, and the box for a path; return the uploads in the list.

    The built-in data sets are in the sidebar.
    """
    with st.expander("Open your own images", icon=":material/upload:", expanded=False):
        left, right = st.columns(2, gap="large")
        with left:
            # After each upload the box is a new one: Streamlit then releases the memory of the file.
            key = upload_key()
            st.file_uploader(
                "Upload a .zip or .tar of images (one subfolder per class, or no subfolders), or a file of images or "
                "vectors",
                type=[ending.lstrip(".") for ending in ENDINGS],
                key=key,
                on_change=_open_upload,
                args=(key,),
            )
            if (problem := st.session_state.pop(PROBLEM, None)) is not None:
                st.error(escape(problem), icon=":material/error:")
        with right:
            st.text_input(
                "Or enter the path of a folder or file on this server"
                if stores.is_public()
                else "Or enter the path of a folder or file on this machine",
                key="typed_path",
                placeholder="photographs/birds" if stores.is_public() else "/home/me/images",
                on_change=_open_path,
            )
            st.caption(
                "The images stay on this machine. A browser cannot upload a folder: compress it to a .zip, or enter "
                "its path."
                if not stores.is_public()
                else "A browser cannot upload a folder: compress it to a .zip. Other users cannot see your uploads."
            )
        drawn = listed()
        own_uploads.own_list()
    return drawn


def upload_key() -> str:
    """Return the key of the present upload box."""
    number = st.session_state.get(NUMBER, 0)
    return f"{KEY}-{number}" if number else KEY


def _open_upload(key: str) -> None:
    """Store the file of the upload box and open it: a callback."""
    file: Any = st.session_state.get(key)
    if file is None:
        return
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    try:
        upload = stores.uploads().add(visitors.owner(), file.name, file.getvalue())
    except AdqError as error:
        st.session_state[PROBLEM] = access.error_text(error)
    else:
        own_uploads.open_upload(upload)


def _open_path() -> None:
    typed = str(st.session_state.get("typed_path", "")).strip()
    if typed:
        widget_sync.set_widgets(dataset=access.shown_name(str(Path(typed).expanduser())))
