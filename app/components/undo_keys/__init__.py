"""The keys of undo and redo: Ctrl-Z and Ctrl-Shift-Z, with Cmd on macOS; not while the user types in a text field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ..packaged import packaged_component

KEY = "undo-keys"
MAX_PRESSES = 20
ACTIONS = ("undo", "redo")


def listen(session: str, on_press: Callable[[], Any]) -> None:
    """Mount the invisible component; `on_press` runs after keys were pressed, before the page runs again.

    `session` identifies the server session that counts the presses.
    """
    packaged_component("undo_keys")(key=KEY, data={"session": session}, on_keys_change=on_press, height=1)


def presses_after(serial: int) -> tuple[int, list[str]]:
    """Return the number of the last press and the actions after press number `serial`, the oldest first."""
    state = st.session_state.get(KEY)
    return read_presses(state.get("keys") if isinstance(state, Mapping) else None, serial)


def read_presses(raw: object, serial: int) -> tuple[int, list[str]]:
    """Return the number of the last press and the actions after press `serial`, from a message of the browser.

    A browser can send anything: an invalid message contains no press.
    """
    message = raw if isinstance(raw, Mapping) else {}
    last, presses = message.get("serial"), message.get("presses")
    if type(last) is not int or not serial < last < 2**53 or not isinstance(presses, list):
        return serial, []
    new = presses[-min(last - serial, MAX_PRESSES) :]
    return last, [action for action in new if action in ACTIONS]
