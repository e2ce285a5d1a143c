"""The grid of images: the records of a run become a view of the browser component."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import content_digest, derive_key
from adq_core.records import Ints
from adq_core.run_columns import (
    SLOW,
    column_names,
    number_columns,
    numbers_of,
    slow_key,
    slow_ready,
    sort_values,
    sorted_rows,
    text_columns,
    texts_of,
)
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
Fact = tuple[str, Callable[[], ImageColumn]]  # the key of a column, and the function that returns it


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
        content_digest(sort_values(run, column)) if column in run.dataset.columns else "",  # in no key
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
    view = GridView(
        images=data.key,
        total=len(data),
        order=order,
        address=_address(run, facts),
        sides=tuple(sides_of(data)),
        facts=tuple(facts),
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
    bins, draw_position, table = run.bins, run.selection.draw_position, quotas_over_alpha(run)
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


def _facts(run: Run) -> dict[str, Fact]:
    """Return the values that a tooltip shows, by their names on the screen: those that are computed already."""
    found: dict[str, Fact] = {}
    if run.ready("bins"):
        found["bin"] = run.key("bins"), lambda: ImageColumn("bin", run.bins.bin_of.astype(np.float64))
    for name, info in number_columns(run).items():
        is_slow = name in SLOW
        if slow_ready(run, name) if is_slow else all(run.ready(stage) for stage in info.stages):
            key = derive_key(name, [run.key(stage) for stage in info.stages], slow_key(run, name) if is_slow else "")
            found[info.label] = key, partial(_numbers, run, name, info.label)
    return found | {name: (name, partial(_texts, run, name)) for name in text_columns(run)}


def _numbers(run: Run, name: str, label: str) -> ImageColumn:
    return ImageColumn(label, numbers_of(run, name), is_position=name in POSITIONS)


def _texts(run: Run, name: str) -> ImageColumn:
    codes, texts = texts_of(run, name)
    return ImageColumn(name, codes.astype(np.float64), texts)


def _address(run: Run, facts: dict[str, Fact]) -> str:
    """Return the path of the pictures of this data set for this visitor."""
    data, uploads, owner, name = run.dataset, stores.uploads(), visitors.owner(), run.settings.dataset
    is_upload = read_reference(name) is not None
    keys = [[label, key] for label, (key, _) in facts.items()]

    def make() -> TileSource:
        columns = tuple(column() for _, column in facts.values())
        return TileSource(weakref.ref(data), columns, lambda: not is_upload or uploads.find(name, owner) is not None)

    # Own columns are in no key, so the data set is named by its identity, which lasts as long as its source.
    return tile_path(sources().add(owner, derive_key("tiles", id(data), name, keys), make))


def _open(images: str, ids: tuple[str, ...]) -> None:
    """Open the page of an image, or that of the images similar to it: a callback of the grid."""
    opened = opened_image(KEY, images=images, total=len(ids))
    if opened is not None:
        focus.focus_image(ids[opened.row])
        page_changes.request_page(opened.page)
