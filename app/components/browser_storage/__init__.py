"""Saved items in the visitor's own browser (localStorage): they survive a reload, and nobody else sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ..packaged import ignore_change, packaged_component


def browser_storage(session: str, steps: Sequence[tuple[int, str, dict[str, Any] | None]], *, key: str) -> object:
    """Apply changes to the stored items and return the last message of the browser; None before the first message.

    Each step is (serial, name, item); the item None deletes the name. `session` identifies the server session that
    counts the serials. The message is {"text": all items as JSON, "done": serial of the last applied step, "serial":
    of the message, "refused": whether the browser stores nothing}. A browser can send anything.
    """
    st.html(f"<style>.st-key-{key}-frame{{display:none}}</style>")
    with st.container(key=f"{key}-frame"):
        data = {"session": session, "steps": list(steps)}
        state = packaged_component("browser_storage")(key=key, data=data, on_tray_change=ignore_change)
    return state.get("tray")
