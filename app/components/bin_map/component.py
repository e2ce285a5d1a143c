"""Mounting the map: bytes that never change in one kind of mount, the small changing rest in another.

Streamlit sends a component's whole message again whenever anything in it changes, JavaScript included, and keeps
messages above 10 kB by their content so that an unchanged one goes as a hash. So the large script rides with the
constant bytes, and the mount that changes carries a few lines that hand over to it (see boot.js).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from .encoding import ALL_AT_ONCE, ONE_SHEET, MapStore, thumbnail_sheet
from .protocol import MapState, MapView, alpha_sentence, read_state

HERE = Path(__file__).parent / "frontend"
SCRIPTS = [
    "data",
    "glyphs",
    "renderer",
    "hit_test",
    "format",
    "panel",
    "input",
    "map",
    "sync",
    "overlay",
    "actions",
    "index",
]


def _script() -> str:
    texts = [(HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    style = (HERE / "map.css").read_text(encoding="utf-8").replace("\\", "\\\\").replace("`", "\\`")
    return "\n".join([f"const STYLE = `{style}`;", *texts])


def _boot() -> str:
    lines = (HERE / "loader.js").read_text(encoding="utf-8").splitlines()
    told = [re.sub(r" ?([^\w ]+) ?", r"\1", line) for line in lines if not line.startswith("//")]
    return "\n".join(told)  # as short as can be, for it goes out again and again


_blob = st.components.v2.component("adq_bin_map_blob", js=_script())
_view = st.components.v2.component("adq_bin_map", js=_boot())


def bin_map(store: MapStore, view: MapView, *, key: str, on_rest: Callable[[], None] | None = None) -> MapState:
    """Show the map and return what the hand left on it. `on_rest` runs before the script does, see `held_state`.

    Nothing reaches the server while a hand moves; when it rests, one message of a few hundred bytes does.
    """
    raw = held_state(key)
    state = read_state(raw, view=view, n_rows=len(store))
    look = {
        "about": view.about,
        "matters": alpha_sentence(view.quotas, store.capacity, bin_word=view.bin_word),
        "bins": [list(colours) for colours in view.bin_colours],
        "classes": [list(colours) for colours in view.class_colours],
        "height": view.height,
        "word": view.bin_word,
        "offers": {name: {"label": label, "key": store.column_keys[name]} for name, label in store.labels.items()},
        "pictures": store.thumbnails is not None,
        "plays": store.column_keys.get("order"),
        "points": f"points-{store.key}",
    }
    quotas, table = view.quotas.blob(look)
    told = {  # all that is sent again when the hand rests
        "id": key,
        "table": quotas,
        "alpha": float(view.quotas.alphas[view.quotas.step(view.alpha)]),
        "heard": state.serial,
    }
    told |= {name: row for name, row in (("bin", view.bin), ("row", view.row)) if row is not None}
    together = len(store) <= ALL_AT_ONCE
    with st.container(gap=None):
        # Every mount costs a hundred bytes a rerun, whatever it holds.
        points = b"".join([store.points, *store.columns.values()]) if together else store.points
        _blob(key=f"{key}-points", data=points, height="content")
        _blob(key=f"{key}-quotas", data=table)
        mounted = _view(key=key, data=told, on_rest_change=on_rest or _nothing)
        for name, packed in store.columns.items():
            if not together and name in state.columns:
                _blob(key=f"{key}-column-{name}", data=packed)
        if store.thumbnails is not None:
            _sheets(store, state, key)
    return read_state(mounted.get("rest"), view=view, n_rows=len(store))


def _sheets(store: MapStore, state: MapState, key: str) -> None:
    """Send every thumbnail of a small set in one sheet, and of a large one those that the browser asked for."""
    small = len(store) <= ONE_SHEET
    rows = store.rows if small else np.asarray(state.wants, np.int64)
    if not len(rows):
        return
    assert store.thumbnails is not None
    kept = st.session_state.setdefault(f"{key}-sheet-made", {})
    name = (store.key, small, rows.tobytes())
    if kept.get("name") != name:
        kept.update(name=name, blob=thumbnail_sheet(store.thumbnails, rows, key=store.key))
    _blob(key=f"{key}-sheet", data=kept["blob"])


def held_state(key: str) -> object:
    """Return what the map of this key last told, raw, also inside `on_rest`; None before it told anything."""
    held = st.session_state.get(key)
    return held.get("rest") if held is not None else None


def _nothing() -> None:
    """Streamlit keeps only states that somebody listens to."""
