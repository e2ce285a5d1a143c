"""The tray: choices that a visitor named and kept, in their own browser (localStorage), so that nobody else sees them.

It needs no account and outlives a refresh. The browser holds names, settings and digests; ids of images picked by hand
are in the server's library under their digest. What a browser sends can be anything: what is no kept choice is passed
over and counted.
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
    """What this session knows of its browser's tray."""

    kept: dict[str, SavedSelection] = field(default_factory=dict)
    unreadable: int = 0
    refused: bool = False  # the browser keeps nothing: the tray ends with the page
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    steps: list[tuple[int, str, dict[str, Any] | None]] = field(default_factory=list)  # not yet done by the browser
    last_step: int = 0
    heard: int = 0  # serial of the last message

    def do(self, name: str, choice: SavedSelection | None) -> None:
        """Put a choice under its name, or drop what lies there; the browser follows at the next mount."""
        self.last_step += 1
        self.steps.append((self.last_step, name, choice.to_mapping() if choice else None))
        self.kept.pop(name, None)
        if choice is not None:
            self.kept[name] = choice

    def hear(self, told: object) -> None:
        """Take over what the browser told."""
        if not isinstance(told, Mapping) or type(told.get("serial")) is not int or told["serial"] <= self.heard:
            return
        self.heard = told["serial"]
        done = told.get("done")
        self.steps = [step for step in self.steps if type(done) is not int or step[0] > done]
        self.refused = told.get("refused") is True
        if isinstance(told.get("text"), str) and not self.refused:
            self.kept, self.unreadable = read(told["text"])
            for _, name, choice in self.steps:
                self.kept.pop(name, None)
                if choice is not None:
                    self.kept[name] = SavedSelection.from_mapping(choice)


def read(text: str) -> tuple[dict[str, SavedSelection], int]:
    """Return the kept choices in what a browser keeps, by name in its order, and how many could not be read."""
    if not text:
        return {}, 0
    try:
        told = json.loads(text) if len(text) <= MOST_TEXT else None
    except (ValueError, RecursionError):
        return {}, 1
    if not isinstance(told, dict):
        return {}, 1
    kept, unreadable = {}, 0
    for name, mapping in list(told.items())[-MOST_KEPT:]:
        try:
            choice = SavedSelection.from_mapping(mapping if isinstance(mapping, dict) else {})
            if choice.name != name:
                raise AdqError("another name")
            kept[name] = choice
        except (AdqError, TypeError, ValueError, OverflowError):
            unreadable += 1
    return kept, unreadable


def mine() -> Tray:
    """Return this session's tray."""
    if not isinstance(st.session_state.get("my_tray"), Tray):
        st.session_state["my_tray"] = Tray()
    tray: Tray = st.session_state["my_tray"]
    return tray


def mount() -> Tray:
    """Bring the browser and this session together and return the tray; to be called before a page can stop."""
    tray = mine()
    tray.hear(browser_storage(tray.session, tray.steps, key=KEY))
    return tray
