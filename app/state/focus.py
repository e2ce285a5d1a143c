"""The bin and the image in focus: the same on every page, on the map and in the link.

Both live in two widgets of the sidebar, bound to the query string. Pages read them with `bin_in_focus` and
`row_in_focus`; charts, thumbnails and the map change them with `focus_bin` and `focus_image` from a callback.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from adq_core.data import ImageDataset
from adq_core.records import Ints

from . import widget_sync

BIN, IMAGE = "bin", "image"  # keys of the widgets and names of the query parameters
DEFAULTS: dict[str, Any] = {BIN: None, IMAGE: ""}
MAX_BUTTONS = 20  # bins that get a button each


def widgets() -> None:
    """Draw the two widgets; to be called in the sidebar, by the entry script, on every page."""
    left, right = st.columns([2, 3])
    left.number_input(
        "Bin",
        0,
        None,
        None,
        1,
        key=BIN,
        bind="query-params",
        placeholder="none",
        help="The bin in focus on every page. A click on a bin in a chart sets it.",
    )
    right.text_input(
        "Image",
        "",
        key=IMAGE,
        bind="query-params",
        placeholder="id or row number",
        help="The image in focus: an id, a part of an id, or a row number. A click on an image sets it.",
    )


def bin_in_focus(n_bins: int) -> int | None:
    """Return the bin in focus, or the last bin if there are fewer bins; None if no bin is in focus."""
    number = st.session_state[BIN]
    return None if number is None else min(int(number), n_bins - 1)


def image_text() -> str:
    """Return the text that names the image in focus, empty if no image is in focus."""
    return str(st.session_state[IMAGE] or "").strip()


def row_in_focus(data: ImageDataset) -> int | None:
    """Return the row of the image in focus, None if no image is in focus or the data set does not contain it."""
    rows, _ = find_rows(data, image_text())
    return int(rows[0]) if rows.size else None


def find_rows(data: ImageDataset, text: str) -> tuple[Ints, bool]:
    """Return the rows that a text names and whether it names one exactly.

    An id comes before a row number; otherwise all ids that contain the text match, in upper or lower case. An empty
    text names none.
    """
    text = text.strip()
    if not text:
        return np.zeros(0, np.int64), False
    if text in data.ids:
        return np.array([data.ids.index(text)]), True
    if text.isdecimal() and int(text) < len(data):
        return np.array([int(text)]), True
    wanted = text.casefold()
    return np.flatnonzero([wanted in name.casefold() for name in data.ids]), False


def focus_bin(number: int | None) -> None:
    """Put this bin in focus, or no bin if `number` is None; to be called from a callback."""
    widget_sync.set_widgets(**{BIN: number})


def focus_image(name: str) -> None:
    """Put the image with this id in focus, or no image if `name` is empty; to be called from a callback."""
    widget_sync.set_widgets(**{IMAGE: name})


def bin_buttons(n_bins: int) -> int:
    """Draw one button per bin, or two step buttons for many bins; return the bin in focus, bin 0 if there is none."""
    current = bin_in_focus(n_bins) or 0
    with st.container(key="bin-buttons", horizontal=True, vertical_alignment="center", gap="xsmall"):
        if n_bins <= MAX_BUTTONS:
            st.markdown("Bin", width="content")
            for number in range(n_bins):
                _bin_button(str(number), number, f"bin_{number}", selected=number == current)
        else:
            _bin_button("Previous bin", current - 1, "bin_previous", disabled=current == 0)
            st.markdown(f"Bin {current} of 0 to {n_bins - 1}", width="content")
            _bin_button("Next bin", current + 1, "bin_next", disabled=current == n_bins - 1)
    return current


def _bin_button(label: str, number: int, key: str, *, selected: bool = False, disabled: bool = False) -> None:
    st.button(
        label,
        key=key,
        type="primary" if selected else "secondary",
        disabled=disabled,
        on_click=focus_bin,
        args=(number,),
    )


def image_search(label: str = "Find another image") -> None:
    """Draw a search box: the image with the entered id, part of an id or row number gets the focus."""

    def submit() -> None:
        if typed := str(st.session_state.get("image_search") or "").strip():
            focus_image(typed)

    with (
        st.form("image-search-form", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(label, key="image_search", placeholder="id, part of an id, or row number")
        st.form_submit_button("Find", on_click=submit, icon=":material/search:")
