"""The choice of images to show: the subset in order or shuffled, one bin, or a search by id."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.records import Ints
from adq_core.selection import rows_of_bin
from app.state import focus, page_widgets
from app.text.format import MAX_NAME, shorten
from app.text.markdown import code

from .filter_bar import Shown

MAX_FOUND = 240  # images found by a part of an id


def picker(run: Run, shown: Shown, per_page: int) -> Ints:
    """Draw the widgets and return the rows of one page that match the filter, at most `per_page`."""
    how = page_widgets.choice("images", "Images")
    if how == "one bin":
        number = focus.bin_buttons(run.bins.n_bins)
        rows = rows_of_bin(run.bins.bin_of, run.selection.draw_position, number)
    elif how == "by id":
        example = run.dataset.ids[0]
        text = page_widgets.text("find", "Id", placeholder=f"an id or a part of an id, such as {example}", width=300)
        rows = find_rows(run.dataset.ids, text)
        if not len(rows):
            st.markdown(f"No id contains {code(shorten(text, MAX_NAME))}. Ids look like {code(example)}.")
    else:
        rows = run.selection.indices
        if how == "shuffled":
            rows = np.random.default_rng(run.settings.seed).permutation(rows)
    rows = shown.of(rows)
    first = page_widgets.page_through("first", len(rows), per_page)
    return rows[first : first + per_page]


def find_rows(ids: tuple[str, ...], text: str) -> Ints:
    """Return the row with this id, or else the first rows whose ids contain the text; all rows for an empty text."""
    if text in ids:
        return np.asarray([ids.index(text)], dtype=np.int64)
    part = text.casefold()
    rows = [row for row, name in enumerate(ids) if part in name.casefold()]
    return np.asarray(rows[:MAX_FOUND], dtype=np.int64)


def bin_and_state(run: Run, row: int) -> str:
    """Return the bin of an image and whether it is selected."""
    state = "selected" if run.selection.selected[row] else "not selected"
    return f"bin {run.bins.bin_of[row]}, {state}"
