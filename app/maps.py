"""The map as a Plotly figure, where no hand is needed on it. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from adq_core.records import Ints, Projection

from .bin_map.packing import label_places
from .charts import FONT, dress
from .palette import GRID, GROUND, TEXT, class_colours

HOVER_LIMIT = 20_000  # points; above it the picture is drawn by WebGL


def class_map(projection: Projection, labels: Ints, class_names: Sequence[str], dark: bool) -> go.Figure:
    """Return the map with every image in its class's colour and the class's name at its densest place."""
    xy, n = projection.xy, len(class_names)
    points = go.Scattergl if len(xy) > HOVER_LIMIT else go.Scatter
    figure = go.Figure()
    places = label_places(xy, labels, n)
    for number, colour in enumerate(class_colours(n, dark)):
        rows = labels == number
        figure.add_trace(
            points(
                x=xy[rows, 0],
                y=xy[rows, 1],
                mode="markers",
                name=class_names[number],
                marker={"size": 5, "color": colour, "opacity": 0.75},
                hovertemplate="%{fullData.name}<extra></extra>",
            )
        )
        if n <= 30 and rows.any():
            figure.add_annotation(
                x=float(places[number, 0]),
                y=float(places[number, 1]),
                text=class_names[number],
                showarrow=False,
                bgcolor=GROUND[dark],
                opacity=0.9,
                borderpad=1,
            )
    dress(figure, dark, 420, showlegend=False, dragmode="pan", uirevision=projection.key)
    figure.update_annotations(font={"family": FONT, "size": 12, "color": TEXT[dark]})
    figure.update_layout(margin={"t": 8, "l": 4, "r": 4, "b": 4})
    return _bare(figure, dark)


def _bare(figure: go.Figure, dark: bool) -> go.Figure:
    """Return the figure without ticks: the axes of a map mean nothing."""
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(showgrid=False, zeroline=False, showticklabels=False, ticks="", title_text="", showline=True)
        update(linecolor=GRID[dark], mirror=True, automargin=False)
    return figure
