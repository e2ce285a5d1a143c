"""A page that contains only the map, for the browser tests: clouds of points, and the last event on the server."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from adq_core.quotas.rules import quota_table
from adq_core.selection.draw_orders import draw_order
from app.components.bin_map import (
    Column,
    MapView,
    QuotaSteps,
    bin_map,
    build_store,
    greedy_order,
    rows_in_polygon,
    user_changes,
)

N_CLASSES = 5


@st.cache_resource(show_spinner=False)
def make_store(m: int, n_bins: int, turns: int):
    """Return a store of m points in one cloud per class; the outer points of a cloud are in the last bins."""
    rng = np.random.default_rng(0)
    labels = np.arange(m) % N_CLASSES
    centres = rng.normal(size=(N_CLASSES, 2)) * 5
    xy = (centres[labels] + rng.normal(size=(m, 2))).astype(np.float32)
    far = np.linalg.norm(xy - centres[labels], axis=1)
    rank, bin_of = np.empty(m, np.int64), np.empty(m, np.int32)
    for c in range(N_CLASSES):
        rows = np.flatnonzero(labels == c)
        rows = rows[np.argsort(far[rows])]
        rank[rows], bin_of[rows] = np.arange(len(rows)), np.arange(len(rows)) * n_bins // len(rows)
    position = draw_order(bin_of, labels, rank, n_bins=n_bins, texture=far).draw_position
    for _ in range(turns):  # another map of the same images
        xy = np.column_stack([-xy[:, 1], 2 * xy[:, 0]])
    thumbnails = np.repeat(labels.astype(np.uint8)[:, None] * 40, 16 * 16 * 3, 1).reshape(m, 16, 16, 3)
    return build_store(
        xy,
        bin_of,
        position,
        n_bins=n_bins,
        key=f"page-{m}-{n_bins}-{turns}",
        columns={
            "class": Column("Class", labels, tuple(f"cloud <b>{c}</b>" for c in range(N_CLASSES))),
            "texture": Column("Texture", far),
            "gain": Column("Gain", -far),
        },
        play=greedy_order(bin_of, rank, labels),
        thumbnails=thumbnails,
    )


def page() -> None:
    """Draw the map and, below it, the last event on the server."""
    st.set_page_config(layout="wide")
    n_bins = st.sidebar.number_input("bins", 2, 20, 6)
    keep_ratio = st.sidebar.number_input("keep ratio", 0.01, 1.0, 0.1)
    turns = st.sidebar.number_input("quarter turns", 0, 3, 0)
    m = int(st.query_params.get("m", 1200))
    store = make_store(m, int(n_bins), int(turns))
    importance = np.linspace(0.1, 1.5, int(n_bins)) ** 2
    table = quota_table(importance, store.capacity, rule="budget", keep_ratio=keep_ratio)
    has_line = "line" in st.query_params
    alpha = user_changes("map").get("alpha", 0.65) if has_line else 0.65  # else a server that adopts nothing
    view = MapView(
        quotas=QuotaSteps(table.alpha, table.quota),
        alpha=alpha,
        bin_colours=([f"#{c:02x}40a0" for c in range(0, 240, 12)], [f"#{c:02x}90ff" for c in range(0, 240, 12)]),
        class_colours=(["#0072b2", "#d55e00", "#009e73"], ["#56b4e9", "#ff9d57", "#37cfa5"]),
    )
    if has_line and round(100 * alpha) % 2:
        st.caption("A line above the map, at every second step of alpha")
    event = bin_map(store, view, key="map")
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    received = {
        "runs": st.session_state["runs"],
        "alpha": event.alpha,
        "bin": event.focus.bin,
        "row": event.focus.row,
        "inside": rows_in_polygon(event.polygon, store.xy).tolist(),
        "polygon": None if event.polygon is None else event.polygon.tolist(),
        "selected": store.selected_rows(view.quotas.at(event.alpha)).tolist(),
        "map_key": event.map_key,
    }
    st.text(json.dumps(received))
    st.button("Run again")


page()
