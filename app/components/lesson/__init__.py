"""A lesson in the browser: its pictures with points that can be dragged, its steps, its prediction and its question.

The component draws any scene of `app/lessons`; docs/decisions/14-lessons.md describes the protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ..packaged import ignore_change, packaged_component


def draw_lesson(data: Mapping[str, Any], *, key: str) -> None:
    """Draw a lesson. `data` has the scene, the points with their serial, and the texts of the questions."""
    packaged_component("lesson")(
        key=key,
        data=dict(data),
        on_moved_change=ignore_change,
        on_answered_change=ignore_change,
        height="content",
    )


def sent_points(key: str) -> object:
    """Return the last message with points as the browser sent it; None before the first. It can contain anything."""
    return _state(key).get("moved")


def sent_answers(key: str) -> object:
    """Return the last shared answers as the browser sent it; None before the first. It can contain anything."""
    return _state(key).get("answered")


def _state(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    return state if isinstance(state, Mapping) else {}
