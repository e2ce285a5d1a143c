"""Records to Plotly figures, all in one dress. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

from adq_core.images import ImageDataset
from adq_core.records import Bins, BinScores, Floats, ImageScores, Texture

from .findings import short
from .palette import ACCENT, GRID, GROUND, MUTED, TEXT, bin_colours, blend

MANY_CLASSES = 30  # bars with a name each would push the images off the page
FONT = '"Source Sans", "Source Sans Pro", sans-serif'


def dress(figure: go.Figure, dark: bool, height: int, **layout: Any) -> go.Figure:
    """Return the figure with the one layout that all figures share; what is given here or was set before wins."""
    figure.update_layout(template=TEMPLATES[dark], height=height, **layout)
    named = [trace for trace in figure.data if trace.showlegend is not False]
    if len(named) < 2 and not any(trace.showlegend for trace in named) and figure.layout.margin.t is None:
        figure.update_layout(margin={"t": 14})  # no legend needs the room
    return figure


def _template(dark: bool) -> go.layout.Template:
    """Return the dress as Plotly's defaults: set one by one on every figure they would cost most of a page's time."""
    text = {"family": FONT, "color": TEXT[dark], "size": 13}
    axis = {
        "gridcolor": GRID[dark],
        "zerolinecolor": GRID[dark],
        "linecolor": GRID[dark],
        "tickfont": {"color": MUTED[dark], "size": 12},
        "title": {"font": {"color": MUTED[dark], "size": 13}, "standoff": 8},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "autotypenumbers": "strict",
            "hovermode": "closest",
            "colorway": [ACCENT[dark]],
            "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": text,
            "hoverlabel": {"bgcolor": GROUND[dark], "bordercolor": GRID[dark], "font": text},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "dragmode": False,
            "modebar": {  # upright: lying, it would cover the legend where no pointer hovers and it always shows
                "orientation": "v",
                "bgcolor": "rgba(0,0,0,0)",
                "color": MUTED[dark],
                "activecolor": ACCENT[dark],
            },
            "bargap": 0.25,
            "annotationdefaults": {"font": text},
            "xaxis": axis,
            "yaxis": axis,
        }
    )


# By name: a figure then takes a copy as it is, while a template given as an object is checked value by value.
TEMPLATES = {dark: f"adq-{'dark' if dark else 'light'}" for dark in (False, True)}
for _dark, _name in TEMPLATES.items():
    pio.templates[_name] = _template(_dark)
pio.templates.default = TEMPLATES[False]


def _aliases(names: Sequence[str], most: int = 20) -> dict[str, str]:
    """Return what stands at an axis instead of names that would take its figure's place."""
    return {name: short(name, most) for name in names if len(name) > most}


def bin_axis(n_bins: int) -> dict[str, Any]:
    """Return the axis of bins: every number where they fit, never a half."""
    return {"title": {"text": "bin"}, "dtick": 1 if n_bins <= 20 else 5, "range": [-0.6, n_bins - 0.4]}


def class_sizes(dataset: ImageDataset, dark: bool) -> go.Figure:
    """Return one bar a class: how many images it has; many stand side by side, named under the pointer."""
    counts = dataset.class_counts
    if len(counts) > MANY_CLASSES:
        bars = go.Bar(
            x=list(range(len(counts))),
            y=counts,
            customdata=list(dataset.class_names),
            marker={"color": ACCENT[dark]},
            hovertemplate="%{customdata}: %{y:,} images<extra></extra>",
        )
        figure = dress(go.Figure(bars), dark, 240, bargap=0.1, yaxis_title_text="images")
        return figure.update_xaxes(showticklabels=False, title_text=f"the {len(counts):,} classes, in their order")
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=list(dataset.class_names),
            orientation="h",
            marker={"color": ACCENT[dark]},
            hovertemplate="%{y}: %{x:,} images<extra></extra>",
        )
    )
    height = min(900, 70 + 22 * len(counts))
    figure.update_yaxes(autorange="reversed", type="category", labelalias=_aliases(dataset.class_names))
    return dress(figure, dark, height, xaxis_title_text="images")


def bin_classes(bins: Bins, dataset: ImageDataset, dark: bool) -> go.Figure:
    """Return how many images of each class each bin has, as a grid of counts."""
    counts = np.zeros((dataset.n_classes, bins.n_bins), np.int64)
    np.add.at(counts, (dataset.labels, bins.bin_of), 1)
    figure = go.Figure(
        go.Heatmap(
            z=counts,
            y=list(dataset.class_names),
            colorscale=[[0, GROUND[dark]], [1, blend(ACCENT[dark], GROUND[dark], 0.55)]],  # text stands out on all
            zmin=0,
            zmax=int(counts.max()),
            showscale=False,
            xgap=2,
            ygap=2,
            texttemplate="%{z}" if counts.size <= 400 else None,
            textfont={"color": TEXT[dark]},
            hovertemplate="%{y}, bin %{x}: %{z:,} images<extra></extra>",
        )
    )
    figure.update_yaxes(
        range=[dataset.n_classes - 0.5, -0.5], type="category", labelalias=_aliases(dataset.class_names)
    )
    dress(figure, dark, min(900, 80 + 24 * dataset.n_classes))
    figure.update_xaxes(
        **(bin_axis(bins.n_bins) | {"range": [-0.5, bins.n_bins - 0.5]}), showgrid=False, zeroline=False, ticks=""
    )
    return figure.update_yaxes(showgrid=False, ticks="")


