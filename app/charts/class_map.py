"""The map as a Plotly figure, where no hand is needed on it. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adq_core.projection import label_places
from adq_core.records import Ints, Projection

from .figure import FONT, Figure, dress
from .palette import GRID, GROUND, TEXT, class_colours

HOVER_LIMIT = 20_000  # points; above it the picture is drawn by WebGL
EDGES = {"t": 8, "l": 4, "r": 4, "b": 4}


def class_map(projection: Projection, labels: Ints, class_names: Sequence[str], dark: bool) -> Figure:
    """Return the map with every image in its class's colour and the class's name at its densest place."""
    xy, n = projection.xy, len(class_names)
    places = label_places(xy, labels, n)
    points, names = [], []
    for number, colour in enumerate(class_colours(n, dark)):
        rows = labels == number
        points.append(
            {
                "type": "scattergl" if len(xy) > HOVER_LIMIT else "scatter",
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
                    "x": float(places[number, 0]),
                    "y": float(places[number, 1]),
                    "text": class_names[number],
                    "showarrow": False,
                    "bgcolor": GROUND[dark],
                    "opacity": 0.9,
                    "borderpad": 1,
                    "font": {"family": FONT, "size": 12, "color": TEXT[dark]},
                }
            )
    layout = {"annotations": names, "showlegend": False, "dragmode": "pan", "margin": EDGES}
    return dress(points, dark, 420, bare_axis(dark), bare_axis(dark), layout | {"uirevision": projection.key})


def bare_axis(dark: bool) -> dict[str, Any]:
    """Return an axis without ticks: those of a map mean nothing."""
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "title": {"text": ""}}
    return bare | {"showline": True, "linecolor": GRID[dark], "mirror": True, "automargin": False}
