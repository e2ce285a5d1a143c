"""The few pieces that every view is put together from: numbers in a row, a chart, images, how to read it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from adq_core import Run
from adq_core.records import Ints

from . import frame, mosaics, palette
from .mosaics import Tile

CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}
MAP = {
    "displaylogo": False,
    "scrollZoom": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def numbers(values: Mapping[str, str]) -> None:
    """Draw numbers with their names in a row that wraps."""
    cells = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>" for name, value in values.items()
    )
    st.html(
        "<style>.adq-numbers{display:flex;flex-wrap:wrap;gap:.4rem 2.4rem;margin:0}.adq-numbers dt{font-size:.85rem;"
        "opacity:.75}.adq-numbers dd{margin:0;font-size:1.45rem;font-weight:600;line-height:1.3;"
        f'font-variant-numeric:tabular-nums}}</style><dl class="adq-numbers">{cells}</dl>'
    )


def chart(figure: go.Figure, key: str, *, is_map: bool = False) -> None:
    """Draw a figure over the whole width."""
    st.plotly_chart(figure, key=key, theme=None, width="stretch", config=MAP if is_map else CHART)


def images(
    run: Run, rows: Sequence[int] | Ints, *, width: int = 72, by_bin: bool = False, faded: Ints | None = None
) -> None:
    """Draw images of the data set as a gallery, each with its class below and everything known in its tooltip."""
    data = run.dataset
    rows = np.asarray(rows, dtype=np.int64)
    colours = palette.bin_colours(run.bins.n_bins, frame.is_dark()) if by_bin else []
    tiles = []
    for place, row in enumerate(rows):
        edge = colours[run.bins.bin_of[row]] if by_bin else None
        tiles.append(
            Tile(
                caption=data.class_names[data.labels[row]],
                title=describe(run, int(row), with_bin=by_bin),
                edge=edge,
                faded=faded is not None and bool(faded[place]),
            )
        )
    st.html(mosaics.gallery(np.ascontiguousarray(data.thumbnails[rows]), tiles, width))


def describe(run: Run, row: int, *, with_bin: bool = False) -> str:
    """Return one image in words: id, class, size, and its bin where that is known."""
    data = run.dataset
    height, width = data.sizes[row]
    text = f"{data.ids[row]} · {data.class_names[data.labels[row]]} · {width} × {height} pixels"
    if with_bin:
        text += f" · bin {run.bins.bin_of[row]}, place {run.bins.rank[row] + 1:,} in its class"
    return text


def how_to_read(text: str) -> None:
    """Draw the folded explanation at the foot of a view."""
    with st.expander("How to read this", icon=":material/menu_book:"):
        st.markdown(text)


def bin_picker(n_bins: int) -> int:
    """Draw the choice of one bin and return it; the same one in every view and in the link."""
    if n_bins <= 20:
        chosen = st.segmented_control(
            "Bin", range(n_bins), default=0, key="bin", bind="query-params", persist_state="session", required=True
        )
    else:
        chosen = st.number_input("Bin", 0, n_bins - 1, 0, key="bin", bind="query-params", persist_state="session")
    return min(int(chosen or 0), n_bins - 1)
