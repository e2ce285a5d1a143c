"""What a click on a figure needs to find its bin, and the mark on the bin that is picked. No Streamlit in here.

A figure answers a click with points of scatter traces and bars alone, so boxes, lines and cells get unseen points over
them; each names its bin first in its `customdata`. Where there is no such list, the bin is the point's x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from adq_core.records import Ints

from .palette import TEXT, bin_colours

MOST_CELLS = 2_000  # of a grid that answers to clicks


def picked_bin(points: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the bin of the first point that a click picked; None where it picked none, as a second click does."""
    for point in points:
        told = point.get("customdata")
        told = told[0] if isinstance(told, list | tuple) and told else point.get("x")
        if isinstance(told, int | float) and not isinstance(told, bool) and told >= 0:
            return int(told)
    return None


def unfaded(figure: go.Figure) -> go.Figure:
    """Return the figure with marks that look the same when another one is picked: the page marks the bin itself."""
    for trace in figure.data:
        if trace.type in ("bar", "scatter"):
            seen = trace.marker.opacity
            same = {"marker": {"opacity": 1 if seen is None else seen}}
            trace.update(selected=same, unselected=same)
    return figure


def mark(figure: go.Figure, chosen: int | None, dark: bool, layer: str = "below") -> go.Figure:
    """Return the figure, bins along x, with the picked one marked: a band behind its marks, or a frame "above" them."""
    if chosen is None:
        return figure
    edges: dict[str, Any] = {"x0": chosen - 0.5, "x1": chosen + 0.5, "layer": layer}
    if layer == "above":  # a band would dull the colours below it
        return figure.add_vrect(**edges, line={"width": 2, "color": TEXT[dark]})
    return figure.add_vrect(**edges, fillcolor=TEXT[dark], opacity=0.1, line_width=0)


def boxes(figure: go.Figure) -> go.Figure:
    """Return a figure of boxes, one a bin, that answers to clicks along each box."""
    x, y, told = [], [], []
    for box in figure.data:
        box.update(hoverinfo="skip")
        number = int(box.x[0])
        low, high = box.q1[0], box.q3[0]
        text = f"median {box.median[0]:.3g}, middle half {low:.3g} to {high:.3g}, mean {box.mean[0]:.3g}"
        for value in np.linspace(box.lowerfence[0], box.upperfence[0], 9):
            x.append(number)
            y.append(float(value))
            told.append([number, text])
    return _points(figure, x, y, told, "bin %{customdata[0]}: %{customdata[1]}", 22)


def cells(figure: go.Figure) -> go.Figure:
    """Return a grid of counts, a row a class and a column a bin, whose cells answer to clicks if they are not many."""
    grid = figure.data[0]
    counts = np.asarray(grid.z)
    if counts.size > MOST_CELLS:
        return figure
    grid.update(hoverinfo="skip", hovertemplate=None)
    names = list(grid.y)
    x, y, told = [], [], []
    for (row, number), count in np.ndenumerate(counts):
        x.append(number)
        y.append(names[row])
        told.append([number, int(count)])
    return _points(figure, x, y, told, "%{y}, bin %{customdata[0]}: %{customdata[1]:,} images", 22)


def lines(figure: go.Figure) -> go.Figure:
    """Return a figure whose traces are lines, one a bin in their order, that answer to clicks at every step."""
    for number, line in enumerate(figure.data):
        line.update(
            mode="lines+markers", marker={"size": 10, "opacity": 0}, customdata=[[number]] * len(np.asarray(line.x))
        )
    return figure


def order(figure: go.Figure, capacity: Ints, dark: bool) -> go.Figure:
    """Return the gain over the order, 0 to 100 % along x, with the bins' numbers above it and lines that know theirs.

    A class's own cut lies within one image of the one shown, which is that of all classes together.
    """
    ends = np.cumsum(capacity) / capacity.sum() * 100
    top = -np.inf
    for line in figure.data:
        x, y = np.asarray(line.x, np.float64), np.asarray(line.y, np.float64)
        if not len(y):
            continue
        top = max(top, float(y.max()))
        if line.hoverinfo != "skip":
            which = np.minimum(np.searchsorted(ends, x, side="left"), len(ends) - 1)
            line.update(mode="lines+markers", marker={"size": 8, "opacity": 0}, customdata=which[:, None].tolist())
    numbers = list(range(len(capacity)))
    few = len(numbers) <= 20
    figure.add_scatter(
        x=ends - np.diff(ends, prepend=0) / 2,
        y=[top * 1.06 if top > 0 else top + 1] * len(numbers),
        mode="markers+text" if few else "markers",
        text=[str(number) for number in numbers],
        textposition="top center",
        marker={"symbol": "square", "size": 10, "color": bin_colours(len(numbers), dark)},
        customdata=[[number] for number in numbers],
        hovertemplate="bin %{customdata[0]}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )
    return figure


def _points(
    figure: go.Figure, x: Sequence[Any], y: Sequence[Any], told: Sequence[Any], hover: str, size: int
) -> go.Figure:
    return figure.add_scatter(
        x=x,
        y=y,
        mode="markers",
        marker={"size": size, "opacity": 0, "symbol": "square"},
        customdata=told,
        hovertemplate=hover + "<extra></extra>",
        showlegend=False,
    )
