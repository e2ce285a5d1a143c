"""Keeps widgets that a callback has changed consistent with the browser on slow connections.

The browser sends the values of all its widgets with every message. A message that it sent before it received a change
made by the server still contains the former value, and Streamlit takes that value for user input. So `set_widgets`
remembers the former values for a few seconds, and `resend_moved` sets a widget again when it receives one of them.

A change by the server can also be lost: Streamlit sends it once, and a browser that has not drawn the widget yet draws
its default instead. So the value is sent with every run of these few seconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

STALE_AFTER = 3.0  # seconds after which a former value counts as user input again
MOVED, LAST = "moved widgets", "last values"  # keys of the session state


@dataclass
class Moved:
    """A change made by the server: the new value, the former values that late messages may contain, and when."""

    value: Any
    former: list[Any]
    at: float
    not_in_address: bool = False

    @property
    def is_recent(self) -> bool:
        """Return whether late messages from before the change may still arrive."""
        return time.monotonic() - self.at <= STALE_AFTER


def is_first_run() -> bool:
    """Return whether the sidebar has not been drawn yet in this session: the address then is the link."""
    return LAST not in st.session_state


def _moved() -> dict[str, Moved]:
    known: dict[str, Moved] = st.session_state.setdefault(MOVED, {})
    return known


def set_widgets(**values: Any) -> None:
    """Change widgets by their keys; to be called from a callback, or before the widget is drawn."""
    for name, value in values.items():
        before = _moved().pop(name, None)
        former = [*before.former, before.value] if before is not None and before.is_recent else []
        if name in st.session_state and st.session_state[name] not in former:
            former.append(st.session_state[name])
        _moved()[name] = Moved(value, [old for old in former if old != value], time.monotonic())
        st.session_state[name] = value


def resend_moved() -> None:
    """Set the changed widgets again; to be called before they are drawn.

    A value that is neither the new one nor a former one is user input and ends the change.
    """
    for name, moved in list(_moved().items()):
        if not moved.is_recent or name not in st.session_state:
            del _moved()[name]
        elif moved.not_in_address or st.session_state[name] in (moved.value, *moved.former):
            st.session_state[name], moved.not_in_address = moved.value, False
        else:
            del _moved()[name]


def restore_lost(defaults: Mapping[str, Any]) -> bool:
    """Return whether all widgets of the sidebar were lost and are now restored; the page must then run once more.

    A user who opens another page before the browser has drawn any widget leaves with an empty address, and Streamlit
    starts again from the defaults. The widgets that the browser draws a moment later send the defaults, too.
    """
    last: dict[str, Any] = st.session_state.get(LAST, {})
    if all(name in st.session_state for name in last):
        return False
    for name, value in last.items():
        if value != defaults[name]:
            _moved()[name] = Moved(value, [defaults[name]], time.monotonic(), not_in_address=True)
            st.session_state[name] = value
    return True


def remember_values(names: Iterable[str]) -> None:
    """Remember the values of these widgets for `restore_lost`; to be called after they are drawn."""
    st.session_state[LAST] = {name: st.session_state[name] for name in names if name in st.session_state}


def drop_superseded() -> None:
    """Forget changes that the drawn widgets do not show: Back in the browser's history takes precedence."""
    for name, moved in list(_moved().items()):
        if st.session_state.get(name) != moved.value:
            del _moved()[name]


def show_converted(key: str, value: Any) -> Any:
    """Have the widget `key` show a value computed from a setting, and return the value, for use as its default.

    To be called before the widget is drawn. The widget stays the same one, so it keeps the keyboard focus.
    """
    if key not in st.session_state or not _same(st.session_state[key], value):
        set_widgets(**{key: value})
    return value


def user_input(key: str) -> Any:
    """Return the value that the user entered in the widget `key`; None if a late message repeats a former value.

    To be called in the callback of the widget, which also runs for a late message.
    """
    value, moved = st.session_state.get(key), _moved().get(key)
    return None if moved is not None and moved.is_recent and value in moved.former else value


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same; numbers may differ by rounding."""
    return math.isclose(one, other, rel_tol=1e-8) if isinstance(other, float) else bool(one == other)
