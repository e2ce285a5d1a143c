"""The maps on the page: mounts of bytes that rarely change, and one mount of the small view that changes often.

Streamlit sends the whole message of a mount again whenever anything in it changes, but of an unchanged message above
10 kB it sends only a hash. So points, quotas, columns and thumbnails have mounts of their own, and the view holds only
the values that change with user input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from adq_core.records import Bools, Ints

from ..packaged import ignore_change, packaged_component
from .alpha_effect import alpha_sentence
from .encoding import (
    MAX_POINTS_WITH_ALL_COLUMNS,
    MAX_THUMBNAILS_IN_ONE_SHEET,
    MapStore,
    display_of_store,
    thumbnail_sheet,
)
from .filter_bits import filter_blob
from .groups import GroupView
from .protocol import MapEvent, MapView, Requests, changed_values, read_event, read_requests


def bin_map(
    store: MapStore,
    view: MapView,
    *,
    key: str,
    shown: Bools | None = None,
    on_event: Callable[[], None] | None = None,
) -> MapEvent:
    """Draw the map and return the last event of the user.

    `shown` (M,) are the images that match the filter, in row order; the others are grey and do not answer. The browser
    sends no event while the user drags, and one event of a few hundred bytes afterwards. `on_event` runs before the
    page runs again; it can read `user_changes`.
    """
    event = read_event(_raw_event(key), view=view, n_rows=len(store))
    quotas_key, quotas = view.quotas.blob(_display(store, view))
    message = _message(view, event, key, quotas_key)

    def receive() -> None:
        st.session_state[_confirmed(key)] = read_requests(_raw_event(key), n_rows=0).serial
        if on_event is not None:
            on_event()

    state = _mount_map(
        store, event.requests, key, view=quotas, filter=filter_blob(store, shown), message=message, on_event=receive
    )
    return read_event(state.get("event"), view=view, n_rows=len(store))


def group_map(store: MapStore, view: GroupView, *, key: str, shown: Bools | None = None) -> None:
    """Draw the map of groups; `shown` as for `bin_map`.

    Zoom and hidden groups stay in the browser; the server receives only requests for data. When only the groups change,
    the browser receives 1 or 2 bytes per image.
    """
    requests = read_requests(_raw_event(key), n_rows=len(store))
    groups_key, groups = view.blob(store)
    message = {"id": key, "groups": groups_key, "confirmed": requests.serial}
    filter = filter_blob(store, shown)
    _mount_map(store, requests, key, view=groups, filter=filter, message=message, on_event=ignore_change)


def user_changes(key: str) -> dict[str, Any]:
    """Return the values that the user changed with the last event, by name: alpha, bin, row; see `changed_values`."""
    return changed_values(_raw_event(key))


def _mount_map(
    store: MapStore,
    requests: Requests,
    key: str,
    *,
    view: bytes,
    filter: tuple[str, bytes] | None,
    message: Mapping[str, Any],
    on_event: Callable[[], None],
) -> Any:
    """Mount the points, what the map shows, the small message, and the data that the browser requests."""
    has_all_columns = len(store) <= MAX_POINTS_WITH_ALL_COLUMNS
    with st.container(gap=None):
        # Each mount costs about a hundred bytes per rerun, so that points and columns share one where they can.
        points = b"".join([store.points, *store.columns.values()]) if has_all_columns else store.points
        _mount(key=f"{key}-points", data=points, height="content")
        _mount(key=f"{key}-shown", data=view)
        if filter is not None:
            message = {**message, "filter": filter[0]}
        state = _mount(key=key, data=message, on_event_change=on_event)
        if filter is not None:
            _mount(key=f"{key}-filter", data=filter[1])
        for name, column in store.columns.items():
            if not has_all_columns and name in requests.columns:
                _mount(key=f"{key}-column-{name}", data=column)
        if store.thumbnails is not None:
            _mount_thumbnails(store, requests, key)
    return state


def _mount(**arguments: Any) -> Any:
    return packaged_component("bin_map")(**arguments)


def _display(store: MapStore, view: MapView) -> dict[str, Any]:
    """Return everything of the view that stays the same while alpha moves; it is sent with the quotas."""
    return {
        "summary": view.summary,
        "alpha_effect": alpha_sentence(view.quotas, store.capacity, bin_word=view.bin_word),
        "bin_colours": [list(colours) for colours in view.bin_colours],
        "class_colours": [list(colours) for colours in view.class_colours],
        "height": view.height,
        "bin_word": view.bin_word,
        "order_key": store.column_keys.get("order"),
        **display_of_store(store),
    }


def _message(view: MapView, event: MapEvent, key: str, quotas_key: str) -> dict[str, Any]:
    """Return the values that are sent at every rerun.

    `confirmed` is the last event whose changes were adopted, `received` the last event that Streamlit still has: it
    forgets the events of a map that is not on the page.
    """
    focus = {name: value for name, value in (("bin", view.focus.bin), ("row", view.focus.row)) if value is not None}
    alpha = float(view.quotas.alphas[view.quotas.step(view.alpha)])
    received = event.requests.serial
    confirmed = max(received, st.session_state.get(_confirmed(key), 0))
    return {
        "id": key,
        "quotas": quotas_key,
        "alpha": alpha,
        "focus": focus,
        "confirmed": confirmed,
        "received": received,
    }


def _mount_thumbnails(store: MapStore, requests: Requests, key: str) -> None:
    """Send all thumbnails of a small set in one sheet; of a large set, those that the browser requests."""
    is_small = len(store) <= MAX_THUMBNAILS_IN_ONE_SHEET
    rows: Ints = store.rows if is_small else np.asarray(requests.thumbnails, np.int64)
    if not len(rows):
        return
    assert store.thumbnails is not None
    cached = st.session_state.setdefault(f"{key}-sheet", {})
    name = (store.key, is_small, rows.tobytes())
    if cached.get("name") != name:
        cached.update(name=name, blob=thumbnail_sheet(store.thumbnails, rows, key=store.key))
    _mount(key=f"{key}-thumbnails", data=cached["blob"])


def _confirmed(key: str) -> str:
    """Return the name, in the session state, of the serial of the last event whose changes were adopted."""
    return f"{key}-confirmed"


def _raw_event(key: str) -> object:
    """Return the last event as the browser sent it; None before the first event."""
    state = st.session_state.get(key)
    return state.get("event") if state is not None else None
