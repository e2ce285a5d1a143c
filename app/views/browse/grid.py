"""The grid of images: the records of a run become a view of the browser component."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import content_digest, derive_key
from adq_core.records import Ints
from app import stores, visitors
from app.blocks.image_columns import image_columns, is_scored
from app.blocks.quota_steps import quotas_over_alpha
from app.components.image_grid import GridEvent, GridView, image_grid, opened_image
from app.state import focus, page_changes
from app.tiles import ImageColumn, TileSource, order_by, sides_of, sources, tile_path
from app.uploads import read_reference

KEY = "image_grid"
ORDER = "image_grid_order"  # the last order and its key, in the session state


def draw(run: Run, order: Ints) -> GridEvent:
    """Draw the images in this order and return the marks of the user."""
    data, columns = run.dataset, image_columns(run)
    facts_key = derive_key(*(content_digest(column.label, column.values) for column in columns.values()))
    view = GridView(
        images=data.key,
        total=len(data),
        order=order,
        address=_address(run, tuple(columns.values()), facts_key),
        sides=tuple(sides_of(data)),
        facts=tuple(column.label for column in columns.values()),
        facts_key=facts_key,
        focus=focus.row_in_focus(data),
        noun=data.kind,
        name=f"{data.kind.capitalize()} of {data.name}",
        **_selection(run),
    )
    return image_grid(view, key=KEY, on_open=lambda: _open(data.key, data.ids))


def _selection(run: Run) -> dict[str, Any]:
    """Return the selected images: by quotas of every alpha where the selection follows them."""
    if not is_scored(run):
        return {}
    bins, draw, table = run.bins, run.draw_order.draw_position, quotas_over_alpha(run)
    step = int(np.argmin(np.abs(table.alpha - run.settings.alpha)))
    by_quota = draw < table.quota[step][bins.bin_of]
    if not np.array_equal(by_quota, run.selection.selected):
        return {"selected": run.selection.selected}
    return {
        "alpha": run.settings.alpha,
        "alphas": table.alpha,
        "quota": table.quota,
        "bin_order": np.lexsort((draw, bins.bin_of)),
        "capacity": bins.capacity,
    }


def _address(run: Run, columns: tuple[ImageColumn, ...], facts_key: str) -> str:
    """Return the path of the pictures of this data set for this visitor."""
    data, uploads, owner, name = run.dataset, stores.uploads(), visitors.owner(), run.settings.dataset
    is_upload = read_reference(name) is not None

    def make() -> TileSource:
        return TileSource(weakref.ref(data), columns, lambda: not is_upload or uploads.find(name, owner) is not None)

    return tile_path(sources().add(owner, derive_key("tiles", data.key, name, facts_key), make))


def sorted_rows(run: Run, rows: Ints, column: str, *, descending: bool) -> Ints:
    """Return these rows sorted by a column; the last result is kept, because most runs of the page have the same."""
    data, columns = run.dataset, image_columns(run)
    values = {"id": None, "class": data.labels} | {name: found.values for name, found in columns.items()}
    key = derive_key("order", data.key, column, descending, content_digest(rows), content_digest(values[column]))
    cached = st.session_state.get(ORDER)
    if cached is None or cached[0] != key:
        wanted = values[column]
        if wanted is None:
            wanted = np.argsort(np.argsort(np.asarray(data.ids, dtype=object), kind="stable"), kind="stable")
        cached = st.session_state[ORDER] = key, order_by(wanted, rows, descending=descending)
    found: Ints = cached[1]
    return found


def _open(images: str, ids: tuple[str, ...]) -> None:
    """Open the page of an image, or that of the images similar to it: a callback of the grid."""
    opened = opened_image(KEY, images=images, total=len(ids))
    if opened is not None:
        focus.focus_image(ids[opened.row])
        page_changes.request_page(opened.page)
