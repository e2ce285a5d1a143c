"""One value in several widgets, on a line that may be slow.

The browser sends the values of all its widgets with every message. What it sent before a change made by the server had
reached it names the former value, and Streamlit takes that for the visitor's wish. Two rules keep late messages from
taking back what a hand has done:

- A widget of the sidebar is moved by `put`, which remembers the former values for a moment; `settle` puts the widget
  where it was when one of them comes back.
- A second widget for the same value (`mirrored`) is never moved. When the value has changed elsewhere it becomes a
  new widget, to which late messages about the former one mean nothing. Under the hand it stays the one it is.

What the server sends may be lost as well: when a run begins before the last one's messages have left, or before the
browser has drawn them, only the later run's are seen. A value that is put into the session's state is told to the
browser once, in the run that follows, and a browser that missed it draws the widget's default. So a second widget gets
its value as its default, which every message holds; and a moved widget of the sidebar is told its value for a moment.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

LATE = 3.0  # seconds after which a former value is taken for a wish again
REMEMBERED = 8  # former widgets of a mirror whose last values are known
MOVED, MIRRORS, PAGE, LAST = "moved widgets", "second widgets", "page", "last values"  # where the session keeps them


@dataclass
class Moved:
    """A widget that the server has moved: where it is, what the browser may still believe, and since when."""

    value: Any
    former: list[Any]
    at: float
    unsaid: bool = False  # whether the address does not tell it yet


@dataclass
class Mirror:
    """A second widget: its number, the value it has, and the last values of the ones before it, by key."""

    turn: int
    shown: Any
    former: dict[str, Any] = field(default_factory=dict)

    def renew(self, name: str, value: Any) -> None:
        """Become another widget, which shows `value`."""
        self.former[_key(name, self.turn)] = self.shown
        self.former.pop(_key(name, self.turn - REMEMBERED), None)
        self.turn, self.shown = self.turn + 1, value


def turn_to(page: str) -> None:
    """Begin a run of this page; at every visit of a page its second widgets are new ones, of which nothing is known."""
    if st.session_state.get(PAGE) != page:
        st.session_state[PAGE] = page
        for name, mirror in _mirrors().items():
            mirror.renew(name, mirror.shown)


def is_first_run() -> bool:
    """Return whether the sidebar has not been drawn yet in this session: what the address says is then the link."""
    return LAST not in st.session_state


def _moved() -> dict[str, Moved]:
    known: dict[str, Moved] = st.session_state.setdefault(MOVED, {})
    return known


def _mirrors() -> dict[str, Mirror]:
    known: dict[str, Mirror] = st.session_state.setdefault(MIRRORS, {})
    return known


def put(**values: Any) -> None:
    """Move widgets of the sidebar; to be called from a callback, before the widgets are drawn."""
    for name, value in values.items():
        before = _moved().pop(name, None)
        former = [] if before is None or time.monotonic() - before.at > LATE else [*before.former, before.value]
        former += [st.session_state[name]] if name in st.session_state else []
        _moved()[name] = Moved(value, [old for old in former if old != value], time.monotonic())
        st.session_state[name] = value


def settle() -> None:
    """Tell the browser again where the server has moved a widget to; to be called before they are drawn.

    Another value than where it is or was before is the visitor's wish, and ends it.
    """
    for name, moved in list(_moved().items()):
        if time.monotonic() - moved.at > LATE or name not in st.session_state:
            del _moved()[name]
        elif moved.unsaid or st.session_state[name] in (moved.value, *moved.former):
            st.session_state[name], moved.unsaid = moved.value, False
        else:
            del _moved()[name]


def bring_back(defaults: Mapping[str, Any]) -> bool:
    """Return whether all these widgets were lost and are back where they were; the page should then run once more.

    Who goes to another page before the browser has drawn a single widget leaves with an empty address, and Streamlit
    begins anew from the defaults. The widgets that the browser draws a moment later tell of the defaults, too.
    """
    last: dict[str, Any] = st.session_state.get(LAST, {})
    if all(name in st.session_state for name in last):
        return False
    for name, value in last.items():
        if value != defaults[name]:
            _moved()[name] = Moved(value, [defaults[name]], time.monotonic(), unsaid=True)
            st.session_state[name] = value
    return True


def remember(names: Iterable[str]) -> None:
    """Remember where these widgets are, for `bring_back`; to be called when they are drawn."""
    st.session_state[LAST] = {name: st.session_state[name] for name in names if name in st.session_state}


def agree() -> None:
    """Forget the moves that the drawn widgets do not show: the way back in the browser's history goes first."""
    for name, moved in list(_moved().items()):
        if st.session_state.get(name) != moved.value:
            del _moved()[name]


def mirrored(name: str, value: Any) -> tuple[str, Any]:
    """Return the key of a second widget that shows `value`, and what to give it as its default.

    The key is the one it had, unless the value changed elsewhere; the default is `value`, or what the hand has made of
    it where the two differ by rounding.
    """
    mirror = _mirrors().setdefault(name, Mirror(0, value))
    mirror.shown = st.session_state.get(_key(name, mirror.turn), mirror.shown)
    if not _same(mirror.shown, value):
        mirror.renew(name, value)
    return _key(name, mirror.turn), mirror.shown


def told(name: str, key: str) -> Any:
    """Return what a second widget was moved to; None where a late message only repeats what it showed formerly."""
    value, mirror = st.session_state.get(key), _mirrors().get(name)
    if mirror is None or (key != _key(name, mirror.turn) and value == mirror.former.get(key, value)):
        return None
    return value


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same, numbers but for rounding."""
    return math.isclose(one, other, rel_tol=1e-9) if isinstance(other, float) else bool(one == other)


def _key(name: str, turn: int) -> str:
    return f"{name}_here_{turn}" if turn else f"{name}_here"
