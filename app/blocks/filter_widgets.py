"""The widgets of the filter: classes, bins, the selection, doubts, duplicates, ids, and ranges of columns.

They show the filter of the session and change it; they keep no state of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.filters import Filter
from adq_core.run_columns import (
    SLOW,
    ColumnInfo,
    has_margins,
    number_columns,
    numbers_of,
    slow_ready,
    text_columns,
    texts_of,
)
from app.state import filters, widget_sync
from app.text.markdown import escape

OPEN = "filter_open"
ASKED = "filter columns"  # slow columns that the user has asked for, in the session state
STEPS = 200  # of a slider, at least
FLAG_WIDGETS = {  # part of the filter: title, text if True, text if False
    "selected": ("Selection", "selected", "not selected"),
    "doubtful": ("Label doubts", "doubtful", "not doubtful"),
    "duplicate": ("Near duplicates", "with one", "without one"),
}
ANY = "all"
MAX_TEXTS = 1000  # different texts of a column that the widgets offer; the text of a filter can name any


def popover() -> Any:
    """Draw the button that opens the widgets, and return its container; `open` tells whether to draw them."""
    return st.popover("Filter", icon=":material/filter_alt:", key=OPEN, on_change="rerun")


def conditions(run: Run, shown: Filter) -> None:
    """Draw the widgets with the values of the filter."""
    data = run.dataset
    if data.n_classes > 1:
        _several("Classes", "filter_classes", list(data.class_names), shown.classes, _with_classes)
    _several("Bins", "filter_bins", list(range(run.settings.n_bins)), shown.bins, _with_bins)
    for part, (title, yes, no) in FLAG_WIDGETS.items():
        is_there = has_margins(data) if part == "doubtful" else data.has_images or part == "selected"
        if is_there:
            _flag(part, title, yes, no, getattr(shown, part))
    widget_sync.show_converted("filter_id", shown.text)
    st.text_input(
        "Text in the id", key="filter_id", on_change=_changed, args=("filter_id", _with_text), placeholder="any id"
    )
    for name, info in number_columns(run).items():
        _range(run, name, info, shown)
    for name in text_columns(run):
        texts = texts_of(run, name)[1]
        if len(texts) <= MAX_TEXTS:
            _several(
                name, f"filter_values_{name}", list(texts), shown.values.get(name, frozenset()), _with_values(name)
            )


def _with_values(name: str) -> Callable[[Filter, list[str]], Filter]:
    return lambda filter, value: filter.with_values(name, value)


def _with_classes(filter: Filter, value: list[str]) -> Filter:
    return replace(filter, classes=frozenset(value))


def _with_bins(filter: Filter, value: list[int]) -> Filter:
    return replace(filter, bins=frozenset(value))


def _with_text(filter: Filter, value: str) -> Filter:
    return replace(filter, text=value)


def _changed(key: str, change: Callable[[Filter, Any], Filter]) -> None:
    """Apply the value that the user gave to a widget to the filter: a callback."""
    value = widget_sync.user_input(key)
    if value is not None:
        filters.set_filter(change(filters.current(), value))


def _several(
    title: str, key: str, options: list[Any], chosen: frozenset[Any], change: Callable[[Filter, Any], Filter]
) -> None:
    widget_sync.show_converted(key, [option for option in options if option in chosen])
    st.multiselect(
        escape(title),
        options,
        key=key,
        format_func=lambda option: escape(str(option)) or "missing",
        placeholder=ANY,
        on_change=_changed,
        args=(key, change),
    )


def _flag(part: str, title: str, yes: str, no: str, value: bool | None) -> None:
    key, texts = f"filter_{part}", {None: ANY, True: yes, False: no}
    widget_sync.show_converted(key, texts[value])
    wanted = {text: state for state, text in texts.items()}
    st.segmented_control(
        escape(title),
        list(wanted),
        key=key,
        format_func=escape,
        required=True,
        on_change=_changed,
        args=(key, lambda filter, text: replace(filter, **{part: wanted[text]})),
    )


def _range(run: Run, name: str, info: ColumnInfo, shown: Filter) -> None:
    """Draw the slider of a column, or the button that computes it; nothing if its stage is missing."""
    if name in SLOW and not slow_ready(run, name):
        st.button(
            f"Compute: {escape(info.label)}",
            key=f"filter_compute_{name}",
            help=escape(info.about),
            on_click=_ask,
            args=(name,),
        )
        return
    if not all(run.ready(stage) for stage in info.stages):
        return
    values = numbers_of(run, name)
    if not np.isfinite(values).any():
        return
    is_whole = bool((values[np.isfinite(values)] % 1 == 0).all())
    low, high, step = slider_scale(float(np.nanmin(values)), float(np.nanmax(values)), 1.0 if is_whole else 0.0)
    if low >= high:
        st.caption(f"{escape(info.label[0].upper() + info.label[1:])}: {low:g} for every image.")
        return
    one = shown.ranges.get(name)
    ends = (low, high) if one is None else (min(max(one.low, low), high), max(min(one.high, high), low))
    key = f"filter_range_{name}"
    widget_sync.show_converted(key, ends)
    st.slider(
        escape(info.label[0].upper() + info.label[1:]),
        low,
        high,
        key=key,
        step=step,
        format=f"%.{decimals(step)}f",
        help=escape(info.about),
        on_change=_changed,
        args=(key, lambda filter, value: _with_ends(filter, name, value, low, high)),
    )


def _with_ends(filter: Filter, name: str, value: tuple[float, float], low: float, high: float) -> Filter:
    """Return the filter with the range of a slider; a handle at the end of the slider is an open end."""
    return filter.with_range(
        name, -math.inf if value[0] <= low else value[0], math.inf if value[1] >= high else value[1]
    )


def slider_scale(lowest: float, highest: float, least: float = 0.0) -> tuple[float, float, float]:
    """Return the ends and the step of a slider over these values.

    The step is a power of ten that gives at least 200 steps, and is not below `least`.
    """
    span = highest - lowest
    if not span > 0 or not math.isfinite(span):
        return lowest, lowest, 1.0
    power = math.floor(math.log10(max(span / STEPS, least)))
    step = 10.0**power
    low, high = math.floor(lowest / step), math.ceil(highest / step)
    return round(low * step, max(0, -power)), round(high * step, max(0, -power)), step


def decimals(step: float) -> int:
    """Return the number of decimals of the values of a slider."""
    return max(0, -round(math.log10(step)))


def _ask(name: str) -> None:
    st.session_state.setdefault(ASKED, set()).add(name)


def asked_columns() -> set[str]:
    """Return the slow columns that the user has asked for and that are not computed yet."""
    asked: set[str] = st.session_state.setdefault(ASKED, set())
    return asked
