"""The map of all images, coloured by class, as a Plotly figure without interaction beyond zoom and hover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adq_core.projection import label_places
from adq_core.records import Ints, Projection
from app.text.markdown import escape_label

from .figure import FONT, Figure, make_figure
from .theme import Theme

MAX_SVG_POINTS = 20_000  # above it, points are drawn by WebGL
EDGES = {"t": 8, "l": 4, "r": 4, "b": 4}


def class_map(projection: Projection, labels: Ints, class_names: Sequence[str], theme: Theme) -> Figure:
    """Return the map with one colour per class; up to 30 classes have their names at their densest places."""
    xy, n = projection.xy, len(class_names)
    label_positions = label_places(xy, labels, n)
    class_names = [escape_label(name) for name in class_names]
    points, names = [], []
    for number, colour in enumerate(theme.classes(n)):
        rows = labels == number
        points.append(
            {
                "type": "scattergl" if len(xy) > MAX_SVG_POINTS else "scatter",
                "x": xy[rows, 0],
                "y": xy[rows, 1],
                "mode": "markers",
                "name": class_names[number],
                "marker": {"size": 5, "color": colour, "opacity": 0.75},
                "hovertemplate": "%{fullData.name}<extra></extra>",
            }
        )
        if n <= 30 and rows.any():
            names.append(
                {
                    "x": float(label_positions[number, 0]),
                    "y": float(label_positions[number, 1]),
                    "text": class_names[number],
                    "showarrow": False,
                    "bgcolor": theme.background,
                    "opacity": 0.9,
                    "borderpad": 1,
                    "font": {"family": FONT, "size": 12, "color": theme.text},
                }
            )
    layout = {"annotations": names, "showlegend": False, "dragmode": "pan", "margin": EDGES}
    return make_figure(points, theme, 420, bare_axis(theme), bare_axis(theme), layout | {"uirevision": projection.key})


def bare_axis(theme: Theme) -> dict[str, Any]:
    """Return an axis without ticks: the coordinates of a map have no meaning."""
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "title": {"text": ""}}
    return bare | {"showline": True, "linecolor": theme.grid, "mirror": True, "automargin": False}