def gain_curve(bins: Bins, dataset: ImageDataset, dark: bool, *, pooled: bool, chosen: int | None = None) -> go.Figure:
    """Return the gain of every pick along each class's order, a line a class; a bin may be marked.

    More than 20 classes would be a tangle: then the median of the classes and the middle 80 % of them.
    """
    groups = np.zeros(len(dataset), np.int64) if pooled else dataset.labels
    size = np.bincount(groups)[groups]
    place = (bins.rank + 0.5) / size * 100
    names = ["all images"] if pooled else list(dataset.class_names)
    figure = go.Figure()
    if len(names) <= 20:
        for number, name in enumerate(names):
            rows = np.flatnonzero(groups == number)
            rows = rows[np.argsort(bins.rank[rows])]
            rows = rows[:: max(1, len(rows) // 300)]
            figure.add_scatter(
                x=place[rows],
                y=bins.gain[rows],
                mode="lines",
                line={"color": ACCENT[dark], "width": 1},
                opacity=0.75,
                showlegend=False,
                hovertemplate=f"{name}, after %{{x:.0f}}%: gain %{{y:.2f}}<extra></extra>",
            )
    else:
        _gain_band(figure, place, bins.gain, int(np.bincount(groups)[np.unique(groups)].min()), dark)
    if chosen is not None and (inside := place[bins.bin_of == chosen]).size:
        figure.add_vrect(
            x0=float(inside.min()),
            x1=float(inside.max()),
            line_width=0,
            opacity=0.25,
            fillcolor=bin_colours(bins.n_bins, dark)[chosen],
        )
    whole = "the set" if pooled else "the class"
    return dress(
        figure, dark, 300, xaxis_title_text=f"place in the order, % of {whole}", yaxis_title_text="gain when taken"
    )


def _gain_band(figure: go.Figure, place: Floats, gain: Floats, smallest: int, dark: bool) -> None:
    """Draw the median gain and the middle 80 % at each place; no slot is finer than the smallest class."""
    slots = max(2, min(200, smallest))
    slot = np.minimum((place / 100 * slots).astype(int), slots - 1)
    parts = np.split(gain[np.argsort(slot, kind="stable")], np.cumsum(np.bincount(slot, minlength=slots))[:-1])
    low, middle, high = np.array([np.quantile(part, [0.1, 0.5, 0.9]) for part in parts if part.size]).T
    at = (np.flatnonzero([part.size > 0 for part in parts]) + 0.5) / slots * 100
    hidden: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=at, y=high, showlegend=False, **hidden)
    figure.add_scatter(
        x=at, y=low, fill="tonexty", fillcolor=ACCENT[dark] + "33", name="middle 80% of the classes", **hidden
    )
    figure.add_scatter(
        x=at,
        y=middle,
        mode="lines",
        line={"color": ACCENT[dark], "width": 2},
        name="median",
        hovertemplate="after %{x:.0f}%: gain %{y:.2f}<extra></extra>",
    )


def texture_boxes(
    bins: Bins, texture: Texture | ImageScores, dark: bool, chosen: int | None = None, name: str = "texture"
) -> go.Figure:
    """Return the spread of texture, or its stand-in, in each bin: middle half as a box, 5 % to 95 % as whiskers."""
    figure = go.Figure()
    for number, colour in enumerate(bin_colours(bins.n_bins, dark)):
        values = texture.values[bins.bin_of == number]
        if not values.size:
            continue
        five, q1, median, q3, ninety_five = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        figure.add_box(
            x=[number],
            q1=[q1],
            median=[median],
            q3=[q3],
            lowerfence=[five],
            upperfence=[ninety_five],
            mean=[values.mean()],
            name=f"bin {number}",
            showlegend=False,
            width=0.6,
            line={"color": colour, "width": 2.5 if number == chosen else 1.4},
            fillcolor="rgba(0,0,0,0)" if number != chosen else colour + "55",
        )
    dress(figure, dark, 300, yaxis_title_text=name)
    return figure.update_xaxes(**bin_axis(bins.n_bins))


def importance_bars(scores: BinScores, dark: bool) -> go.Figure:
    """Return Rep and Div on one scale, stacked: the height is the Importance score (IS)."""
    m = len(scores.importance)
    figure = go.Figure()
    for name, values, colour in (
        ("Rep, normalised", scores.representativeness_norm, ACCENT[dark]),
        ("Div, normalised", scores.diversity_norm, MUTED[dark]),
    ):
        figure.add_bar(
            x=list(range(m)),
            y=values,
            name=name,
            marker={"color": colour},
            hovertemplate=f"bin %{{x}}: {name} %{{y:.3f}}<extra></extra>",
        )
    figure.add_scatter(
        x=list(range(m)),
        y=scores.importance,
        mode="text",
        text=[f"{v:.2f}" for v in scores.importance],
        textposition="top center",
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
    dress(figure, dark, 320, barmode="stack", yaxis_title_text="Importance score (IS)")
    return figure.update_xaxes(**bin_axis(m))
