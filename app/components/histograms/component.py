"""The mounts of the histograms, and the range that the browser sends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from adq_core.errors import InputError
from adq_core.filters import Range
from adq_core.records import Bools, Floats

from ..packaged import packaged_component
from .encoding import HistogramLevels, conditions_blob


def histograms(
    levels: HistogramLevels,
    *,
    key: str,
    base: Bools,
    values: Mapping[str, Floats],
    ranges: Mapping[str, Range],
    on_range: Callable[[], None],
) -> None:
    """Draw the histograms. `on_range` runs when the user has dragged; it can call `read_range`.

    base: (M,) the images that match all conditions but `ranges`. The bins of the images are one mount and the
    conditions another, so a new condition sends one bit per image.
    """
    mount = packaged_component("histograms")
    with st.container(gap=None):
        mount(key=f"{key}-levels", data=levels.blob, height=1)
        blob = conditions_blob(levels, base, values, ranges, id=key)
        mount(key=key, data=blob, height="content", on_range_change=on_range)


def read_range(key: str, names: Mapping[str, Any]) -> tuple[str, Range] | None:
    """Return the column and the range that the browser has sent; None if it sent anything else."""
    state = st.session_state.get(key)
    return checked_range(state.get("range") if isinstance(state, Mapping) else None, names)


def checked_range(sent: object, names: Mapping[str, Any]) -> tuple[str, Range] | None:
    """Return the column and the range of a message. A browser can send anything: what is invalid counts as nothing."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("column"), str) or sent["column"] not in names:
        return None
    ends = []
    for end, is_open in (("low", -math.inf), ("high", math.inf)):
        value = sent.get(end)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            return None
        if isinstance(value, int) and abs(value) > 2**53:
            return None
        ends.append(is_open if value is None else float(value))
    try:
        return sent["column"], Range(*ends)
    except InputError:
        return None
