"""Parts that several pages draw: a row of numbers, charts, image galleries, the explanation at the end."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.records import Bools, Floats, Ints
from app.charts import click_targets
from app.charts.figure import Figure, unchecked
from app.charts.theme import DARK, LIGHT, Theme
from app.images import sheet, vector_tiles
from app.images.sheet import Tile
from app.state import focus
from app.text.format import MAX_NAME, class_label, shorten

CHART = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}
CAPTION_LENGTH = 14  # characters below a thumbnail; the tooltip has the whole name


def current_theme() -> Theme:
    """Return the theme of this user."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def number_row(values: Mapping[str, str]) -> None:
    """Draw numbers with their names in one row, which wraps on narrow screens."""
    cells = "".join(_number_html(name, value) for name, value in values.items())
    st.html(
        "<style>.adq-numbers{display:flex;flex-wrap:wrap;gap:.4rem 2.4rem}"
        ".adq-numbers span{display:block;font-size:.85rem;opacity:.75}"
        ".adq-numbers div{min-width:0}.adq-numbers b{overflow-wrap:anywhere;font-size:1.45rem;font-weight:600;"
        "line-height:1.3;font-variant-numeric:tabular-nums}</style>"
        f'<div class="adq-numbers">{cells}</div>'
    )


def _number_html(name: str, value: str) -> str:
    """Return the HTML of one number with its name; a long value, such as a class name, is whole in its tooltip."""
    short = shorten(value, MAX_NAME)
    tooltip = f' title="{html.escape(value)}"' if short != value else ""
    return f"<div><span>{html.escape(name)}</span><b{tooltip}>{html.escape(short)}</b></div>"


def bin_chart(figure: Figure, key: str) -> None:
    """Draw a figure in which a click selects a bin, on this page and on every other page."""
    st.plotly_chart(
        unchecked(click_targets.without_fading(figure)),
        key=key,
        theme=None,
        width="stretch",
        config=CHART,
        on_select=lambda: _select_clicked_bin(key),
        selection_mode="points",
    )


def _select_clicked_bin(key: str) -> None:
    number = click_targets.clicked_bin(st.session_state.get(key))
    if number is not None:
        focus.focus_bin(number)


def chart(figure: Figure, key: str) -> None:
    """Draw a figure over the whole width."""
    st.plotly_chart(unchecked(figure), key=key, theme=None, width="stretch", config=CHART)


def images(
    run: Run, rows: Sequence[int] | Ints, *, width: int = 72, by_bin: bool = False, faded: Bools | None = None
) -> None:
    """Draw images as a gallery, each with its details in the tooltip and, if there are several, its class below it."""
    data = run.dataset
    rows = np.asarray(rows, dtype=np.int64)
    if not len(rows):
        st.caption(f"No {data.kind}.")
        return
    colours = current_theme().bins(run.bins.n_bins) if by_bin else []
    tiles = [
        Tile(
            caption=shorten(data.class_names[data.labels[row]], CAPTION_LENGTH) if data.n_classes > 1 else "",
            title=describe(run, int(row), with_bin=by_bin),
            edge=colours[run.bins.bin_of[row]] if by_bin else None,
            faded=faded is not None and bool(faded[number]),
            image=data.ids[row],
        )
        for number, row in enumerate(rows)
    ]
    st.html(sheet.gallery(np.ascontiguousarray(vector_tiles.thumbnails_or_tiles(data)[rows]), tiles, width))


def image(run: Run, row: int) -> None:
    """Draw one image over the width of its column, or the tile of its vector if the set has no images."""
    data = run.dataset
    if data.has_images:
        st.image(data.read(row), width="stretch", alt=describe(run, row))
    else:
        tile = vector_tiles.thumbnails_or_tiles(data)[row]
        st.image(tile.repeat(8, axis=0).repeat(8, axis=1), width="stretch", alt=describe(run, row))


def describe(run: Run, row: int, *, with_bin: bool = False) -> str:
    """Return the id, class and size of one image, and its bin where that is computed; plain text, not Markdown."""
    data = run.dataset
    height, width = data.sizes[row]
    size = f"{width} × {height} pixels" if data.vectors is None else f"{data.vectors.shape[1]:,} numbers"
    text = f"{data.ids[row]} · {class_label(data.class_names[data.labels[row]])} · {size}"
    if with_bin:
        text += f" · bin {run.bins.bin_of[row]}, position {run.bins.rank[row] + 1:,} in its class"
    return text


def how_to_read(text: str) -> None:
    """Draw the explanation at the end of a page, collapsed."""
    with st.expander("How to read this page", icon=":material/menu_book:"):
        st.markdown(text)


def position_in_class(run: Run) -> Floats:
    """Return (M,) the greedy position of each image divided by the size of its class, from 0 (first) to below 1."""
    return run.bins.rank / run.dataset.class_counts[run.dataset.labels]


def sample_of_classes(run: Run, shown: Bools | None = None, max_images: int = 60) -> None:
    """Draw at most `max_images` images, evenly spaced within each class; only those that match a filter (M,)."""
    data = run.dataset
    rows_shown = np.arange(len(data)) if shown is None else np.flatnonzero(shown)
    classes = np.unique(data.labels[rows_shown])
    present = classes[:max_images]
    per_class = max(1, max_images // max(1, len(present)))
    rows: list[int] = []
    for label in present:
        of_class = rows_shown[data.labels[rows_shown] == label]
        rows.extend(of_class[np.linspace(0, len(of_class) - 1, min(per_class, len(of_class))).astype(int)])
    images(run, rows)
    if len(present) < len(classes):
        st.caption(f"One image of each of the first {len(present)} of {len(classes):,} classes.")
