"""The quotas on the map: the run's records packed for our component, and what the hand leaves on it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.projection import knn_recall, mean_knn_recall
from adq_core.records import Floats, Projection
from app import session
from app.bin_map import Column, MapState, MapStore, MapView, QuotaSteps, bin_map, build_store, greedy_order, held_state
from app.blocks.quota_steps import quotas_over_alpha
from app.charts.theme import DARK, LIGHT
from app.images import vector_tiles
from app.state import settings_widgets, widget_sync
from app.text import summaries
from app.text.format import percent

KEY = "bin_map"
GROUNDS = "bin_map_grounds"  # where the images lie on the map in sight, and on those before it
MOST_GROUNDS = 3
IDS = "bin_map_ids"  # what the rows of the map that this visitor sees are called


def quota_map(run: Run, projection: Projection) -> tuple[MapState, MapStore]:
    """Draw the map with the chosen images lit and return what the hand left on it, with what it was packed from."""
    key = derive_key("map", run.dataset.key, projection.key, *(run.key(name) for name in ("bins", "draw_order")))
    store: MapStore = session.made(key, "Preparing the map", lambda progress: _packed(run, projection, key))
    settings, bins, table = run.settings, run.bins, quotas_over_alpha(run)
    picked = int(st.session_state["bin"])
    st.session_state[IDS] = run.dataset.ids
    view = MapView(
        quotas=QuotaSteps(table.alpha, table.quota),
        alpha=settings.alpha,
        bin_colours=(LIGHT.bins(bins.n_bins), DARK.bins(bins.n_bins)),
        bin=min(picked, bins.n_bins - 1) if picked >= 0 else None,
        about=f"Rule {settings.rule}, keep ratio {percent(settings.keep_ratio)}",
    )
    return bin_map(store, view, key=KEY, on_rest=_take), store


def lassoed(
    run: Run, state: MapState, store: MapStore, projection: Projection
) -> tuple[Floats | None, Floats, Projection]:
    """Return the lasso, and where the images lie on the map on which it was drawn.

    That is the map in sight, or, where another has taken its place since, the one before: a picture by PCA gives way to
    UMAP when that is ready, and what somebody picked on it must neither be lost nor be read on the other map.
    """
    drawn_on = state.ground or store.ground
    known = st.session_state.setdefault(GROUNDS, {})
    known.pop(store.ground, None)
    known[store.ground] = (run.dataset.key, store.xy, projection)
    for other in list(known)[:-MOST_GROUNDS]:
        if other != drawn_on:
            del known[other]
    of, xy, drawn = known.get(drawn_on, (None, store.xy, projection))
    return state.polygon if of == run.dataset.key else None, xy, drawn


def _packed(run: Run, projection: Projection, key: str) -> MapStore:
    data, bins = run.dataset, run.bins
    scores = run.image_scores
    label, about = summaries.measure_name(scores).capitalize(), summaries.MEASURES[summaries.measure_of(scores)][1]
    columns = {
        "class": Column("Class", data.labels, names=data.class_names),
        "texture": Column(label, scores.values, about=about),
        "gain": Column("Gain", bins.gain, about="Gain of the greedy algorithm when it took the image."),
    }
    if len(data) <= summaries.MAX_COLOURED_BY_RECALL:
        recall = knn_recall(run.embeddings.vectors, projection.xy, np.arange(len(data)))
        columns["neighbours"] = Column(
            "Neighbours preserved",
            recall,
            about=f"Share of the ten nearest neighbours that are preserved on the map; mean {recall.mean():.0%}.",
        )
    pooled = run.settings.pool == "all"
    return build_store(
        projection.xy,
        bins.bin_of,
        run.draw_order.draw_position,
        n_bins=bins.n_bins,
        key=key,
        columns=columns,
        play=greedy_order(bins.bin_of, bins.rank, np.zeros_like(data.labels) if pooled else data.labels),
        thumbnails=vector_tiles.thumbnails_or_tiles(data),
        images=data.key,
    )


def map_quality(run: Run, projection: Projection) -> None:
    """Draw how well the map preserves neighbours, and the settings of the map."""
    key = derive_key("neighbours kept", run.key("embeddings"), projection.key)
    job = session.jobs().find(key)
    if job is None or not job.finished:
        vectors, xy = run.embeddings.vectors, projection.xy
        session.beside(
            lambda: (key, "Measuring the quality of the map", lambda progress: mean_knn_recall(vectors, xy), True)
        )
        job = session.jobs().find(key)
    if job is not None and job.finished and job.error is None:
        st.markdown(summaries.map_quality(projection, float(job.result), len(run.dataset)))
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        settings_widgets.mirror("projection")
    with right:
        settings_widgets.mirror("map_seed")


def _take() -> None:
    """Take over alpha, the bin and the image from the map when the hand rests: the sidebar's widgets follow."""
    told = held_state(KEY)
    if not isinstance(told, dict):
        return
    hand = told.get("hand")
    moved = hand if isinstance(hand, list) else ()  # the rest is only what the browser has last heard from here
    if "alpha" in moved and isinstance(told.get("alpha"), int | float):
        widget_sync.put(alpha=min(1.0, max(0.0, float(told["alpha"]))))
    if "bin" in moved:
        picked = told.get("bin", settings_widgets.NO_BIN)
        widget_sync.put(bin=picked if isinstance(picked, int) and picked >= 0 else settings_widgets.NO_BIN)
    row, ids = told.get("row"), st.session_state.get(IDS, ())
    if "row" in moved and isinstance(row, int) and 0 <= row < len(ids):
        widget_sync.put(image=ids[row])
