"""Records to Plotly figures, all in one dress. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import Bins, BinScores, Floats, ImageScores, Texture
from app.text.summaries import short

from .figure import Figure, Trace, above, band, bin_axis, dress, titled
from .palette import ACCENT, GROUND, MUTED, TEXT, bin_colours, blend

MANY_CLASSES = 30  # bars with a name each would push the images off the page


def _aliases(names: Sequence[str], most: int = 20) -> dict[str, str]:
    """Return what stands at an axis instead of names that would take its figure's place."""
    return {name: short(name, most) for name in names if len(name) > most}


def class_sizes(dataset: ImageDataset, dark: bool) -> Figure:
    """Return one bar a class: how many images it has; many stand side by side, named under the pointer."""
    counts, names = dataset.class_counts, list(dataset.class_names)
    bars: Trace = {"type": "bar", "marker": {"color": ACCENT[dark]}}
    if len(counts) > MANY_CLASSES:
        bars |= {"x": list(range(len(counts))), "y": counts, "customdata": names}
        bars["hovertemplate"] = "%{customdata}: %{y:,} images<extra></extra>"
        classes = titled(f"the {len(counts):,} classes, in their order", showticklabels=False)
        return dress([bars], dark, 240, classes, titled("images"), {"bargap": 0.1})
    bars |= {"x": counts, "y": names, "orientation": "h", "hovertemplate": "%{y}: %{x:,} images<extra></extra>"}
    classes = {"autorange": "reversed", "type": "category", "labelalias": _aliases(names)}
    return dress([bars], dark, min(900, 70 + 22 * len(counts)), titled("images"), classes)


def bin_classes(bins: Bins, dataset: ImageDataset, dark: bool) -> Figure:
    """Return how many images of each class each bin has, as a grid of counts."""
    counts = np.zeros((dataset.n_classes, bins.n_bins), np.int64)
    np.add.at(counts, (dataset.labels, bins.bin_of), 1)
    grid: Trace = {
        "type": "heatmap",
        "z": counts,
        "y": list(dataset.class_names),
        "colorscale": [[0, GROUND[dark]], [1, blend(ACCENT[dark], GROUND[dark], 0.55)]],  # text stands out on all
        "zmin": 0,
        "zmax": int(counts.max()),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "textfont": {"color": TEXT[dark]},
        "hovertemplate": "%{y}, bin %{x}: %{z:,} images<extra></extra>",
    }
    if counts.size <= 400:
        grid["texttemplate"] = "%{z}"
    plain = {"showgrid": False, "ticks": ""}
    x = bin_axis(bins.n_bins) | plain | {"range": [-0.5, bins.n_bins - 0.5], "zeroline": False}
    y = plain | {"range": [dataset.n_classes - 0.5, -0.5], "type": "category"}
    y["labelalias"] = _aliases(dataset.class_names)
    return dress([grid], dark, min(900, 80 + 24 * dataset.n_classes), x, y)


