"""The histograms of the filter bar: columns of numbers that filter each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.filters import Filter
from adq_core.records import Floats
from adq_core.run_columns import SLOW, number_columns, numbers_of, slow_key, slow_ready
from adq_core.run_filters import mask
from app.components.histograms import HistogramColumn, HistogramLevels, encode_levels, histograms, read_range
from app.state import filters

KEY = "filter-histograms"
LEVELS = "filter histogram levels"  # key and encoded columns of the last histograms, in the session state
LEFT_OUT = ("rank", "draw_position")  # columns in which every value is equally frequent


def switch() -> bool:
    """Draw the switch of the histograms and return its state, which is the same on every page."""
    return bool(st.toggle("Histograms", key="filter_histograms", persist_state="session"))


def section(run: Run, shown: Filter) -> None:
    """Draw a histogram of each column of numbers that is computed."""
    values = columns_now(run)
    if not values:
        st.caption("The histograms appear when the bins are computed.")
        return
    labels = {name: info.label for name, info in number_columns(run).items()}
    ranges = {name: one for name, one in shown.ranges.items() if name in values}
    others = replace(shown, ranges={name: one for name, one in shown.ranges.items() if name not in values})
    histograms(
        _levels(run, values, labels),
        key=KEY,
        base=mask(run, others),
        values=values,
        ranges=ranges,
        on_range=lambda: _apply_range(values),
    )


def columns_now(run: Run) -> dict[str, Floats]:
    """Return the columns that are computed and differ between images, by name."""
    found = {}
    for name, info in number_columns(run).items():
        is_there = slow_ready(run, name) if name in SLOW else all(run.ready(stage) for stage in info.stages)
        if name in LEFT_OUT or not is_there:
            continue
        values = numbers_of(run, name)
        known = values[np.isfinite(values)]
        if known.size and known.min() < known.max():
            found[name] = values
    return found


def _levels(run: Run, values: dict[str, Floats], labels: dict[str, str]) -> HistogramLevels:
    info = number_columns(run)
    parts = [
        slow_key(run, name) if name in SLOW else [run.key(stage) for stage in info[name].stages] for name in values
    ]
    key = derive_key("histograms", run.dataset.key, list(values), parts)
    known: tuple[str, HistogramLevels] | None = st.session_state.get(LEVELS)
    if known is None or known[0] != key:
        columns = [HistogramColumn(name, labels[name], numbers) for name, numbers in values.items()]
        known = st.session_state[LEVELS] = key, encode_levels(columns, id=KEY, key=key, noun=run.dataset.kind)
    return known[1]


def _apply_range(values: dict[str, Floats]) -> None:
    """Set the range that the user has dragged: a callback."""
    found = read_range(KEY, values)
    if found is not None:
        name, one = found
        filters.set_filter(filters.current().with_range(name, one.low, one.high))
