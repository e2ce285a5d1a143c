"""What a click on a figure needs to find its bin, and the mark on the bin that is picked. No Streamlit in here.

A figure answers a click with points of scatter traces and bars alone, so boxes, lines and cells get unseen points over
them; each names its bin first in its `customdata`. Where there is no such list, the bin is the point's x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adq_core.records import Ints

from .figure import Figure, Trace, band
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


def unfaded(figure: Figure) -> Figure:
    """Return the figure with marks that look the same when another one is picked: the page marks the bin itself."""
    for trace in figure["data"]:
        if trace["type"] in ("bar", "scatter"):
            same = {"marker": {"opacity": trace.get("marker", {}).get("opacity", 1)}}
            trace.update(selected=same, unselected=same)
    return figure


def mark(figure: Figure, chosen: int | None, dark: bool, layer: str = "below") -> Figure:
    """Return the figure, bins along x, with the picked one marked: a band behind its marks, or a frame "above" them."""
    if chosen is None:
        return figure
    looks: dict[str, Any] = {"fillcolor": TEXT[dark], "opacity": 0.1, "line": {"width": 0}}
    if layer == "above":  # a band would dull the colours below it
        looks = {"line": {"width": 2, "color": TEXT[dark]}}
    figure["layout"].setdefault("shapes", []).append(band(chosen - 0.5, chosen + 0.5, layer=layer, **looks))
    return figure


def boxes(figure: Figure) -> Figure:
    """Return a figure of boxes, one a bin, that answers to clicks along each box."""
    x, y, told = [], [], []
    for box in figure["data"]:
        box["hoverinfo"] = "skip"
        number = int(box["x"][0])
        low, high = box["q1"][0], box["q3"][0]
        text = f"median {box['median'][0]:.3g}, middle half {low:.3g} to {high:.3g}, mean {box['mean'][0]:.3g}"
        for value in np.linspace(box["lowerfence"][0], box["upperfence"][0], 9):
            x.append(number)
            y.append(float(value))
            told.append([number, text])
    return _points(figure, x, y, told, "bin %{customdata[0]}: %{customdata[1]}")


def cells(figure: Figure) -> Figure:
    """Return a grid of counts, a row a class and a column a bin, whose cells answer to clicks if they are not many."""
    grid = figure["data"][0]
    counts, names = np.asarray(grid["z"]), grid["y"]
    if counts.size > MOST_CELLS:
        return figure
    grid["hoverinfo"] = "skip"
    del grid["hovertemplate"]
    x, y, told = [], [], []
    for (row, number), count in np.ndenumerate(counts):
        x.append(number)
        y.append(names[row])
        told.append([number, int(count)])
    return _points(figure, x, y, told, "%{y}, bin %{customdata[0]}: %{customdata[1]:,} images")


def lines(figure: Figure) -> Figure:
    """Return a figure whose traces are lines, one a bin in their order, that answer to clicks at every step."""
    for number, line in enumerate(figure["data"]):
        line.update(_unseen(10), customdata=[[number]] * len(line["x"]))
    return figure


def order(figure: Figure, capacity: Ints, dark: bool) -> Figure:
    """Return the gain over the order, 0 to 100 % along x, with the bins' numbers above it and lines that know theirs.

    A class's own cut lies within one image of the one shown, which is that of all classes together.
    """
    ends = np.cumsum(capacity) / capacity.sum() * 100
    top = -np.inf
    for line in figure["data"]:
        x, y = np.asarray(line["x"], np.float64), np.asarray(line["y"], np.float64)
        if not len(y):
            continue
        top = max(top, float(y.max()))
        if line.get("hoverinfo") != "skip":
            which = np.minimum(np.searchsorted(ends, x, side="left"), len(ends) - 1)
            line.update(_unseen(8), customdata=which[:, None].tolist())
    numbers = list(range(len(capacity)))
    squares: Trace = {
        "type": "scatter",
        "x": ends - np.diff(ends, prepend=0) / 2,
        "y": [top * 1.06 if top > 0 else top + 1] * len(numbers),
        "mode": "markers+text" if len(numbers) <= 20 else "markers",
        "text": [str(number) for number in numbers],
        "textposition": "top center",
        "marker": {"symbol": "square", "size": 10, "color": bin_colours(len(numbers), dark)},
        "customdata": [[number] for number in numbers],
        "hovertemplate": "bin %{customdata[0]}<extra></extra>",
        "showlegend": False,
        "cliponaxis": False,
    }
    figure["data"].append(squares)
    return figure


def _unseen(size: int) -> Trace:
    return {"mode": "lines+markers", "marker": {"size": size, "opacity": 0}}


def _points(figure: Figure, x: Sequence[Any], y: Sequence[Any], told: Sequence[Any], hover: str) -> Figure:
    points: Trace = {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "markers",
        "marker": {"size": 22, "opacity": 0, "symbol": "square"},
        "customdata": told,
        "hovertemplate": hover + "<extra></extra>",
        "showlegend": False,
    }
    figure["data"].append(points)
    return figure
