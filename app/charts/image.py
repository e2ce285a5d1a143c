"""Figures about one image: its gain among its class, and the smallest subset that contains it at each alpha."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bins, Floats, Ints

from .figure import Figure, Trace, make_figure, titled
from .theme import Theme

HEIGHT, TOP = 290, {"margin": {"t": 8}}


def gain_of_image(bins: Bins, row: int, group: Ints, theme: Theme, group_name: str) -> Figure:
    """Return the gain of every image of one class (`group`: its rows) in greedy order, with one image marked."""
    rows = group[np.argsort(bins.rank[group], kind="stable")]
    position, bin_of = np.arange(1, len(rows) + 1), bins.bin_of[rows]
    traces: list[Trace] = []
    for number, colour in enumerate(theme.bins(bins.n_bins)):
        part = np.flatnonzero(bin_of == number)
        part = part[:: max(1, len(part) // 200)]
        traces.append(
            {
                "type": "scatter",
                "x": position[part],
                "y": bins.gain[rows[part]],
                "mode": "lines" if len(part) > 1 else "markers",
                "line": {"color": colour, "width": 2},
                "marker": {"color": colour, "size": 5},
                "showlegend": False,
                "hovertemplate": f"bin {number}, position %{{x:,}}: gain %{{y:.2f}}<extra></extra>",
            }
        )
    here = int(np.flatnonzero(rows == row)[0])
    traces.append(
        {
            "type": "scatter",
            "x": [position[here]],
            "y": [bins.gain[row]],
            "mode": "markers+text",
            "text": [f"position {position[here]:,}"],
            "textposition": "middle left" if here > len(rows) / 2 else "middle right",
            "marker": {"symbol": "circle-open", "size": 14, "color": theme.text, "line": {"width": 2.5}},
            "showlegend": False,
            "cliponaxis": False,
            "hovertemplate": "this image, position %{x:,}: gain %{y:.2f}<extra></extra>",
        }
    )
    return make_figure(
        traces, theme, HEIGHT, titled(f"position in the greedy order of {group_name}"), titled("gain"), TOP
    )


def smallest_subset_chart(
    alphas: Floats, counts: Ints, n_images: int, alpha: float, target: int, theme: Theme
) -> Figure:
    """Return the size of the smallest selection that includes one image, at each alpha; the line and above.

    `counts` (A,) above `n_images` mean that no number includes it; `target` is the number at the present keep ratio.
    """
    line = np.minimum(counts, n_images)
    top, low = n_images * 1.15, max(0.8, min(int(line.min()), target) / 2)  # logarithmic: values differ by orders
    ceiling: Trace = {
        "type": "scatter",
        "x": [0, 1],
        "y": [top, top],
        "mode": "lines",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    entry: Trace = {
        "type": "scatter",
        "x": alphas,
        "y": line,
        "mode": "lines",
        "line": {"color": theme.accent, "width": 2, "shape": "hvh"},
        "fill": "tonexty",
        "fillcolor": theme.accent + "2e",
        "showlegend": False,
        "customdata": line / n_images,
        "hovertemplate": "alpha %{x:.2f}: selected if at least %{y:,} images are (%{customdata:.2%})<extra></extra>",
    }
    now: Trace = {
        "type": "scatter",
        "x": [alpha],
        "y": [target],
        "mode": "markers+text",
        "text": ["now"],
        "textposition": "top left" if alpha > 0.5 else "top right",
        "marker": {"symbol": "x-thin", "size": 12, "line": {"width": 2.5, "color": theme.text}},
        "showlegend": False,
        "cliponaxis": False,
        "hovertemplate": "now: alpha %{x:.2f}, %{y:,} images<extra></extra>",
    }
    words = [
        {"x": 0.5, "y": np.log10(y), "text": text, "showarrow": False, "yanchor": anchor}
        for text, y, anchor in (("selected", top, "top"), ("not selected", low, "bottom"))
    ]
    y = titled("images to select", type="log", range=[np.log10(low), np.log10(top)], dtick="D2", tickformat=",d")
    x = titled("alpha", range=[0, 1])
    return make_figure([ceiling, entry, now], theme, HEIGHT, x, y, TOP | {"annotations": words})
