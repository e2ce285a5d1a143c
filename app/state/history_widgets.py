"""The buttons for undo and redo with their keys, and the list of the last changes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components import undo_keys
from app.text.markdown import escape

from . import widget_sync
from .history import MAX_CHANGES, History
from .tracked import Tracked, change_name, read_values, tracked

STATE, PRESSES = "history", "undo key presses"  # keys of the session state


def _history() -> History:
    history: History = st.session_state.setdefault(STATE, History())
    return history


def listen_to_keys() -> None:
    """Mount the component that listens to the keys; to be called on every page, at the same place."""
    session, _ = st.session_state.setdefault(PRESSES, (secrets.token_hex(8), 0))
    undo_keys.listen(session, _apply_presses)


def draw(place: DeltaGenerator, defaults: Mapping[str, Any]) -> None:
    """Record the present values and draw the buttons; to be called when the widgets of the sidebar are drawn."""
    known = tracked(defaults)
    history = _history()
    history.observe(read_values(known, st.session_state, st.query_params))
    with place:
        undo = _name(known, history, history.position) if history.can_undo else None
        _step_button("Undo", -1, undo, "Ctrl-Z")
        redo = _name(known, history, history.position + 1) if history.can_redo else None
        _step_button("Redo", 1, redo, "Ctrl-Shift-Z")
        with st.popover("History", type="tertiary"), st.container(key="changes", gap=None):
            _list_of_changes(known, history)


def _step_button(label: str, step: int, name: str | None, keys: str) -> None:
    """Draw the button for undo or redo; `name` is the change in Markdown, None if there is none."""
    st.button(
        label,
        key=label.lower(),
        icon=f":material/{label.lower()}:",
        type="tertiary",
        disabled=name is None,
        help=f"{name or f'Nothing to {label.lower()}'} ({keys}; on macOS Cmd in place of Ctrl)",
        on_click=_move,
        args=(step,),
    )


def _list_of_changes(known: Mapping[str, Tracked], history: History) -> None:
    """Draw one button per state, the newest first; a click returns to it."""
    for position in reversed(range(len(history.states))):
        is_now = position == history.position
        st.button(
            _name(known, history, position) if position else "Before these changes",
            key=f"history_{position}",
            icon=":material/radio_button_checked:" if is_now else ":material/radio_button_unchecked:",
            type="tertiary",
            disabled=is_now,
            on_click=_go_to,
            args=(position,),
        )
    st.caption(
        f"The last {MAX_CHANGES} changes of settings, filters and picked images in this tab. Click a line to return to "
        "it. After a reload of the page the list is empty; the settings are in the address and stay."
    )


def _name(known: Mapping[str, Tracked], history: History, position: int) -> str:
    """Return the name of the change that led to the state at this position, as Markdown."""
    return escape(change_name(known, history.states[position - 1], history.states[position]))


def _go_to(position: int) -> None:
    widget_sync.set_widgets(**_history().go_to(position))


def _move(step: int) -> None:
    _go_to(_history().position + step)


def _apply_presses() -> None:
    """Undo or redo once per press of the keys: a callback of the component."""
    session, serial = st.session_state[PRESSES]
    last, actions = undo_keys.presses_after(serial)
    st.session_state[PRESSES] = session, last
    for action in actions:
        _move(-1 if action == "undo" else 1)
