"""Figures about one image: the gain along its class with its mark, and where in alpha and keep ratio it is in."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bins, Floats, Ints

from .figure import Figure, Trace, dress, titled
from .palette import ACCENT, TEXT, bin_colours

HEIGHT, TOP = 290, {"margin": {"t": 8}}


def gain_of_one(bins: Bins, row: int, among: Ints, dark: bool, whose: str) -> Figure:
    """Return the gain of every pick of one class (`among`: its rows), each bin in its colour, one image marked."""
    rows = among[np.argsort(bins.rank[among], kind="stable")]
    place, bin_of = np.arange(1, len(rows) + 1), bins.bin_of[rows]
    traces: list[Trace] = []
    for number, colour in enumerate(bin_colours(bins.n_bins, dark)):
        inside = np.flatnonzero(bin_of == number)
        inside = inside[:: max(1, len(inside) // 200)]
        traces.append(
            {
                "type": "scatter",
                "x": place[inside],
                "y": bins.gain[rows[inside]],
                "mode": "lines" if len(inside) > 1 else "markers",
                "line": {"color": colour, "width": 2},
                "marker": {"color": colour, "size": 5},
                "showlegend": False,
                "hovertemplate": f"bin {number}, pick %{{x:,}}: gain %{{y:.2f}}<extra></extra>",
            }
        )
    here = int(np.flatnonzero(rows == row)[0])
    traces.append(
        {
            "type": "scatter",
            "x": [place[here]],
            "y": [bins.gain[row]],
            "mode": "markers+text",
            "text": [f"pick {place[here]:,}"],
            "textposition": "middle left" if here > len(rows) / 2 else "middle right",
            "marker": {"symbol": "circle-open", "size": 14, "color": TEXT[dark], "line": {"width": 2.5}},
            "showlegend": False,
            "cliponaxis": False,
            "hovertemplate": "this image, pick %{x:,}: gain %{y:.2f}<extra></extra>",
        }
    )
    return dress(traces, dark, HEIGHT, titled(f"pick in {whose}"), titled("gain when taken"), TOP)


def entry_plane(alphas: Floats, counts: Ints, images: int, alpha: float, asked: int, dark: bool) -> Figure:
    """Return from how many images on one image is in, at each alpha; the area above is where it is in.

    `counts` beyond `images` mean at no number; `asked` is the number that the present keep ratio means.
    """
    line = np.minimum(counts, images)
    top, low = images * 1.15, max(0.8, min(int(line.min()), asked) / 2)  # logarithmic: a seat may cost 20 or 800
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
        "line": {"color": ACCENT[dark], "width": 2, "shape": "hvh"},
        "fill": "tonexty",
        "fillcolor": ACCENT[dark] + "2e",
        "showlegend": False,
        "customdata": line / images,
        "hovertemplate": "at alpha %{x:.2f} it is in from %{y:,} images on (%{customdata:.2%})<extra></extra>",
    }
    now: Trace = {
        "type": "scatter",
        "x": [alpha],
        "y": [asked],
        "mode": "markers+text",
        "text": ["now"],
        "textposition": "top left" if alpha > 0.5 else "top right",
        "marker": {"symbol": "x-thin", "size": 12, "line": {"width": 2.5, "color": TEXT[dark]}},
        "showlegend": False,
        "cliponaxis": False,
        "hovertemplate": "now: alpha %{x:.2f}, %{y:,} images<extra></extra>",
    }
    words = [
        {"x": 0.5, "y": np.log10(y), "text": text, "showarrow": False, "yanchor": anchor}
        for text, y, anchor in (("in", top, "top"), ("out", low, "bottom"))
    ]
    y = titled("images to keep", type="log", range=[np.log10(low), np.log10(top)], dtick="D2", tickformat=",d")
    x = titled("alpha", range=[0, 1])
    return dress([ceiling, entry, now], dark, HEIGHT, x, y, TOP | {"annotations": words})
