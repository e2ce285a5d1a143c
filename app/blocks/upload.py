"""Bringing images in: a .zip or .npz from the browser, or a path on the machine that the app runs on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core.errors import AdqError
from adq_core.storage import atomic_folder, default_folder
from app import session
from app.export.archive import safe_name
from app.state import dataset_names, widget_sync
from app.text.setting_names import error_text


def picker() -> None:
    """Draw the two ways to bring images; built-in sets are in the sidebar."""
    with st.expander("Bring your own images", icon=":material/upload:", expanded=False):
        left, right = st.columns(2, gap="large")
        with left:
            st.file_uploader(
                "A .zip of images (a subfolder a class, or flat), an .npz with images and labels, or vectors",
                type=["zip", "npz", "npy", "parquet", "csv"],
                key="upload",
                on_change=_take_upload,
            )
        with right:
            st.text_input(
                "Or the path of a folder or of such a file on this machine",
                key="typed_path",
                placeholder="/home/me/images",
                on_change=_take_path,
            )
            st.caption(
                "The images stay on this machine. A browser cannot hand over a folder: zip it, or type its path."
            )
        if (problem := st.session_state.pop("upload_problem", None)) is not None:
            st.error(problem, icon=":material/error:")


def keep(name: str, content: bytes, folder: Path) -> Path:
    """Return where an uploaded file lies from now on: under its digest, so the same file is kept once."""
    digest = hashlib.blake2b(content, digest_size=8).hexdigest()
    place = folder / dataset_names.UPLOADS / digest
    path = place / safe_name(name)
    if not path.is_file():
        with atomic_folder(place) as aside:
            (aside / path.name).write_bytes(content)
    return path


def _take_upload() -> None:
    upload: Any = st.session_state.get("upload")
    if upload is None:
        return
    try:
        path = keep(upload.name, upload.getvalue(), session.store().folder or default_folder())
    except AdqError as error:
        st.session_state["upload_problem"] = error_text(error)
    else:
        widget_sync.set_widgets(dataset=str(path))


def _take_path() -> None:
    typed = str(st.session_state.get("typed_path", "")).strip()
    if typed:
        widget_sync.set_widgets(dataset=str(Path(typed).expanduser()))
