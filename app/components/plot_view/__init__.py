"""A Plotly chart that changes under the eye and stays where the visitor has moved it: corners, hidden groups, tool.

Streamlit (1.67) hashes the whole figure into the element's identity, its key notwithstanding, and makes a new chart
when anything in it changes; Plotly's `uirevision` is lost with the old one. So a few lines of JavaScript tell how the
visitor has left the chart, and the next figure begins like that. As long as the figure itself stays the same it keeps
the beginning it had: what is told must not make a new chart under the hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from adq_core.keys import recipe_key

from ...drawing import Figure, unchecked

DRAGS = ("pan", "zoom")
SCRIPT = Path(__file__).parent / "frontend" / "index.js"
_watch = st.components.v2.component("adq_kept_view", js=SCRIPT.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class View:
    """How a chart was left: x0, x1, y0, y1 (None: all is in sight), the hidden traces by their `meta`, the tool."""

    box: tuple[float, float, float, float] | None = None
    hidden: frozenset[str] = frozenset()
    drag: str = "pan"


def keep(figure: Figure, key: str, ground: str) -> Figure:
    """Return the figure as the visitor left the chart of this key; where the places on it (`ground`) are others, whole.

    To be called where the chart is drawn, once a run.
    """
    told = _watch(key=f"{key}-view", data={"chart": key, "ground": ground}, on_view_change=_nothing, height=1)
    name, place = recipe_key(unchecked(figure).to_json()), f"{key} as it began"
    begun = st.session_state.get(place)
    if begun is None or begun[0] != name:
        begun = st.session_state[place] = (name, read(told.get("view"), ground), 1 + (begun[2] if begun else 0))
    return begin(figure, begun[1], f"{ground} {begun[2]}")


def read(told: object, ground: str) -> View:
    """Return the view that a browser told, as far as it can be read; corners on another ground mean nothing here."""
    if not isinstance(told, Mapping):
        return View()
    box, hidden, drag = told.get("box"), told.get("hidden"), told.get("drag")
    return View(
        _corners(box) if isinstance(box, list) and told.get("ground") == ground else None,
        frozenset(name for name in hidden if isinstance(name, str)) if isinstance(hidden, list) else frozenset(),
        drag if drag in DRAGS else "pan",
    )


def _corners(box: list[Any]) -> tuple[float, float, float, float] | None:
    good = [float(corner) for corner in box if isinstance(corner, int | float) and math.isfinite(corner)]
    return (good[0], good[1], good[2], good[3]) if len(box) == len(good) == 4 else None


def begin(figure: Figure, view: View, revision: str) -> Figure:
    """Return the figure as it looks in this view. Another `revision` is another chart, also where all else is alike."""
    layout: dict[str, Any] = figure["layout"] | {"dragmode": view.drag, "uirevision": revision}
    if view.box is not None:
        layout["xaxis"] = layout["xaxis"] | {"range": list(view.box[:2])}
        layout["yaxis"] = layout["yaxis"] | {"range": list(view.box[2:])}
    hide = {"visible": "legendonly"}
    traces = [trace | hide if trace.get("meta") in view.hidden else trace for trace in figure["data"]]
    return {"data": traces, "layout": layout}


def _nothing() -> None:
    """Streamlit keeps only states that somebody listens to."""
