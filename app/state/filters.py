"""The filter of the session: one text, the same on every page and in the link.

The text box of the sidebar with the key `FILTER` carries the whole filter, and nothing else does. Read it with
`current`, and change it from a callback with `set_filter`, or with `widget_sync.set_widgets(filter=text)`.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from adq_core.errors import InputError
from adq_core.filters import ALL_IMAGES, Filter, read_filter, write_filter

from . import widget_sync

FILTER = "filter"  # key of the widget and name of the query parameter
DEFAULTS: dict[str, Any] = {FILTER: ""}


def widget() -> None:
    """Draw the text box of the filter; to be called in the sidebar, by the entry script, on every page."""
    st.text_input(
        "Filter",
        "",
        key=FILTER,
        bind="query-params",
        placeholder="all images",
        help="The images that the pages show, as text: `class:cat,dog bin:0-2 selected texture=0.1..0.3 id:dog`. The "
        "button *Filter* of a page writes it. It changes what you see, not what is selected.",
    )


def written() -> str:
    """Return the text of the filter, empty if there is none."""
    return str(st.session_state.get(FILTER) or "").strip()


def current() -> Filter:
    """Return the filter; all images if its text cannot be read (see `problem`)."""
    return _read(written())[0]


def problem() -> str:
    """Return why the text of the filter cannot be read, as a sentence; empty if it can be."""
    return _read(written())[1]


def set_filter(filter: Filter) -> None:
    """Set the filter; to be called from a callback."""
    widget_sync.set_widgets(**{FILTER: write_filter(filter)})


def clear() -> None:
    """Show all images again; to be called from a callback."""
    set_filter(ALL_IMAGES)


def _read(text: str) -> tuple[Filter, str]:
    try:
        return read_filter(text), ""
    except InputError as error:
        return ALL_IMAGES, str(error)
