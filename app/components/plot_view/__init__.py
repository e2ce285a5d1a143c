"""The view of a Plotly chart as the visitor left it: visible range, hidden groups, drag mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..packaged import ignore_change, packaged_component

DRAG_MODES = ("pan", "zoom")
MAX_COORDINATE = 1e300


@dataclass(frozen=True)
class PlotView:
    """The view of a chart: corners x0, x1, y0, y1 (None: everything), hidden traces by their `meta`, drag mode."""

    corners: tuple[float, float, float, float] | None = None
    hidden: frozenset[str] = frozenset()
    drag_mode: str = "pan"


def plot_view(chart: str, map_key: str) -> PlotView:
    """Return the view in which the visitor left the chart of this key; to be called where the chart is drawn.

    `map_key` identifies the positions in the chart: corners on other positions mean nothing and are dropped.
    """
    data = {"chart": chart, "map_key": map_key}
    state = packaged_component("plot_view")(key=f"{chart}-view", data=data, on_view_change=ignore_change, height=1)
    return read_view(state.get("view"), map_key)


def read_view(raw: object, map_key: str) -> PlotView:
    """Return the view that a browser sent. A browser can send anything: an invalid value counts as absent."""
    if not isinstance(raw, Mapping):
        return PlotView()
    corners, hidden, drag_mode = raw.get("corners"), raw.get("hidden"), raw.get("drag_mode")
    return PlotView(
        _read_corners(corners) if isinstance(corners, list) and raw.get("map_key") == map_key else None,
        frozenset(name for name in hidden if isinstance(name, str)) if isinstance(hidden, list) else frozenset(),
        drag_mode if drag_mode in DRAG_MODES else "pan",
    )


def _read_corners(corners: list[Any]) -> tuple[float, float, float, float] | None:
    valid = [float(x) for x in corners if isinstance(x, int | float) and -MAX_COORDINATE <= x <= MAX_COORDINATE]
    return (valid[0], valid[1], valid[2], valid[3]) if len(corners) == len(valid) == 4 else None
