"""The grid of images: the records of a run become a view of the browser component."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import content_digest, derive_key
from adq_core.records import Ints
from adq_core.run_columns import SLOW, column_names, number_columns, numbers_of, slow_key, slow_ready, sorted_rows
from app import session, stores, visitors
from app.blocks import filter_bar
from app.blocks.quota_steps import quotas_over_alpha
from app.components.image_grid import GridEvent, GridView, image_grid, opened_image
from app.state import focus, page_changes
from app.tiles import ImageColumn, TileSource, sides_of, sources, tile_path
from app.uploads import read_reference

KEY = "image_grid"
ORDER = "image_grid_order"  # the last order and its key, in the session state
SCORED = ("scores", "draw_order")  # stages whose results the selection needs
STAGES_OF = {"bin": ("bins",), "selected": SCORED}  # of columns that are no numbers
POSITIONS = ("rank", "draw_position")  # columns that count from 0


def is_scored(run: Run) -> bool:
    """Return whether the results that the selection needs exist."""
    return all(run.ready(stage) for stage in SCORED)


def sort_labels(run: Run) -> dict[str, str]:
    """Return the columns by which the images can be sorted, with their names on the screen."""
    numbers = number_columns(run)
    return {name: numbers[name].label if name in numbers else name for name in column_names(run)}


def in_order(run: Run, shown: filter_bar.Shown, column: str, *, descending: bool) -> Ints:
    """Return the rows to show, sorted by a column; draws a bar while the column is computed.

    The last result is kept, because most runs of the page have the same.
    """
    numbers = number_columns(run)
    stages = numbers[column].stages if column in numbers else STAGES_OF.get(column, ())
    if column in SLOW:
        filter_bar.require_column(run, column)
    elif stages:
        session.require(run, *stages)
    rows = shown.of(np.arange(len(run.dataset)))
    key = derive_key(
        "order",
        run.dataset.key,
        column,
        descending,
        [run.key(stage) for stage in stages],
        slow_key(run, column) if column in SLOW else "",
        run.key("selection") if column == "selected" else "",
        content_digest(rows),
    )
    cached = st.session_state.get(ORDER)
    if cached is None or cached[0] != key:
        cached = st.session_state[ORDER] = key, sorted_rows(run, rows, column, descending=descending)
    found: Ints = cached[1]
    return found


def draw(run: Run, order: Ints) -> GridEvent:
    """Draw the images in this order and return the marks of the user."""
    data = run.dataset
    facts = _facts(run)
    facts_key = derive_key("facts", data.key, *([label, key] for label, key, _ in facts))
    view = GridView(
        images=data.key,
        total=len(data),
        order=order,
        address=_address(run, facts, facts_key),
        sides=tuple(sides_of(data)),
        facts=tuple(label for label, _, _ in facts),
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
    bins, draw_position, table = run.bins, run.draw_order.draw_position, quotas_over_alpha(run)
    step = int(np.argmin(np.abs(table.alpha - run.settings.alpha)))
    by_quota = draw_position < np.asarray(table.quota)[step][bins.bin_of]
    if not np.array_equal(by_quota, run.selection.selected):
        return {"selected": run.selection.selected}
    return {
        "alpha": run.settings.alpha,
        "alphas": table.alpha,
        "quota": table.quota,
        "bin_order": np.lexsort((draw_position, bins.bin_of)),
        "capacity": bins.capacity,
    }


def _facts(run: Run) -> list[tuple[str, str, Callable[[], ImageColumn]]]:
    """Return the values that a tooltip shows, those that exist: name, key, and the function that returns the column."""
    found: list[tuple[str, str, Callable[[], ImageColumn]]] = []
    if run.ready("bins"):
        found.append(("bin", run.key("bins"), lambda: ImageColumn("bin", run.bins.bin_of.astype(np.float64))))
    for name, info in number_columns(run).items():
        is_there = slow_ready(run, name) if name in SLOW else all(run.ready(stage) for stage in info.stages)
        if is_there:
            key = derive_key(
                name, [run.key(stage) for stage in info.stages], slow_key(run, name) if name in SLOW else ""
            )
            found.append((info.label, key, lambda name=name, info=info: _column(run, name, info.label)))  # type: ignore[misc]
    return found


def _column(run: Run, name: str, label: str) -> ImageColumn:
    return ImageColumn(label, numbers_of(run, name), is_position=name in POSITIONS)


def _address(run: Run, facts: list[tuple[str, str, Callable[[], ImageColumn]]], facts_key: str) -> str:
    """Return the path of the pictures of this data set for this visitor."""
    data, uploads, owner, name = run.dataset, stores.uploads(), visitors.owner(), run.settings.dataset
    is_upload = read_reference(name) is not None

    def make() -> TileSource:
        columns = tuple(column() for _, _, column in facts)
        return TileSource(weakref.ref(data), columns, lambda: not is_upload or uploads.find(name, owner) is not None)

    return tile_path(sources().add(owner, derive_key("tiles", data.key, name, facts_key), make))


def _open(images: str, ids: tuple[str, ...]) -> None:
    """Open the page of an image, or that of the images similar to it: a callback of the grid."""
    opened = opened_image(KEY, images=images, total=len(ids))
    if opened is not None:
        focus.focus_image(ids[opened.row])
        page_changes.request_page(opened.page)
