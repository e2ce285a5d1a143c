"""The map as Plotly figures: chosen images lit, each bin's quota at the bin's densest place. No Streamlit in here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from adq_core.records import Bins, Floats, Ints, Projection, Quotas, Selection

from .charts import FONT, dress
from .palette import GRID, GROUND, MUTED, TEXT, UNLIT, bin_colours, class_colours

GRID_CELLS = 28  # a side of the grid on which densities are counted
HOVER_LIMIT = 20_000  # points; above it only the chosen ones answer the pointer
BEHIND = 500  # unlit points behind each small map


def label_places(xy: Floats, group: Ints, n_groups: int) -> Floats:
    """Return (n_groups, 2) where each group's label stands: its densest place that no earlier label has taken.

    Densities are counts on a grid of 28 x 28 cells, smoothed over 3 x 3; a place near an earlier label counts less,
    since bins lie over one another and their densest places often coincide. A group without points gives NaN.
    """
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    cell = np.minimum(((xy - low) / span * GRID_CELLS).astype(int), GRID_CELLS - 1)
    centres = (np.indices((GRID_CELLS, GRID_CELLS)).transpose(1, 2, 0) + 0.5) / GRID_CELLS
    places = np.full((n_groups, 2), np.nan)
    free = np.ones((GRID_CELLS, GRID_CELLS))
    for number in range(n_groups):
        inside = group == number
        if not inside.any():
            continue
        counts = np.zeros((GRID_CELLS, GRID_CELLS))
        np.add.at(counts, tuple(cell[inside].T), 1)
        density = _smooth(counts) * free
        best = np.unravel_index(int(density.argmax()), density.shape)
        places[number] = low + centres[best] * span
        away = ((centres - centres[best]) / (0.16, 0.09)) ** 2  # a label is wider than high
        free *= 1 - np.exp(-away.sum(axis=2))
    return places


def _smooth(counts: Floats) -> Floats:
    padded = np.pad(counts, 1)
    n = len(counts)
    smooth = counts.copy()  # the middle counts twice
    for i in range(3):
        for j in range(3):
            smooth += padded[i : i + n, j : j + n]
    return smooth


def quota_map(
    projection: Projection, bins: Bins, quotas: Quotas, selection: Selection, names: Sequence[str], dark: bool
) -> go.Figure:
    """Return the map: all images grey, the chosen ones in their bin's colour; `names` is what hovering shows."""
    xy, m = projection.xy, bins.n_bins
    many = len(xy) > HOVER_LIMIT
    points = go.Scattergl if many else go.Scatter
    rest = ~selection.selected
    figure = go.Figure()
    figure.add_trace(
        points(
            x=xy[rest, 0],
            y=xy[rest, 1],
            mode="markers",
            name="not chosen",
            showlegend=False,
            marker={"size": 4 if len(xy) > 3000 else 5, "color": UNLIT[dark]},
            text=None if many else [names[row] for row in np.flatnonzero(rest).tolist()],
            hovertemplate=None if many else "%{text}<extra>not chosen</extra>",
            hoverinfo="skip" if many else None,
        )
    )
    places = label_places(xy, bins.bin_of, m)
    for number, colour in enumerate(bin_colours(m, dark)):
        rows = np.flatnonzero(selection.selected & (bins.bin_of == number))
        figure.add_trace(
            points(
                x=xy[rows, 0],
                y=xy[rows, 1],
                mode="markers",
                name=f"bin {number}: {quotas.quota[number]:,} of {quotas.capacity[number]:,}",
                marker={"size": 7 if len(xy) <= 3000 else 5, "color": colour, "line": {"width": 0}},
                text=[names[row] for row in rows.tolist()],
                hovertemplate="%{text}<extra>chosen</extra>",
            )
        )
        if np.isfinite(places[number]).all():
            figure.add_annotation(
                x=float(places[number, 0]),
                y=float(places[number, 1]),
                showarrow=False,
                borderpad=2,
                text=f"<b>{number}</b>  {quotas.quota[number]:,} of {quotas.capacity[number]:,}",
                bgcolor=GROUND[dark],
                bordercolor=colour,
                borderwidth=1.5,
                opacity=0.94,
            )
    dress(figure, dark, 560, dragmode="pan", uirevision=projection.key)
    figure.update_annotations(font={"family": FONT, "size": 12, "color": TEXT[dark]})
    figure.update_layout(
        legend={"orientation": "h", "x": 0, "y": -0.01, "yanchor": "top", "itemsizing": "constant"},
        margin={"t": 8, "l": 4, "r": 4, "b": 4},
    )
    return _bare(figure, dark)


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


def small_maps(projection: Projection, bins: Bins, quotas: Quotas, selection: Selection, dark: bool) -> go.Figure:
    """Return one small map a bin: the whole set in grey, the bin's images as rings, the chosen ones filled."""
    xy, m = projection.xy, bins.n_bins
    columns = min(5, m)
    rows = math.ceil(m / columns)
    titles = [f"bin {n}: {quotas.quota[n]:,} of {quotas.capacity[n]:,}" for n in range(m)]
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.012, vertical_spacing=0.09 / rows)
    some = np.linspace(0, len(xy) - 1, min(BEHIND, len(xy))).astype(int)
    for number, colour in enumerate(bin_colours(m, dark)):
        at = {"row": number // columns + 1, "col": number % columns + 1}
        inside = bins.bin_of == number
        for which, marker in (
            (some, {"size": 3, "color": GRID[dark]}),
            (np.flatnonzero(inside & ~selection.selected), {"size": 4, "color": MUTED[dark], "opacity": 0.6}),
            (np.flatnonzero(inside & selection.selected), {"size": 7, "color": colour}),
        ):
            figure.add_trace(
                go.Scattergl(x=xy[which, 0], y=xy[which, 1], mode="markers", marker=marker, hoverinfo="skip")
                if len(xy) > HOVER_LIMIT
                else go.Scatter(x=xy[which, 0], y=xy[which, 1], mode="markers", marker=marker, hoverinfo="skip"),
                **at,
            )
    dress(figure, dark, 30 + 190 * rows, showlegend=False)
    figure.update_xaxes(matches="x")
    figure.update_yaxes(matches="y")
    return _bare(figure, dark)


def _bare(figure: go.Figure, dark: bool) -> go.Figure:
    """Return the figure without ticks: the axes of a map mean nothing."""
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(showgrid=False, zeroline=False, showticklabels=False, ticks="", title_text="", showline=True)
        update(linecolor=GRID[dark], mirror=True)
    return figure
