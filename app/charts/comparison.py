"""A comparison as figures and in words. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adq_core.records import Ints, Projection
from adq_core.selection import BOTH, ONLY_A, ONLY_B, Comparison
from app.text.summaries import percent, short

from .class_map import EDGES, bare_axis
from .figure import Figure, Trace, bin_axis, dress, titled
from .palette import ACCENT, MUTED, TEXT, UNLIT, class_colours

GREY_POINTS = 20_000  # of the rest that the map shows; a sample of them tells the same
GROUP_POINTS = 50_000  # of each of the three groups
MOST_CLASSES = 25  # bars that are told apart
SHARP = 5_000  # points up to which the picture is made of shapes; above, it is drawn by WebGL


def colours(dark: bool) -> dict[int, str]:
    """Return the colour of each group: the accent is A's, orange is B's, what both have is as the text."""
    return {BOTH: TEXT[dark], ONLY_A: ACCENT[dark], ONLY_B: class_colours(2, dark)[1]}


NAMES = {BOTH: "in both", ONLY_A: "only in A", ONLY_B: "only in B"}
SYMBOLS = {BOTH: "circle", ONLY_A: "triangle-up", ONLY_B: "square"}
SIZES = {BOTH: 6, ONLY_A: 9, ONLY_B: 7}


def rest_shown(c: Comparison) -> tuple[Ints, int]:
    """Return the rows in neither choice that the map shows, an even sample if they are many, and how many there are."""
    member = np.zeros(c.n_images, bool)
    member[np.concatenate([c.both, c.only_a, c.only_b])] = True
    rest = np.flatnonzero(~member)
    return spread(rest, GREY_POINTS), len(rest)


def spread(rows: Ints, most: int) -> Ints:
    """Return at most so many of the rows, evenly spread over their order."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def group_map(
    c: Comparison,
    projection: Projection,
    labels: Ints,
    class_names: Sequence[str],
    bin_of: Ints,
    dark: bool,
) -> Figure:
    """Return the map: images of both choices as circles, of A alone as triangles, of B alone as squares, the rest grey.

    The larger group lies below the smaller, so that few images are not covered by many.
    """
    grey, _ = rest_shown(c)
    groups = {BOTH: c.both, ONLY_A: c.only_a, ONLY_B: c.only_b}
    shown = {group: spread(rows, GROUP_POINTS) for group, rows in groups.items()}
    total = len(grey) + sum(map(len, shown.values()))

    def points(rows: Ints) -> Trace:
        kind = "scattergl" if total > SHARP else "scatter"
        return {"type": kind, "mode": "markers", "x": projection.xy[rows, 0], "y": projection.xy[rows, 1]}

    rest = {"name": "in neither", "marker": {"size": 4, "color": UNLIT[dark]}, "hoverinfo": "skip"}
    traces = [points(grey) | rest | {"meta": "in neither"}]
    for group in sorted(groups, key=lambda one: -len(groups[one])):
        rows = shown[group]
        trace = points(rows) | {
            "name": f"{NAMES[group]} ({len(groups[group]):,})",
            "legendrank": 1 + group,
            "meta": NAMES[group],
            "marker": {
                "size": SIZES[group],
                "color": colours(dark)[group],
                "symbol": SYMBOLS[group],
                "line": {"width": 0},
                "opacity": 0.9,
            },
        }
        if len(rows) <= SHARP:
            names = np.asarray(class_names, dtype=object)[labels[rows]]
            trace["text"] = [f"{name}, bin {number}" for name, number in zip(names, bin_of[rows], strict=True)]
            trace["hovertemplate"] = f"%{{text}}<br>{NAMES[group]}<extra></extra>"
        else:
            trace["hoverinfo"] = "skip"
        traces.append(trace)
    legend = {"itemsizing": "trace", "traceorder": "normal"}
    layout = {"dragmode": "pan", "margin": EDGES, "legend": legend}
    return dress(traces, dark, 460, bare_axis(dark), bare_axis(dark), layout)


def turnover_by_bin(counts: Ints, dark: bool) -> Figure:
    """Return what A has more than B in each bin, and B more than A: up is A's alone, down B's alone, the mark A - B."""
    m = len(counts)
    names = [f"bin {number}" for number in range(m)]
    traces = _bars(counts, names, dark, along="x", across="y", bars={}, mark="line-ew")
    y = titled("images", zeroline=True, zerolinecolor=MUTED[dark])
    return dress(traces, dark, 320, bin_axis(m), y, {"barmode": "relative"})


