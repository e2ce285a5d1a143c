"""Figures in which a click selects a bin, and the highlight of the selected bin.

Plotly reports clicks on the points of scatter traces and on bars only, so boxes, lines and cells get invisible points
above them. The first entry of the `customdata` of a point is its bin; without such a list, the bin is the point's x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adq_core.records import Ints

from .figure import Figure, Trace, shaded_range
from .theme import Theme

MAX_BIN = 2**53  # the numbers of a browser are exact below it
MAX_CLICKABLE_CELLS = 2_000  # larger grids have no click targets


def clicked_bin(event: object) -> int | None:
    """Return the bin of the first selected point that has one, or None (a second click selects no point).

    `event` is the selection that the browser sent. A browser can send anything: what is no selection has no bin.
    """
    selection = event.get("selection") if isinstance(event, Mapping) else None
    points = selection.get("points") if isinstance(selection, Mapping) else None
    for point in points if isinstance(points, list) else []:
        if not isinstance(point, Mapping):
            continue
        data = point.get("customdata")
        value = data[0] if isinstance(data, list | tuple) and data else point.get("x")
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_BIN:
            return int(value)
    return None


def without_fading(figure: Figure) -> Figure:
    """Return the figure with the same opacity for selected and other points: the page highlights the bin itself."""
    for trace in figure["data"]:
        if trace["type"] in ("bar", "scatter"):
            same = {"marker": {"opacity": trace.get("marker", {}).get("opacity", 1)}}
            trace.update(selected=same, unselected=same)
    return figure


def highlight_bin(figure: Figure, selected: int | None, theme: Theme, layer: str = "below") -> Figure:
    """Return the figure (bins along x) with the selected bin shaded "below" the traces or framed "above" them."""
    if selected is None:
        return figure
    style: dict[str, Any] = {"fillcolor": theme.text, "opacity": 0.1, "line": {"width": 0}}
    if layer == "above":  # a shaded range would change the colours below it
        style = {"line": {"width": 2, "color": theme.text}}
    figure["layout"].setdefault("shapes", []).append(shaded_range(selected - 0.5, selected + 0.5, layer=layer, **style))
    return figure


def add_targets_to_boxes(figure: Figure) -> Figure:
    """Return a figure of one box per bin with click targets along each box."""
    x, y, data = [], [], []
    for box in figure["data"]:
        box["hoverinfo"] = "skip"
        number = int(box["x"][0])
        low, high = box["q1"][0], box["q3"][0]
        text = f"median {box['median'][0]:.3g}, middle half {low:.3g} to {high:.3g}, mean {box['mean'][0]:.3g}"
        for value in np.linspace(box["lowerfence"][0], box["upperfence"][0], 9):
            x.append(number)
            y.append(float(value))
            data.append([number, text])
    return _add_points(figure, x, y, data, "bin %{customdata[0]}: %{customdata[1]}")


def add_targets_to_cells(figure: Figure) -> Figure:
    """Return a grid of counts, one row per class and one column per bin, with a click target on every cell."""
    grid = figure["data"][0]
    counts, names = np.asarray(grid["z"]), grid["y"]
    if counts.size > MAX_CLICKABLE_CELLS:
        return figure
    grid["hoverinfo"] = "skip"
    del grid["hovertemplate"]
    x, y, data = [], [], []
    for (row, number), count in np.ndenumerate(counts):
        x.append(number)
        y.append(names[row])
        data.append([number, int(count)])
    return _add_points(figure, x, y, data, "%{y}, bin %{customdata[0]}: %{customdata[1]:,} images")


def add_targets_to_lines(figure: Figure) -> Figure:
    """Return a figure of one line per bin, in the order of the bins, with a click target at every step."""
    for number, line in enumerate(figure["data"]):
        line.update(_invisible_points(10), customdata=[[number]] * len(line["x"]))
    return figure


def add_targets_to_gain(figure: Figure, capacity: Ints, theme: Theme) -> Figure:
    """Return the gain curve, 0 to 100 % along x, with bin numbers above it and click targets along its lines.

    The boundaries are those of all classes together; the boundary of a single class differs by at most one image.
    """
    ends = np.cumsum(capacity) / capacity.sum() * 100
    top = -np.inf
    for line in figure["data"]:
        x, y = np.asarray(line["x"], np.float64), np.asarray(line["y"], np.float64)
        if not len(y):
            continue
        top = max(top, float(y.max()))
        if line.get("hoverinfo") != "skip":
            line_bins = np.minimum(np.searchsorted(ends, x, side="left"), len(ends) - 1)
            line.update(_invisible_points(8), customdata=line_bins[:, None].tolist())
    numbers = list(range(len(capacity)))
    squares: Trace = {
        "type": "scatter",
        "x": ends - np.diff(ends, prepend=0) / 2,
        "y": [top * 1.06 if top > 0 else top + 1] * len(numbers),
        "mode": "markers+text" if len(numbers) <= 20 else "markers",
        "text": [str(number) for number in numbers],
        "textposition": "top center",
        "marker": {"symbol": "square", "size": 10, "color": theme.bins(len(numbers))},
        "customdata": [[number] for number in numbers],
        "hovertemplate": "bin %{customdata[0]}<extra></extra>",
        "showlegend": False,
        "cliponaxis": False,
    }
    figure["data"].append(squares)
    return figure


def _invisible_points(size: int) -> Trace:
    return {"mode": "lines+markers", "marker": {"size": size, "opacity": 0}}


def _add_points(figure: Figure, x: Sequence[Any], y: Sequence[Any], data: Sequence[Any], hover: str) -> Figure:
    points: Trace = {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "markers",
        "marker": {"size": 22, "opacity": 0, "symbol": "square"},
        "customdata": data,
        "hovertemplate": hover + "<extra></extra>",
        "showlegend": False,
    }
    figure["data"].append(points)
    return figure
