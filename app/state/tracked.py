"""The values that undo and redo change, in one description: settings, filters and lists of picked images.

Every value is in the session under its name, which is the key of its widget if it has one. The settings are those of
`adq_core/settings.py`. Other values are one entry each in `FURTHER`, whether they are in the link or not. The bin and
the image in focus and the widgets of single pages (`page_widgets.py`) are not here: they only select what a page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adq_core.settings import NAMES_OF_FILES
from app.text.format import enumerate_first, shorten
from app.text.setting_names import LABELS, value_text

from . import dataset_names, hand_lists
from .history import same
from .link_check import SPECS

MAX_VALUE = 28  # characters of a value in the name of a change
MAX_NAMED = 2  # values that the name of a change names


@dataclass(frozen=True)
class Tracked:
    """A value that undo restores: its name on the screen, its default, and its text.

    A value is never changed in place: a new list is a new object. `text` returns a value as plain text.
    """

    label: str
    default: Any
    text: Callable[[Any], str] = str


FURTHER = {"filter": Tracked("filter", "", lambda text: text or "none")}


def _of_setting(name: str, default: Any) -> Tracked:
    def text(value: Any) -> str:
        if name in hand_lists.OTHER:
            return _list_text(str(value or ""))
        if name == "dataset":
            return dataset_names.short_name(str(value))
        if name == "alpha" and round(value, 2) == value:
            return f"{value:.2f}"
        if isinstance(value, str) and value and name not in NAMES_OF_FILES:
            return value
        return "none" if value in (None, "") else value_text(name, value)

    label = LABELS[name]
    return Tracked(label if label[1:2].isupper() else label[0].lower() + label[1:], default, text)


def _list_text(text: str) -> str:
    """Return the size of a list of picked images; the text of the widget holds its ids or the digest of a long list."""
    if text.startswith(hand_lists.STORED):
        return f"list {text.removeprefix(hand_lists.STORED)[:6]}"
    n = len(hand_lists.ids_of("", text))
    return f"{n} image{'' if n == 1 else 's'}" if n else "none"


def tracked(defaults: Mapping[str, Any]) -> dict[str, Tracked]:
    """Return all tracked values by name; `defaults` are those of the widgets of the sidebar."""
    return {name: _of_setting(name, defaults[name]) for name in SPECS} | FURTHER


def read_values(known: Mapping[str, Tracked], session: Mapping[Any, Any], address: Mapping[str, str]) -> dict[str, Any]:
    """Return the present value of every name.

    Without a value in the session it is the default. A name that only the address contains has no value yet: its widget
    is not drawn yet.
    """
    return {
        name: one.default if session.get(name) is None else session[name]
        for name, one in known.items()
        if name in session or name not in address
    }


def change_name(known: Mapping[str, Tracked], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the plain name of a change, such as "alpha 0.50 → 0.30", for states that differ; not Markdown."""
    parts = []
    for name in known:
        if name in after and not same(before[name], after[name]):
            one = known[name]
            old, new = (shorten(one.text(value), MAX_VALUE) for value in (before[name], after[name]))
            parts.append(f"{one.label} {old} → {new}")
    return enumerate_first(parts, MAX_NAMED)
