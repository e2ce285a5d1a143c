"""Which images a page shows: of the subset in order or shuffled, of one bin, or by id; the choice is in the link."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.records import Ints
from app.state import focus, page_widgets

MOST_FOUND = 240  # of the images whose id contains what was typed


def picker(run: Run, at_once: int) -> Ints:
    """Draw the choice and return the rows of the images to show, at most so many."""
    how = page_widgets.choice("images", "Images")
    if how == "one bin":
        rows = of_bin(run, focus.bin_buttons(run.bins.n_bins))
    elif how == "by id":
        wanted = page_widgets.text(
            "find", "Id", placeholder=f"an id or a part of it, such as {run.dataset.ids[0]}", width=300
        )
        rows = found(run.dataset.ids, wanted)
        if not len(rows):
            st.markdown(f"No id contains `{wanted.replace('`', '')}`. The first one is `{run.dataset.ids[0]}`.")
    else:
        rows = run.selection.indices
        if how == "shuffled":
            rows = np.random.default_rng(run.settings.seed).permutation(rows)
    first = page_widgets.page_through("first", len(rows), at_once)
    return rows[first : first + at_once]


def of_bin(run: Run, chosen: int) -> Ints:
    """Return all images of a bin in its draw order: those that are in the subset come first."""
    rows = np.flatnonzero(run.bins.bin_of == chosen)
    return rows[np.argsort(run.selection.draw_position[rows], kind="stable")]


def found(ids: tuple[str, ...], wanted: str) -> Ints:
    """Return the row whose id this is, else those whose ids contain it, at most `MOST_FOUND`; all for no text."""
    if wanted in ids:
        return np.asarray([ids.index(wanted)], dtype=np.int64)
    part = wanted.casefold()
    rows = [row for row, name in enumerate(ids) if part in name.casefold()]
    return np.asarray(rows[:MOST_FOUND], dtype=np.int64)


def place(run: Run, row: int) -> str:
    """Return where an image stands: its bin, and whether it is in the subset."""
    state = "in the subset" if run.selection.selected[row] else "not in the subset"
    return f"bin {run.bins.bin_of[row]}, {state}"
