"""The few pieces that every view is put together from: numbers in a row, a chart, images, how to read it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.records import Bools, Floats, Ints
from app import kept_view, session
from app.charts import click_targets, palette
from app.charts.figure import Figure, unchecked
from app.images import sheet, vector_tiles
from app.images.sheet import Tile
from app.state import focus
from app.text import summaries

CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}
CAPTION = 14  # characters below a thumbnail; the whole name is in its tooltip
MAP = {
    "displaylogo": False,
    "scrollZoom": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}
# A map that began moved has no first place to go back to, only the whole.
KEPT_MAP = MAP | {"modeBarButtonsToRemove": ["select2d", "lasso2d", "resetScale2d"], "doubleClick": "autosize"}


def numbers(values: Mapping[str, str]) -> None:
    """Draw numbers with their names in a row that wraps."""
    cells = "".join(
        f"<div><span>{html.escape(name)}</span><b>{html.escape(value)}</b></div>" for name, value in values.items()
    )
    st.html(
        "<style>.adq-numbers{display:flex;flex-wrap:wrap;gap:.4rem 2.4rem}"
        ".adq-numbers span{display:block;font-size:.85rem;opacity:.75}"
        ".adq-numbers b{font-size:1.45rem;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}</style>"
        f'<div class="adq-numbers">{cells}</div>'
    )


def bin_chart(figure: Figure, key: str) -> None:
    """Draw a figure in which a click on a bin picks it, here and in every other view."""
    st.plotly_chart(
        unchecked(click_targets.unfaded(figure)),
        key=key,
        theme=None,
        width="stretch",
        config=CHART,
        on_select=lambda: _pick(key),
        selection_mode="points",
    )


def _pick(key: str) -> None:
    number = click_targets.picked_bin(st.session_state[key]["selection"]["points"])
    if number is not None:
        focus.focus_bin(number)


def chart(figure: Figure, key: str, *, is_map: bool = False) -> None:
    """Draw a figure over the whole width."""
    st.plotly_chart(unchecked(figure), key=key, theme=None, width="stretch", config=MAP if is_map else CHART)


def kept_map(figure: Figure, key: str, ground: str) -> None:
    """Draw a map that stays where the visitor moved it when it changes, as long as the places on it are the same."""
    with st.container(gap=None):
        figure = kept_view.keep(figure, key, ground)
        st.plotly_chart(unchecked(figure), key=key, theme=None, width="stretch", config=KEPT_MAP)


def images(
    run: Run, rows: Sequence[int] | Ints, *, width: int = 72, by_bin: bool = False, faded: Bools | None = None
) -> None:
    """Draw images of the data set as a gallery, each with its class below and everything known in its tooltip."""
    data = run.dataset
    rows = np.asarray(rows, dtype=np.int64)
    colours = palette.bin_colours(run.bins.n_bins, session.is_dark()) if by_bin else []
    tiles = []
    for place, row in enumerate(rows):
        edge = colours[run.bins.bin_of[row]] if by_bin else None
        tiles.append(
            Tile(
                caption=summaries.short(data.class_names[data.labels[row]], CAPTION),
                title=describe(run, int(row), with_bin=by_bin),
                edge=edge,
                faded=faded is not None and bool(faded[place]),
                image=data.ids[row],
            )
        )
    st.html(sheet.gallery(np.ascontiguousarray(vector_tiles.pictures(data)[rows]), tiles, width))


def picture(run: Run, row: int) -> None:
    """Draw one image over the width of its column; a vector's tile where there is no image."""
    data = run.dataset
    if data.has_images:
        st.image(data.read(row), width="stretch")
    else:
        tile = vector_tiles.pictures(data)[row]
        st.image(tile.repeat(8, axis=0).repeat(8, axis=1), width="stretch")


def describe(run: Run, row: int, *, with_bin: bool = False) -> str:
    """Return one image in words: id, class, size, and its bin where that is known."""
    data = run.dataset
    height, width = data.sizes[row]
    size = f"{width} × {height} pixels" if data.vectors is None else f"{data.vectors.shape[1]:,} numbers"
    text = f"{data.ids[row]} · {summaries.class_word(data.class_names[data.labels[row]])} · {size}"
    if with_bin:
        text += f" · bin {run.bins.bin_of[row]}, place {run.bins.rank[row] + 1:,} in its class"
    return text


def how_to_read(text: str) -> None:
    """Draw the folded explanation at the foot of a view."""
    with st.expander("How to read this", icon=":material/menu_book:"):
        st.markdown(text)


def place_in_class(run: Run) -> Floats:
    """Return (M,) each image's place in its class's order over the size of the class, 0 (first) to 1."""
    return run.bins.rank / run.dataset.class_counts[run.dataset.labels]


def sample_of_classes(run: Run, most: int = 60) -> None:
    """Draw images of every class in turn, evenly spread over each class, at most so many."""
    data = run.dataset
    present = np.flatnonzero(data.class_counts)[:most]
    each = max(1, most // len(present))
    rows = []
    for label in present:
        of_class = np.flatnonzero(data.labels == label)
        rows.extend(of_class[np.linspace(0, len(of_class) - 1, min(each, len(of_class))).astype(int)])
    images(run, rows)
    if len(present) < data.n_classes:
        st.caption(f"One image of each of the first {len(present)} of {data.n_classes} classes.")


def size(n_bytes: int) -> str:
    """Return a number of bytes in the largest unit that leaves it above one."""
    for unit, one in (("MB", 1_000_000), ("kB", 1_000)):
        if n_bytes >= one:
            return f"{n_bytes / one:,.1f} {unit}"
    return f"{n_bytes} bytes"
