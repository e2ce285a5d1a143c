"""The layout that all figures share, and the parts that several figures use.

Figures are plain dicts, because Plotly's own objects check and copy every value that is set, about a millisecond per
trace: with them three figures took two thirds of the time of a page. The tests let Plotly check every figure instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from .theme import THEMES, Theme

FONT = '"Source Sans", "Source Sans Pro", sans-serif'

Trace = dict[str, Any]
Figure = dict[str, Any]  # {"data": [traces], "layout": {...}}


def make_figure(
    traces: Sequence[Trace],
    theme: Theme,
    height: int,
    x: Mapping[str, Any],
    y: Mapping[str, Any],
    layout: Mapping[str, Any] | None = None,
) -> Figure:
    """Return the figure of these traces and axes in the shared layout; values in `layout` take precedence."""
    named = [trace for trace in traces if trace.get("showlegend") is not False]
    needs_legend = len(named) > 1 or any(trace.get("showlegend") for trace in named)
    full: dict[str, Any] = {"template": TEMPLATES[theme.name], "height": height, "xaxis": dict(x), "yaxis": dict(y)}
    full |= layout or {}
    margin = ({} if needs_legend else {"t": 14}) | full.get("margin", {})
    if margin:
        full["margin"] = margin
    return {"data": list(traces), "layout": full}


def unchecked(figure: Figure) -> go.Figure:
    """Return Plotly's object of a figure without checking its values: the tests check them."""
    return go.Figure(figure, _validate=False)


def titled(title: str, **axis: Any) -> dict[str, Any]:
    """Return an axis with a title."""
    return {"title": {"text": title}, **axis}


def bin_axis(n_bins: int) -> dict[str, Any]:
    """Return the axis of bins, with a tick at every bin, or at every fifth of more than 20 bins."""
    return titled("bin", dtick=1 if n_bins <= 20 else 5, range=[-0.6, n_bins - 0.4])


def vertical_line(x: float, theme: Theme) -> dict[str, Any]:
    """Return the dotted vertical line that marks the present value."""
    return _full_height(x, x, "line") | {"line": {"color": theme.text, "width": 1, "dash": "dot"}}


def shaded_range(x0: float, x1: float, **style: Any) -> dict[str, Any]:
    """Return a rectangle over the whole height, from x0 to x1."""
    return _full_height(x0, x1, "rect") | style


def whole_ticks(largest: int) -> dict[str, int]:
    """Return ticks at every whole number for an axis of small counts, where the default ones are fractions."""
    return {"dtick": 1} if largest <= 3 else {}


def labels_above(x: Sequence[Any], y: Any, text: Sequence[str]) -> Trace:
    """Return texts just above points, such as the numbers on bars."""
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


def _full_height(x0: float, x1: float, kind: str) -> dict[str, Any]:
    return {"type": kind, "x0": x0, "x1": x1, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}


def _template(theme: Theme) -> dict[str, Any]:
    """Return the shared layout as a Plotly template."""
    text = {"family": FONT, "color": theme.text, "size": 13}
    axis = {
        "gridcolor": theme.grid,
        "zerolinecolor": theme.grid,
        "linecolor": theme.grid,
        "tickfont": {"color": theme.muted, "size": 12},
        "title": {"font": {"color": theme.muted, "size": 13}, "standoff": 8},
        "automargin": True,
    }
    return {
        "layout": {
            "autotypenumbers": "strict",
            "hovermode": "closest",
            "colorway": [theme.accent],
            "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": text,
            "hoverlabel": {"bgcolor": theme.background, "bordercolor": theme.grid, "font": text},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "dragmode": False,
            "modebar": {  # vertical: on touch screens it is always visible, and a horizontal one would cover the legend
                "orientation": "v",
                "bgcolor": "rgba(0,0,0,0)",
                "color": theme.muted,
                "activecolor": theme.accent,
            },
            "bargap": 0.25,
            "annotationdefaults": {"font": text},
            "xaxis": axis,
            "yaxis": axis,
        }
    }


TEMPLATES = {name: _template(theme) for name, theme in THEMES.items()}
