"""Figures that compare two selections A and B."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adq_core.records import Ints
from adq_core.selection import BOTH, ONLY_A, ONLY_B
from app.text.format import MAX_NAME, shorten
from app.text.markdown import escape_label

from .figure import Figure, Trace, bin_axis, make_figure, titled, whole_ticks
from .theme import Theme

MAX_CLASSES = 25  # bars with a label each


def colours(theme: Theme) -> dict[int, str]:
    """Return the colour of each group: the text colour for both, the accent for A, orange for B."""
    return {BOTH: theme.text, ONLY_A: theme.accent, ONLY_B: theme.classes(2)[1]}


NAMES = {BOTH: "in both", ONLY_A: "only in A", ONLY_B: "only in B"}


def sample_evenly(rows: Ints, max_rows: int) -> Ints:
    """Return at most `max_rows` of the rows, evenly spaced in their order."""
    if len(rows) <= max_rows:
        return rows
    return rows[np.linspace(0, len(rows) - 1, max_rows).round().astype(np.int64)]


def turnover_by_bin(counts: Ints, theme: Theme) -> Figure:
    """Return one bar per bin: images only in A upwards, only in B downwards, and a mark at their difference."""
    m = len(counts)
    names = [f"bin {number}" for number in range(m)]
    traces = _bars(counts, names, theme, along="x", across="y", bars={}, mark="line-ew")
    y = titled("images", zeroline=True, zerolinecolor=theme.muted, **whole_ticks(_largest(counts)))
    return make_figure(traces, theme, 320, bin_axis(m), y, {"barmode": "relative"})


def turnover_by_class(counts: Ints, names: Sequence[str], theme: Theme) -> tuple[Figure, int]:
    """Return the same for the classes that differ most, one row per class, and how many classes are shown."""
    order = np.argsort(-np.abs(counts[:, ONLY_A] - counts[:, ONLY_B]), kind="stable")[:MAX_CLASSES]
    order = np.sort(order)
    shown = [names[number] for number in order]
    traces = _bars(counts[order], shown, theme, along="y", across="x", bars={"orientation": "h"}, mark="line-ns")
    x = titled("images", zeroline=True, zerolinecolor=theme.muted, **whole_ticks(_largest(counts[order])))
    y = {"autorange": "reversed", "tickmode": "array", "tickvals": list(range(len(order)))}
    y["ticktext"] = [escape_label(shorten(name, 18)) for name in shown]
    return make_figure(traces, theme, 110 + 24 * len(order), x, y, {"barmode": "relative"}), len(order)


def _largest(counts: Ints) -> int:
    """Return the length of the longest bar."""
    return int(counts[:, [ONLY_A, ONLY_B]].max(initial=0))


def _bars(
    counts: Ints, names: Sequence[str], theme: Theme, *, along: str, across: str, bars: Trace, mark: str
) -> list[Trace]:
    hover = [
        f"{escape_label(shorten(name, MAX_NAME))}: {both:,} in both, {a:,} only in A, {b:,} only in B"
        for name, (both, a, b) in zip(names, counts.tolist(), strict=True)
    ]
    common: Trace = {along: list(range(len(names))), "customdata": hover}
    common["hovertemplate"] = "%{customdata}<extra></extra>"
    colour, only_a, only_b = colours(theme), counts[:, ONLY_A], counts[:, ONLY_B]
    hatch = {"shape": "/", "fgcolor": colour[ONLY_B], "bgcolor": "rgba(0,0,0,0)", "size": 6}
    b_bar = {"color": colour[ONLY_B], "pattern": hatch, "line": {"color": colour[ONLY_B], "width": 1}}
    dash = {"symbol": mark, "size": 14, "line": {"width": 3, "color": theme.text}}
    bar: Trace = {"type": "bar", **bars, **common}
    return [
        bar | {across: only_a, "name": "only in A", "marker": {"color": colour[ONLY_A]}},
        bar | {across: -only_b, "name": "only in B", "marker": b_bar},
        {"type": "scatter", "mode": "markers", **common, across: only_a - only_b, "name": "A − B", "marker": dash},
    ]
