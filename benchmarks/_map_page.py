"""The page that `bench_map.py` opens: `?draw=map` is our map, `plotly` the same by Plotly, `slider` only a slider."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from adq_core.quotas import quota_table
from adq_core.selection import draw_order
from app.charts.theme import DARK, LIGHT
from app.components.bin_map import Column, MapView, QuotaSteps, bin_map, build_store

N_BINS, N_CLASSES, KEEP_RATIO = 10, 20, 0.1


@st.cache_resource(show_spinner=False)
def made(m: int) -> tuple[Any, np.ndarray, np.ndarray, QuotaSteps]:
    """Return (store, bin_of, draw_position, quotas) of m points in twenty clouds; outer points are in the last bins."""
    rng = np.random.default_rng(0)
    labels = np.arange(m) % N_CLASSES
    centres = rng.normal(size=(N_CLASSES, 2)) * 5
    xy = (centres[labels] + rng.normal(size=(m, 2))).astype(np.float32)
    far = np.linalg.norm(xy - centres[labels], axis=1) + rng.normal(size=m)
    by = np.lexsort((far, labels))
    place = np.empty(m, np.int64)
    place[by] = np.arange(m) - np.searchsorted(labels[by], np.arange(N_CLASSES))[labels[by]]
    size = np.bincount(labels)[labels]
    bin_of = (place * N_BINS // size).astype(np.int32)
    position = draw_order(bin_of, labels, place, n_bins=N_BINS, texture=far).draw_position
    capacity = np.bincount(bin_of, minlength=N_BINS)
    importance = np.linspace(0.2, 1.6, N_BINS) ** 2
    table = quota_table(importance, capacity, rule="budget", keep_ratio=KEEP_RATIO)
    columns = {"class": Column("Class", labels, tuple(f"class {c}" for c in range(N_CLASSES)))}
    store = build_store(xy, bin_of, position, n_bins=N_BINS, key=f"bench-{m}", columns=columns)
    return store, bin_of, position, QuotaSteps(table.alpha, table.quota)


def plotly_page(store: Any, bin_of: np.ndarray, position: np.ndarray, quotas: QuotaSteps) -> None:
    """Draw a slider and the figure; the title of the figure contains its alpha."""
    alpha = st.slider("alpha", 0.0, 1.0, 0.65, 0.01)
    selected = position < quotas.at(alpha)[bin_of]
    figure = go.Figure()
    rest = store.xy[~selected]
    figure.add_scattergl(x=rest[:, 0], y=rest[:, 1], mode="markers", marker={"color": "#ccc", "size": 3})
    for n, colour in enumerate(LIGHT.bins(N_BINS)):
        rows = np.flatnonzero(selected & (bin_of == n))
        figure.add_scattergl(
            x=store.xy[rows, 0], y=store.xy[rows, 1], mode="markers", name=f"bin {n}", marker={"color": colour}
        )
    figure.update_layout(width=900, height=520, title=f"alpha {alpha:.2f}", uirevision="same")
    st.plotly_chart(figure, width="content", key="plot")


def page() -> None:
    """Draw the variant named in the query parameter `draw`."""
    st.set_page_config(layout="wide")
    if st.query_params.get("draw") == "slider":
        st.slider("alpha", 0.0, 1.0, 0.65, 0.01)
        return
    store, bin_of, position, quotas = made(int(st.query_params.get("m", 2000)))
    if st.query_params.get("draw") == "plotly":
        plotly_page(store, bin_of, position, quotas)
        return
    colours = (LIGHT.bins(N_BINS), DARK.bins(N_BINS))
    classes = (LIGHT.classes(8), DARK.classes(8))
    view = MapView(quotas=quotas, alpha=0.65, bin_colours=colours, class_colours=classes)
    bin_map(store, view, key="map")


page()
