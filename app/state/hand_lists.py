"""The lists "always keep" and "never take": two settings whose widgets hold ids, and functions that change them.

The widgets are text boxes in the sidebar, bound to the query string as all settings are:

    (empty)                       no image
    ["cat/1.png","dog/7.png"]     ids, as JSON
    cat/1.png                     one id, as a user types it
    list:9f86d081884c7d65...      a long list, stored in the library of the server, by the digest of its ids

`add`, `remove` and `clear` are called from callbacks, by every page on which a user can pick images.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import streamlit as st

from adq_core.errors import SettingsError
from adq_core.id_lists import list_text
from adq_core.selection import IdList, id_list, is_digest
from app import stores

from . import widget_sync

ALWAYS, NEVER = "always", "never"  # keys of the widgets, names of the settings and of the query parameters
OTHER = {ALWAYS: NEVER, NEVER: ALWAYS}
STORED = "list:"
MAX_IN_LINK = 600  # characters of a list in a link; a longer one is stored
LAST = "data set of the lists"  # in the session state


def ids_in(name: str) -> tuple[str, ...]:
    """Return the ids on a list, ascending; none if its text cannot be read."""
    try:
        return ids_of(name, str(st.session_state.get(name) or ""))
    except SettingsError:
        return ()


def setting(name: str, text: str) -> str | None:
    """Return the value of the setting for the text of its widget; raises `SettingsError` as `ids_of` does."""
    return list_text(ids_of(name, text))


def ids_of(name: str, text: str) -> tuple[str, ...]:
    """Return the ids that the text of a widget names.

    Raises `SettingsError` if it names a stored list that this server does not have.
    """
    text = text.strip()
    if not text:
        return ()
    digest = text.removeprefix(STORED)
    if digest != text and is_digest(digest):
        stored = stores.library().get(IdList, digest)
        if stored is None:
            raise SettingsError(
                f"{name} must be a list that is stored on this server, but this one is not: the data folder was "
                "deleted, or the link is from another server. Clear the list.",
                name,
            )
        return stored.ids
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return (text,)
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        return tuple(sorted(set(found)))
    return (text,)


def add(name: str, ids: Collection[str]) -> None:
    """Put images on a list, and remove them from the other list: a callback."""
    _set({name: {*ids_in(name), *ids}, OTHER[name]: {*ids_in(OTHER[name])} - {*ids}})


def remove(name: str, ids: Collection[str]) -> None:
    """Remove images from a list: a callback."""
    _set({name: {*ids_in(name)} - {*ids}})


def clear(*names: str) -> None:
    """Remove all images from these lists: a callback."""
    _set({name: set() for name in names})


def text_of(ids: Collection[str]) -> str:
    """Return the text of a widget for these ids; a long list is stored in the library."""
    text = json.dumps(sorted(set(ids)), separators=(",", ":")) if ids else ""
    if len(text) <= MAX_IN_LINK:
        return text
    return STORED + stores.library().save(id_list(ids)).key


def clear_for_another_dataset() -> None:
    """Clear both lists if another data set was opened since the last run: they name images of the earlier one.

    To be called before the widgets are drawn. Lists that were changed together with the data set, by a link or a
    restored selection, stay.
    """
    last: tuple[str, ...] | None = st.session_state.get(LAST)
    present = _present()
    if last is not None and present[0] != last[0] and present[1:] == last[1:] and any(present[1:]):
        clear(ALWAYS, NEVER)
        st.toast("The lists of images to keep and to leave out were cleared: they belong to the other data set.")


def remember_dataset() -> None:
    """Remember the data set of the lists for the next run; to be called after the widgets are drawn."""
    st.session_state[LAST] = _present()


def _present() -> tuple[str, ...]:
    return tuple(str(st.session_state.get(name) or "") for name in ("dataset", ALWAYS, NEVER))


def _set(lists: dict[str, set[str]]) -> None:
    widget_sync.set_widgets(**{name: text_of(ids) for name, ids in lists.items()})
