"""Saved selections of a user, stored in the user's own browser (localStorage), so that no other user sees them.

They need no account and survive a reload. The browser stores names, settings and digests; the ids of manual selections
are in the library of the server, under their digest. A browser can send any text: entries that are not valid saved
selections are skipped and counted.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from adq_core.errors import AdqError
from adq_core.selection import SavedSelection
from app.components.browser_storage import browser_storage

from . import visible_files

KEY = "tray"
STATE = "saved_selections"  # in the session state
MAX_TEXT_LENGTH = 2_000_000  # characters of a browser's text; browsers store up to five million
MAX_SELECTIONS = 200


@dataclass
class SavedSelections:
    """The saved selections of this session's browser, and the changes that the browser has not confirmed yet."""

    by_name: dict[str, SavedSelection] = field(default_factory=dict)
    unreadable: int = 0
    refused: bool = False  # the browser stores nothing: the saved selections are lost when the page is closed
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    changes: list[tuple[int, str, dict[str, Any] | None]] = field(default_factory=list)  # number, name, selection
    last_change: int = 0  # number of the last change
    last_serial: int = 0  # serial number of the last message of the browser

    def put(self, name: str, selection: SavedSelection | None) -> None:
        """Save a selection under a name, or delete it (None); the browser receives the change at the next mount."""
        self.last_change += 1
        self.changes.append((self.last_change, name, _stored(selection) if selection else None))
        self._apply(name, selection)

    def receive(self, message: object) -> None:
        """Apply a message of the browser."""
        if not isinstance(message, Mapping) or type(message.get("serial")) is not int:
            return
        if message["serial"] <= self.last_serial:
            return
        self.last_serial = message["serial"]
        done = message.get("done")
        self.changes = [change for change in self.changes if type(done) is not int or change[0] > done]
        self.refused = message.get("refused") is True
        if isinstance(message.get("text"), str) and not self.refused:
            self.by_name, self.unreadable = read(message["text"])
            for _, name, mapping in self.changes:
                self._apply(name, None if mapping is None else _loaded(mapping))

    def _apply(self, name: str, selection: SavedSelection | None) -> None:
        self.by_name.pop(name, None)  # a selection that is saved again becomes the newest
        if selection is not None:
            self.by_name[name] = selection


def read(text: str) -> tuple[dict[str, SavedSelection], int]:
    """Return the saved selections in a browser's text, by name in its order, and the number of unreadable ones."""
    if not text:
        return {}, 0
    try:
        content = json.loads(text) if len(text) <= MAX_TEXT_LENGTH else None
    except (ValueError, RecursionError):
        return {}, 1
    if not isinstance(content, dict):
        return {}, 1
    by_name, unreadable = {}, 0
    for name, mapping in list(content.items())[-MAX_SELECTIONS:]:
        try:
            selection = _loaded(mapping if isinstance(mapping, dict) else {})
            if selection.name != name:
                raise AdqError("another name")
            by_name[name] = selection
        except (AdqError, TypeError, ValueError, OverflowError):
            unreadable += 1
    return by_name, unreadable


def _stored(selection: SavedSelection) -> dict[str, Any]:
    """Return what the browser stores of a selection: without paths that only the server knows."""
    return replace(selection, settings=visible_files.shown_settings(selection.settings)).to_mapping()


def _loaded(mapping: Mapping[str, Any]) -> SavedSelection:
    """Return the selection of which `_stored` returned this mapping; raise `AdqError` for any invalid value."""
    settings = mapping.get("settings")
    if not isinstance(settings, dict):
        return SavedSelection.from_mapping(mapping)
    return SavedSelection.from_mapping({**mapping, "settings": visible_files.with_real_names(settings)})


def of_session() -> SavedSelections:
    """Return the saved selections of this session."""
    if not isinstance(st.session_state.get(STATE), SavedSelections):
        st.session_state[STATE] = SavedSelections()
    saved: SavedSelections = st.session_state[STATE]
    return saved


def mount() -> SavedSelections:
    """Exchange changes with the browser and return the saved selections; to be called before a page can stop."""
    saved = of_session()
    saved.receive(browser_storage(saved.session, saved.changes, key=KEY))
    return saved
