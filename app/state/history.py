"""The last changes of settings, filters and lists of picked images, for undo and redo. No Streamlit in here.

The history is a list of states and a position in it. A state is one value per name; `tracked.py` has the names. Every
change adds a state, and undo and redo move the position. Changes of the same value that follow each other quickly, such
as the steps of a slider that the user moves with the arrow keys, are one change.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_CHANGES = 20
MERGE_WITHIN = 2.0  # seconds between two changes of the same value that count as one change
NEVER = -math.inf

Values = dict[str, Any]


@dataclass
class History:
    """The states of a session from the oldest to the newest, and the position of the present one."""

    states: list[Values] = field(default_factory=list)
    position: int = 0
    changed_at: float = NEVER  # time of the newest change; NEVER if the next change must not be merged with it
    has_moved: bool = False  # undo or redo has set values that the widgets have not confirmed yet

    def observe(self, values: Mapping[str, Any], now: float | None = None) -> None:
        """Record the present values if they differ from those of the present state.

        A name that no state has yet belongs to all states with this value: a widget of another page, for example, is
        drawn for the first time. Right after undo or redo, a difference is a correction by a widget and no change by
        the user: it replaces the value of the present state.
        """
        now = time.monotonic() if now is None else now
        if not self.states:
            self.states = [dict(values)]
            return
        for name in values.keys() - self.states[self.position].keys():
            for state in self.states:
                state.setdefault(name, values[name])
        new = {**self.states[self.position], **values}
        changed = different(self.states[self.position], new)
        if self.has_moved:
            self.states[self.position], self.has_moved = new, False
        elif changed:
            self._add(new, changed, now)

    def _add(self, new: Values, changed: set[str], now: float) -> None:
        merged = now - self.changed_at <= MERGE_WITHIN and self.changes_of(self.position) == changed
        del self.states[self.position + (0 if merged else 1) :]
        self.states.append(new)
        self.changed_at = now
        if merged and not different(self.states[-2], new):  # the value is what it was before the change
            self.states.pop()
            self.changed_at = NEVER
        del self.states[: -MAX_CHANGES - 1]
        self.position = len(self.states) - 1

    def changes_of(self, position: int) -> set[str]:
        """Return the names of the values that differ between the state at a position and the one before it."""
        return different(self.states[position - 1], self.states[position]) if position else set()

    @property
    def can_undo(self) -> bool:
        """Return whether there is an older state."""
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        """Return whether there is a newer state."""
        return self.position < len(self.states) - 1

    def go_to(self, position: int) -> Values:
        """Make another state the present one; return the values that differ. A position outside changes nothing."""
        if not 0 <= position < len(self.states) or position == self.position:
            return {}
        before, after = self.states[self.position], self.states[position]
        self.position, self.changed_at, self.has_moved = position, NEVER, True
        return {name: after[name] for name in different(before, after)}


def different(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    """Return the names whose values differ between two states that have the same names."""
    return {name for name in other if not same(one[name], other[name])}


def same(one: Any, other: Any) -> bool:
    """Return whether two values are the same; numbers may differ by rounding.

    Identical objects are compared first, so a long list that has not changed costs nothing.
    """
    if one is other:
        return True
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-9)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
