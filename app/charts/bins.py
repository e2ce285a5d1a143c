"""Figures of classes, bins, gains, texture and importance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import Bins, BinScores, Floats, ImageScores, Texture
from app.text.format import MAX_NAME, shorten
from app.text.markdown import escape_label

from .colours import blend
from .figure import Figure, Trace, bin_axis, labels_above, make_figure, shaded_range, titled, whole_ticks
from .theme import Theme

MAX_NAMED_CLASSES = 30  # above it, bars are vertical and have their names in the tooltip


def class_labels(names: Sequence[str]) -> list[str]:
    """Return the names of classes for tooltips and category axes: at most 60 characters, and all different."""
    short = [shorten(name, MAX_NAME) for name in names]
    count = Counter(short)
    return [escape_label(f"{one} ({row + 1})" if count[one] > 1 else one) for row, one in enumerate(short)]


def _short_labels(names: Sequence[str], max_length: int = 20) -> dict[str, str]:
    """Return the tick labels of long names."""
    labels = zip(class_labels(names), names, strict=True)
    return {label: escape_label(shorten(name, max_length)) for label, name in labels if len(name) > max_length}


def class_sizes(dataset: ImageDataset, theme: Theme) -> Figure:
    """Return one bar per class, its number of images."""
    counts, names = dataset.class_counts, class_labels(dataset.class_names)
    bars: Trace = {"type": "bar", "marker": {"color": theme.accent}}
    images = titled("images", **whole_ticks(int(counts.max())))
    if len(counts) > MAX_NAMED_CLASSES:
        bars |= {"x": list(range(len(counts))), "y": counts, "customdata": names}
        bars["hovertemplate"] = "%{customdata}: %{y:,} images<extra></extra>"
        classes = titled(f"{len(counts):,} classes", showticklabels=False)
        return make_figure([bars], theme, 240, classes, images, {"bargap": 0.1})
    bars |= {"x": counts, "y": names, "orientation": "h", "hovertemplate": "%{y}: %{x:,} images<extra></extra>"}
    classes = {"autorange": "reversed", "type": "category", "labelalias": _short_labels(dataset.class_names)}
    return make_figure([bars], theme, min(900, 70 + 22 * len(counts)), images, classes)


def bin_classes(bins: Bins, dataset: ImageDataset, theme: Theme) -> Figure:
    """Return the number of images of each class in each bin as a grid, one row per class and one column per bin."""
    counts = np.zeros((dataset.n_classes, bins.n_bins), np.int64)
    np.add.at(counts, (dataset.labels, bins.bin_of), 1)
    grid: Trace = {
        "type": "heatmap",
        "z": counts,
        "y": class_labels(dataset.class_names),
        "colorscale": [[0, theme.background], [1, blend(theme.accent, theme.background, 0.55)]],  # readable below text
        "zmin": 0,
        "zmax": int(counts.max()),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "textfont": {"color": theme.text},
        "hovertemplate": "%{y}, bin %{x}: %{z:,} images<extra></extra>",
    }
    if counts.size <= 400:
        grid["texttemplate"] = "%{z}"
    without_grid = {"showgrid": False, "ticks": ""}
    x = bin_axis(bins.n_bins) | without_grid | {"range": [-0.5, bins.n_bins - 0.5], "zeroline": False}
    y = without_grid | {"range": [dataset.n_classes - 0.5, -0.5], "type": "category"}
    y["labelalias"] = _short_labels(dataset.class_names)
    return make_figure([grid], theme, min(900, 80 + 24 * dataset.n_classes), x, y)


def gain_curve(bins: Bins, dataset: ImageDataset, theme: Theme, *, pooled: bool, selected: int | None = None) -> Figure:
    """Return the gain along the greedy order, one line per class, with the selected bin shaded.

    More than 20 classes are summarised by the median and the range of the middle 80 % of the classes.
    """
    groups = np.zeros(len(dataset), np.int64) if pooled else dataset.labels
    size = np.bincount(groups)[groups]
    position = (bins.rank + 0.5) / size * 100
    names = ["all images"] if pooled else class_labels(dataset.class_names)
    if len(names) <= 20:
        lines = []
        for number, name in enumerate(names):
            rows = np.flatnonzero(groups == number)
            rows = rows[np.argsort(bins.rank[rows])]
            rows = rows[:: max(1, len(rows) // 300)]
            lines.append(
                {
                    "type": "scatter",
                    "x": position[rows],
                    "y": bins.gain[rows],
                    "mode": "lines",
                    "line": {"color": theme.accent, "width": 1},
                    "opacity": 0.75,
                    "showlegend": False,
                    "hovertemplate": f"{name}, after %{{x:.0f}}%: gain %{{y:.2f}}<extra></extra>",
                }
            )
    else:
        lines = _gain_quantiles(position, bins.gain, int(np.bincount(groups)[np.unique(groups)].min()), theme)
    marks = []
    if selected is not None and (part := position[bins.bin_of == selected]).size:
        style = {"line": {"width": 0}, "opacity": 0.25, "fillcolor": theme.bins(bins.n_bins)[selected]}
        marks.append(shaded_range(float(part.min()), float(part.max()), **style))
    x = titled(f"position in the greedy order, % of {'the set' if pooled else 'the class'}")
    return make_figure(lines, theme, 300, x, titled("gain"), {"shapes": marks} if marks else {})


def _gain_quantiles(position: Floats, gain: Floats, smallest: int, theme: Theme) -> list[Trace]:
    """Return the median gain and its middle 80 % at each position; slots are no finer than the smallest class."""
    slots = max(2, min(200, smallest))
    slot = np.minimum((position / 100 * slots).astype(int), slots - 1)
    parts = np.split(gain[np.argsort(slot, kind="stable")], np.cumsum(np.bincount(slot, minlength=slots))[:-1])
    low, middle, high = np.array([np.quantile(part, [0.1, 0.5, 0.9]) for part in parts if part.size]).T
    centres = (np.flatnonzero([part.size > 0 for part in parts]) + 0.5) / slots * 100
    line: Trace = {"type": "scatter", "x": centres, "mode": "lines"}
    hidden: Trace = line | {"line": {"width": 0}, "hoverinfo": "skip"}
    filled = {"fill": "tonexty", "fillcolor": theme.accent + "33", "name": "middle 80% of the classes"}
    median = {"name": "median", "hovertemplate": "after %{x:.0f}%: gain %{y:.2f}<extra></extra>"}
    return [
        hidden | {"y": high, "showlegend": False},
        hidden | {"y": low, **filled},
        line | {"y": middle, "line": {"color": theme.accent, "width": 2}, **median},
    ]


def texture_boxes(
    bins: Bins, texture: Texture | ImageScores, theme: Theme, selected: int | None = None, name: str = "texture"
) -> Figure:
    """Return texture, or its replacement, in each bin: the middle half as a box, 5 % to 95 % as whiskers."""
    boxes = []
    for number, colour in enumerate(theme.bins(bins.n_bins)):
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
                "line": {"color": colour, "width": 2.5 if number == selected else 1.4},
                "fillcolor": "rgba(0,0,0,0)" if number != selected else colour + "55",
            }
        )
    return make_figure(boxes, theme, 300, bin_axis(bins.n_bins), titled(name))


def importance_bars(scores: BinScores, theme: Theme) -> Figure:
    """Return normalised Rep and Div as stacked bars; the height is the Importance score (IS)."""
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
            ("Rep, normalised", scores.representativeness_norm, theme.accent),
            ("Div, normalised", scores.diversity_norm, theme.muted),
        )
    ]
    traces.append(labels_above(at, scores.importance, [f"{v:.2f}" for v in scores.importance]))
    return make_figure(traces, theme, 320, bin_axis(m), titled("Importance score (IS)"), {"barmode": "stack"})
