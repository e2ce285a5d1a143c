"""What every figure is put together from: traces and a layout in one dress, as plain dicts. No Streamlit in here.

Plotly's own objects check and copy whatever is touched, a millisecond a line: with them three figures took two thirds
of a page's time. Here a figure is what the browser gets; the tests have Plotly check every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from .palette import ACCENT, GRID, GROUND, MUTED, TEXT

FONT = '"Source Sans", "Source Sans Pro", sans-serif'

Trace = dict[str, Any]
Figure = dict[str, Any]  # {"data": [traces], "layout": {...}}


def dress(
    traces: Sequence[Trace],
    dark: bool,
    height: int,
    x: Mapping[str, Any],
    y: Mapping[str, Any],
    layout: Mapping[str, Any] | None = None,
) -> Figure:
    """Return the figure of these traces and axes in the dress that all figures share; what `layout` says wins."""
    named = [trace for trace in traces if trace.get("showlegend") is not False]
    needs_legend = len(named) > 1 or any(trace.get("showlegend") for trace in named)
    own: dict[str, Any] = {"template": TEMPLATES[dark], "height": height, "xaxis": dict(x), "yaxis": dict(y)}
    own |= layout or {}
    margin = ({} if needs_legend else {"t": 14}) | own.get("margin", {})
    if margin:
        own["margin"] = margin
    return {"data": list(traces), "layout": own}


def unchecked(figure: Figure) -> go.Figure:
    """Return Plotly's object of a figure as it is: every value is checked in the tests, not on every page."""
    return go.Figure(figure, _validate=False)


def titled(title: str, **axis: Any) -> dict[str, Any]:
    """Return an axis with a title."""
    return {"title": {"text": title}, **axis}


def bin_axis(n_bins: int) -> dict[str, Any]:
    """Return the axis of bins: every number where they fit, never a half."""
    return titled("bin", dtick=1 if n_bins <= 20 else 5, range=[-0.6, n_bins - 0.4])


def upright(x: float, dark: bool) -> dict[str, Any]:
    """Return the dotted line over the whole height that marks the present value."""
    return _across(x, x, "line") | {"line": {"color": TEXT[dark], "width": 1, "dash": "dot"}}


def band(x0: float, x1: float, **looks: Any) -> dict[str, Any]:
    """Return a band over the whole height, from x0 to x1."""
    return _across(x0, x1, "rect") | looks


def above(x: Sequence[Any], y: Any, text: Sequence[str]) -> Trace:
    """Return texts that stand right above points, such as the numbers on bars."""
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "text",
        "text": text,
        "textposition": "top center",
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _across(x0: float, x1: float, kind: str) -> dict[str, Any]:
    return {"type": kind, "x0": x0, "x1": x1, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}


def _template(dark: bool) -> dict[str, Any]:
    """Return the dress as Plotly's defaults."""
    text = {"family": FONT, "color": TEXT[dark], "size": 13}
    axis = {
        "gridcolor": GRID[dark],
        "zerolinecolor": GRID[dark],
        "linecolor": GRID[dark],
        "tickfont": {"color": MUTED[dark], "size": 12},
        "title": {"font": {"color": MUTED[dark], "size": 13}, "standoff": 8},
        "automargin": True,
    }
    return {
        "layout": {
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
    }


TEMPLATES = {dark: _template(dark) for dark in (False, True)}
