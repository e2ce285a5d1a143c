"""Saved selections of a user, stored in the user's own browser (localStorage), so that nobody else sees them.

They need no account and survive a refresh. The browser stores names, settings and digests; the ids of manual selections
are in the library of the server, under their digest. A browser can send any text: entries that are not valid saved
selections are skipped and counted.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from adq_core.errors import AdqError
from adq_core.selection import SavedSelection
from app.components.browser_storage import browser_storage

KEY = "tray"
MOST_TEXT = 2_000_000  # characters that are read; browsers keep five million
MOST_KEPT = 200


@dataclass
class Tray:
    """The saved selections of this session's browser, and the changes that the browser has not stored yet."""

    kept: dict[str, SavedSelection] = field(default_factory=dict)
    unreadable: int = 0
    refused: bool = False  # the browser stores nothing: the saved selections end with the page
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    steps: list[tuple[int, str, dict[str, Any] | None]] = field(
        default_factory=list
    )  # changes that the browser has not confirmed
    last_step: int = 0
    last_serial: int = 0  # serial number of the last message of the browser

    def do(self, name: str, choice: SavedSelection | None) -> None:
        """Save a selection under a name, or delete it (None); the browser follows at the next mount."""
        self.last_step += 1
        self.steps.append((self.last_step, name, choice.to_mapping() if choice else None))
        self.kept.pop(name, None)
        if choice is not None:
            self.kept[name] = choice

    def receive(self, message: object) -> None:
        """Apply a message of the browser."""
        if not isinstance(message, Mapping) or type(message.get("serial")) is not int:
            return
        if message["serial"] <= self.last_serial:
            return
        self.last_serial = message["serial"]
        done = message.get("done")
        self.steps = [step for step in self.steps if type(done) is not int or step[0] > done]
        self.refused = message.get("refused") is True
        if isinstance(message.get("text"), str) and not self.refused:
            self.kept, self.unreadable = read(message["text"])
            for _, name, choice in self.steps:
                self.kept.pop(name, None)
                if choice is not None:
                    self.kept[name] = SavedSelection.from_mapping(choice)


def read(text: str) -> tuple[dict[str, SavedSelection], int]:
    """Return the saved selections in a browser's text, by name in its order, and the number of unreadable ones."""
    if not text:
        return {}, 0
    try:
        content = json.loads(text) if len(text) <= MOST_TEXT else None
    except (ValueError, RecursionError):
        return {}, 1
    if not isinstance(content, dict):
        return {}, 1
    kept, unreadable = {}, 0
    for name, mapping in list(content.items())[-MOST_KEPT:]:
        try:
            choice = SavedSelection.from_mapping(mapping if isinstance(mapping, dict) else {})
            if choice.name != name:
                raise AdqError("another name")
            kept[name] = choice
        except (AdqError, TypeError, ValueError, OverflowError):
            unreadable += 1
    return kept, unreadable


def mine() -> Tray:
    """Return the saved selections of this session."""
    if not isinstance(st.session_state.get("my_tray"), Tray):
        st.session_state["my_tray"] = Tray()
    tray: Tray = st.session_state["my_tray"]
    return tray


def mount() -> Tray:
    """Exchange changes with the browser and return the saved selections; to be called before a page can stop."""
    tray = mine()
    tray.receive(browser_storage(tray.session, tray.steps, key=KEY))
    return tray
