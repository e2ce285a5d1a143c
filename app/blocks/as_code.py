"""The selection of a page as Python code and as a command, to be copied."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from adq_core import Settings
from app import trainings
from app.export import download
from app.text import as_code


def copy_code(settings: Settings, *, image: str | None = None, export: Sequence[str] = (), title: str = "") -> None:
    """Draw the code that makes the selection of these settings, closed at first; each text has a button to copy it."""
    shown = download.with_names(settings, trainings.shown_names(settings))
    with st.expander(f"Copy as Python or as a command{title}", icon=":material/content_copy:"):
        st.caption("Copy as Python")
        st.code(as_code.python_code(shown, image=image, export=export), language="python", wrap_lines=True)
        st.caption("Copy as command")
        st.code(as_code.command_lines(shown, export=export), language="bash", wrap_lines=True)