def gain_curve(bins: Bins, dataset: ImageDataset, dark: bool, *, pooled: bool, chosen: int | None = None) -> Figure:
    """Return the gain of every pick along each class's order, a line a class; a bin may be marked.

    More than 20 classes would be a tangle: then the median of the classes and the middle 80 % of them.
    """
    groups = np.zeros(len(dataset), np.int64) if pooled else dataset.labels
    size = np.bincount(groups)[groups]
    place = (bins.rank + 0.5) / size * 100
    names = ["all images"] if pooled else list(dataset.class_names)
    if len(names) <= 20:
        lines = []
        for number, name in enumerate(names):
            rows = np.flatnonzero(groups == number)
            rows = rows[np.argsort(bins.rank[rows])]
            rows = rows[:: max(1, len(rows) // 300)]
            lines.append(
                {
                    "type": "scatter",
                    "x": place[rows],
                    "y": bins.gain[rows],
                    "mode": "lines",
                    "line": {"color": ACCENT[dark], "width": 1},
                    "opacity": 0.75,
                    "showlegend": False,
                    "hovertemplate": f"{name}, after %{{x:.0f}}%: gain %{{y:.2f}}<extra></extra>",
                }
            )
    else:
        lines = _gain_band(place, bins.gain, int(np.bincount(groups)[np.unique(groups)].min()), dark)
    marks = []
    if chosen is not None and (inside := place[bins.bin_of == chosen]).size:
        colour = bin_colours(bins.n_bins, dark)[chosen]
        marks.append(band(float(inside.min()), float(inside.max()), line={"width": 0}, opacity=0.25, fillcolor=colour))
    x = titled(f"place in the order, % of {'the set' if pooled else 'the class'}")
    return dress(lines, dark, 300, x, titled("gain when taken"), {"shapes": marks} if marks else {})


def _gain_band(place: Floats, gain: Floats, smallest: int, dark: bool) -> list[Trace]:
    """Return the median gain and the middle 80 % at each place; no slot is finer than the smallest class."""
    slots = max(2, min(200, smallest))
    slot = np.minimum((place / 100 * slots).astype(int), slots - 1)
    parts = np.split(gain[np.argsort(slot, kind="stable")], np.cumsum(np.bincount(slot, minlength=slots))[:-1])
    low, middle, high = np.array([np.quantile(part, [0.1, 0.5, 0.9]) for part in parts if part.size]).T
    at = (np.flatnonzero([part.size > 0 for part in parts]) + 0.5) / slots * 100
    line: Trace = {"type": "scatter", "x": at, "mode": "lines"}
    hidden: Trace = line | {"line": {"width": 0}, "hoverinfo": "skip"}
    filled = {"fill": "tonexty", "fillcolor": ACCENT[dark] + "33", "name": "middle 80% of the classes"}
    median = {"name": "median", "hovertemplate": "after %{x:.0f}%: gain %{y:.2f}<extra></extra>"}
    return [
        hidden | {"y": high, "showlegend": False},
        hidden | {"y": low, **filled},
        line | {"y": middle, "line": {"color": ACCENT[dark], "width": 2}, **median},
    ]


def texture_boxes(
    bins: Bins, texture: Texture | ImageScores, dark: bool, chosen: int | None = None, name: str = "texture"
) -> Figure:
    """Return the spread of texture, or its stand-in, in each bin: middle half as a box, 5 % to 95 % as whiskers."""
    boxes = []
    for number, colour in enumerate(bin_colours(bins.n_bins, dark)):
        values = texture.values[bins.bin_of == number]
        if not values.size:
            continue
        five, q1, median, q3, ninety_five = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        boxes.append(
            {
                "type": "box",
                "x": [number],
                "q1": [q1],
                "median": [median],
                "q3": [q3],
                "lowerfence": [five],
                "upperfence": [ninety_five],
                "mean": [values.mean()],
                "name": f"bin {number}",
                "showlegend": False,
                "width": 0.6,
                "line": {"color": colour, "width": 2.5 if number == chosen else 1.4},
                "fillcolor": "rgba(0,0,0,0)" if number != chosen else colour + "55",
            }
        )
    return dress(boxes, dark, 300, bin_axis(bins.n_bins), titled(name))


def importance_bars(scores: BinScores, dark: bool) -> Figure:
    """Return Rep and Div on one scale, stacked: the height is the Importance score (IS)."""
    m = len(scores.importance)
    at = list(range(m))
    traces: list[Trace] = [
        {
            "type": "bar",
            "x": at,
            "y": values,
            "name": name,
            "marker": {"color": colour},
            "hovertemplate": f"bin %{{x}}: {name} %{{y:.3f}}<extra></extra>",
        }
        for name, values, colour in (
            ("Rep, normalised", scores.representativeness_norm, ACCENT[dark]),
            ("Div, normalised", scores.diversity_norm, MUTED[dark]),
        )
    ]
    traces.append(above(at, scores.importance, [f"{v:.2f}" for v in scores.importance]))
    return dress(traces, dark, 320, bin_axis(m), titled("Importance score (IS)"), {"barmode": "stack"})
