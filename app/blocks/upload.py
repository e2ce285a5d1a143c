"""Opening the user's own images: an uploaded file, or a path on the machine that runs the app."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core.errors import AdqError
from adq_core.storage import atomic_folder, default_folder
from app import session
from app.export.download import safe_name
from app.state import dataset_names, widget_sync
from app.text.markdown import escape
from app.text.setting_names import error_text


def picker() -> None:
    """Draw the upload box and the box for a path; the built-in data sets are in the sidebar."""
    with st.expander("Open your own images", icon=":material/upload:", expanded=False):
        left, right = st.columns(2, gap="large")
        with left:
            st.file_uploader(
                "Upload a .zip of images (one subfolder per class, or no subfolders), or a file of images or vectors",
                type=["zip", "npz", "npy", "parquet", "csv"],
                key="upload",
                on_change=_open_upload,
            )
        with right:
            st.text_input(
                "Or enter the path of a folder or file on this machine",
                key="typed_path",
                placeholder="/home/me/images",
                on_change=_open_path,
            )
            st.caption(
                "The images stay on this machine. A browser cannot upload a folder: compress it to a .zip, or enter "
                "its path."
            )
        if (problem := st.session_state.pop("upload_problem", None)) is not None:
            st.error(escape(problem), icon=":material/error:")


def store_upload(name: str, content: bytes, folder: Path) -> Path:
    """Return the path of an uploaded file in the store, in a folder named by its digest: one copy per content."""
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    target = folder / dataset_names.UPLOADS / digest
    path = target / safe_name(name)
    if not path.is_file():
        with atomic_folder(target) as partial:
            (partial / path.name).write_bytes(content)
    return path


def _open_upload() -> None:
    upload: Any = st.session_state.get("upload")
    if upload is None:
        return
    try:
        path = store_upload(upload.name, upload.getvalue(), session.store().folder or default_folder())
    except AdqError as error:
        st.session_state["upload_problem"] = error_text(error)
    else:
        widget_sync.set_widgets(dataset=str(path))


def _open_path() -> None:
    typed = str(st.session_state.get("typed_path", "")).strip()
    if typed:
        widget_sync.set_widgets(dataset=str(Path(typed).expanduser()))