def turnover_by_class(counts: Ints, names: Sequence[str], dark: bool) -> tuple[Figure, int]:
    """Return the same for the classes in which the choices differ most, and how many of these are shown."""
    order = np.argsort(-np.abs(counts[:, ONLY_A] - counts[:, ONLY_B]), kind="stable")[:MOST_CLASSES]
    order = np.sort(order)
    shown = [names[number] for number in order]
    traces = _bars(counts[order], shown, dark, along="y", across="x", bars={"orientation": "h"}, mark="line-ns")
    x = titled("images", zeroline=True, zerolinecolor=MUTED[dark])
    y = {"autorange": "reversed", "tickmode": "array", "tickvals": list(range(len(order)))}
    y["ticktext"] = [short(name, 18) for name in shown]
    return dress(traces, dark, 110 + 24 * len(order), x, y, {"barmode": "relative"}), len(order)


def _bars(
    counts: Ints, names: Sequence[str], dark: bool, *, along: str, across: str, bars: Trace, mark: str
) -> list[Trace]:
    told = [
        f"{name}: {both:,} in both, {a:,} only in A, {b:,} only in B"
        for name, (both, a, b) in zip(names, counts.tolist(), strict=True)
    ]
    common: Trace = {along: list(range(len(names))), "customdata": told}
    common["hovertemplate"] = "%{customdata}<extra></extra>"
    colour, only_a, only_b = colours(dark), counts[:, ONLY_A], counts[:, ONLY_B]
    hatch = {"shape": "/", "fgcolor": colour[ONLY_B], "bgcolor": "rgba(0,0,0,0)", "size": 6}
    b_bar = {"color": colour[ONLY_B], "pattern": hatch, "line": {"color": colour[ONLY_B], "width": 1}}
    dash = {"symbol": mark, "size": 14, "line": {"width": 3, "color": TEXT[dark]}}
    bar: Trace = {"type": "bar", **bars, **common}
    return [
        bar | {across: only_a, "name": "only in A", "marker": {"color": colour[ONLY_A]}},
        bar | {across: -only_b, "name": "only in B", "marker": b_bar},
        {"type": "scatter", "mode": "markers", **common, across: only_a - only_b, "name": "A − B", "marker": dash},
    ]


def in_words(c: Comparison) -> str:
    """Return how much A and B share, beside what two random draws of these sizes would."""
    low, high = c.random_interval
    if not c.both.size and not c.only_a.size and not c.only_b.size:
        return "Both choices are empty."
    if not c.only_a.size and not c.only_b.size:
        same = f"A and B are the very same {c.size_a:,} images."
        return f"{same} Two random draws of this size would share {percent(c.random_jaccard)}."
    told = (
        f"A has {c.size_a:,} images, B {c.size_b:,}. Of all images that either has, **both have {percent(c.jaccard)}**"
        f" (Jaccard {c.jaccard:.3f}). "
    )
    if low == high:
        return told + f"Any two choices of these sizes share {percent(low)}: there is no room for another number."
    told += (
        f"Two random draws of these sizes would share {percent(c.random_jaccard)}, 19 in 20 such pairs between "
        f"{percent(low)} and {percent(high)}: "
    )
    if c.jaccard > high:
        told += "A and B have more in common than chance."
    elif c.jaccard < low:
        told += "A and B avoid each other more than chance would."
    else:
        told += "no more in common than chance."
    small, large = sorted((c.size_a, c.size_b))
    if small < large:
        whole = len(c.both) == small
        inside = f" All of {'A lies in B' if c.size_a == small else 'B lies in A'}." if whole else ""
        told += f" With these sizes Jaccard could be {small / large:.3f} at most.{inside}"
    return told


def moved(counts: Ints, names: Sequence[str], most: int = 3) -> str:
    """Return where A has more than B and where fewer, the largest differences first."""
    net = counts[:, ONLY_A] - counts[:, ONLY_B]
    if not net.any():
        if not counts[:, ONLY_A].any():
            return "Nothing differs."
        return "Every one gives as many images to A as to B; they are other images."
    parts = []
    for word, sign in (("more", 1), ("fewer", -1)):
        order = [n for n in np.argsort(-sign * net, kind="stable") if sign * net[n] > 0]
        if order:
            named = ", ".join(f"{names[n]} ({'+' if sign > 0 else '−'}{abs(net[n]):,})" for n in order[:most])
            rest = len(order) - most
            more = f" and {rest:,} other{'s' if rest > 1 else ''}" if rest > 0 else ""
            parts.append(f"{word} of {named}{more}")
    return f"A has {' and '.join(parts)} than B."
