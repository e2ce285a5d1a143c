"""A Plotly chart that keeps the visitor's view when the figure changes: corners, hidden groups, drag mode.

Streamlit (1.67) uses a hash of the whole figure as the identity of the element, also if it has a key, and makes a new
chart when anything in the figure changes; Plotly's `uirevision` is lost with the old chart. So the page receives the
visitor's view, and the next figure starts with it. As long as the figure itself stays the same it keeps the view it
started with: a received view must not make a new chart while the visitor drags.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from adq_core.digests import derive_key
from app.charts.figure import Figure, unchecked
from app.components.plot_view import PlotView, plot_view


def keep_view(figure: Figure, key: str, map_key: str) -> Figure:
    """Return the figure in the view in which the visitor left the chart of this key; to be called once per run.

    `map_key` identifies the positions in the figure: with other positions the figure shows everything.
    """
    view = plot_view(key, map_key)
    digest, name = derive_key(unchecked(figure).to_json()), f"{key} first view"
    first = st.session_state.get(name)
    if first is None or first[0] != digest:
        first = st.session_state[name] = (digest, view, 1 + (first[2] if first else 0))
    return apply_view(figure, first[1], f"{map_key} {first[2]}")


def apply_view(figure: Figure, view: PlotView, revision: str) -> Figure:
    """Return the figure in this view. With another `revision` it is another chart, also if everything else is equal."""
    layout: dict[str, Any] = figure["layout"] | {"dragmode": view.drag_mode, "uirevision": revision}
    if view.corners is not None:
        layout["xaxis"] = layout["xaxis"] | {"range": list(view.corners[:2])}
        layout["yaxis"] = layout["yaxis"] | {"range": list(view.corners[2:])}
    hide = {"visible": "legendonly"}
    traces = [trace | hide if trace.get("meta") in view.hidden else trace for trace in figure["data"]]
    return {"data": traces, "layout": layout}
