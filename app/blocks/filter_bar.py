"""The filter bar: the conditions as chips, the number of images that match, and the widgets of the conditions.

Every page that shows images or the map calls `bar` and shows only the rows that match. A filter changes what is shown,
not what is selected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.filters import ALL_IMAGES, Filter, parts_of, write_filter
from adq_core.progress import Progress
from adq_core.records import Bools, Ints
from adq_core.run_columns import SLOW, number_columns, slow_column, slow_key, slow_ready
from adq_core.run_filters import applicable, mask, needs
from app import session
from app.state import filters
from app.text.markdown import escape

from . import filter_widgets, histograms

MASK = "filter mask"  # key and mask of the last filter, in the session state


@dataclass(frozen=True, eq=False)
class Shown:
    """The images that a page shows."""

    filter: Filter
    mask: Bools | None  # (M,); None: all images
    n_shown: int

    def of(self, rows: Any) -> Ints:
        """Return those of the rows that match the filter, in their order."""
        rows = np.asarray(rows, np.int64)
        return rows if self.mask is None else np.asarray(rows[self.mask[rows]])

    def counted(self, rows: Ints, total: int) -> str:
        """Return how many of `total` images are left: "12 of 40", or "40" without a filter."""
        return f"{total:,}" if self.mask is None else f"{len(rows):,} of {total:,}"


def bar(run: Run) -> Shown:
    """Draw the bar and return the images to show; missing results that the filter needs are computed first."""
    data = run.dataset
    filter, notes = applicable(run, filters.current())
    with st.container(key="filter-bar", horizontal=True, vertical_alignment="center", gap="small"):
        opened = filter_widgets.popover()
        count_slot = st.empty()
        _chips(run, filter)
        has_histograms = histograms.switch()
    for note in (filters.problem(), *notes):
        if note:
            st.markdown(f":material/info: {escape(note)}")
    for name in sorted(filter_widgets.asked_columns()):
        require_column(run, name)
        filter_widgets.asked_columns().discard(name)
    shown = _shown(run, filter)
    count_slot.markdown(
        f"**{shown.n_shown:,}** of {data_size(run)}" if shown.mask is not None else data_size(run), width="content"
    )
    if opened.open:
        with opened:
            filter_widgets.conditions(run, filter)
    if has_histograms:
        histograms.section(run, filter)
    if shown.mask is not None and not shown.n_shown:
        st.markdown(f":material/filter_alt_off: No {data.kind[:-1]} matches the filter.")
    return shown


def data_size(run: Run) -> str:
    """Return the number of images of the set, as text."""
    return f"{len(run.dataset):,} {run.dataset.kind}"


def _chips(run: Run, shown: Filter) -> None:
    """Draw one button per part of the filter, which removes it, and one that removes all."""
    labels = {name: info.label for name, info in number_columns(run).items()}
    parts = parts_of(shown, labels)
    for part in parts:
        st.button(
            escape(part.text),
            key=f"filter-remove-{part.name}",
            icon=":material/close:",
            help="Remove this condition",
            on_click=_remove,
            args=(part.name,),
        )
    if filters.written():
        st.button("Clear the filter", key="filter-clear", type="tertiary", on_click=filters.clear)


def _remove(part: str) -> None:
    filters.set_filter(filters.current().without(part))


def _shown(run: Run, filter: Filter) -> Shown:
    m = len(run.dataset)
    if filter == ALL_IMAGES:
        return Shown(filter, None, m)
    stages, slow = needs(run, filter)
    session.require(run, *stages)
    for name in slow:
        require_column(run, name)
    key = derive_key(
        write_filter(filter),
        run.dataset.key,
        [run.key(stage) for stage in stages],
        [slow_key(run, name) for name in slow],
        run.key("selection") if filter.selected is not None else "",
    )
    known = st.session_state.get(MASK)
    if known is None or known[0] != key:
        known = st.session_state[MASK] = key, mask(run, filter)
    return Shown(filter, known[1], int(known[1].sum()))


def require_column(run: Run, name: str) -> None:
    """Return when a slow column is in the store; else compute it, draw a bar and end the page."""

    def work(progress: Progress) -> None:
        slow_column(Run(run.settings, session.store(), progress, dataset=run.dataset), name)

    if name != "duplicate":
        session.require(run, "embeddings")
    session.wait_for(lambda: None if slow_ready(run, name) else (slow_key(run, name), SLOW[name], work, False))
