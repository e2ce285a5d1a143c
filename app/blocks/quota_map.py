"""The quotas on the map: the records of a run are encoded for the map, and its events change the settings."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.progress import Progress
from adq_core.projection import knn_recall, mean_knn_recall
from adq_core.records import Bools, Floats, Projection
from app import session
from app.blocks import own_columns
from app.blocks.quota_steps import quotas_over_alpha
from app.charts.theme import DARK, LIGHT
from app.components.bin_map import (
    Column,
    Focus,
    MapEvent,
    MapStore,
    MapView,
    QuotaSteps,
    bin_map,
    build_store,
    greedy_order,
    user_changes,
)
from app.images import vector_tiles
from app.state import focus, widget_sync
from app.text import strategies as strategy_text
from app.text import summaries

KEY = "bin_map"
POSITIONS = "bin_map_positions"  # positions of the images on the current map and on the previous ones
DRAWN = "bin_map_drawn"  # key of the bins, the encoded map and the projection that the page draws
TITLE = "Preparing the map"
MAX_MAPS = 3


def prepared_map(run: Run, projection: Projection) -> tuple[MapStore, Projection]:
    """Return the encoded map and its projection.

    While another projection of the same bins is encoded, these are the previous ones: a map that leaves the page for a
    moment loses the keyboard focus, and the next keys that the user presses.
    """
    order = run.dataset.key, run.key("bins"), run.key("draw_order")
    own = [run.dataset.columns_digest] if run.dataset.columns else []
    key = derive_key("map", run.dataset.key, projection.key, *order[1:], *own)

    def encode(progress: Progress) -> MapStore:
        return _packed(run, projection, key)

    drawn = st.session_state.get(DRAWN)
    if drawn is not None and drawn[0] == order and drawn[1].key != key:
        store = session.compute_in_background(key, TITLE, encode)
        if store is None:
            return drawn[1], drawn[2]
    store = session.compute_cached(key, TITLE, encode)
    st.session_state[DRAWN] = order, store, projection
    return store, projection


def quota_map(run: Run, store: MapStore, shown: Bools | None = None) -> MapEvent:
    """Draw the map with the selected images highlighted; return the last event of the user."""
    settings, bins, table = run.settings, run.bins, quotas_over_alpha(run)
    view = MapView(
        quotas=QuotaSteps(table.alpha, table.quota),
        alpha=settings.alpha,
        bin_colours=(LIGHT.bins(bins.n_bins), DARK.bins(bins.n_bins)),
        class_colours=(LIGHT.classes(8), DARK.classes(8)),
        focus=Focus(bin=focus.bin_in_focus(bins.n_bins), row=focus.row_in_focus(run.dataset)),
        summary=strategy_text.of_map(settings.strategy, settings.rule, settings.keep_ratio),
    )
    return bin_map(store, view, key=KEY, shown=shown, on_event=lambda: _apply_changes(run.dataset.ids))


def lassoed(
    run: Run, event: MapEvent, store: MapStore, projection: Projection
) -> tuple[Floats | None, Floats, Projection]:
    """Return the lasso, the positions of the images on the map on which it was drawn, and that projection.

    That map is the current map or a previous one: the map by PCA is replaced by UMAP when that is ready, and a lasso on
    the first map must neither be lost nor be applied to the other map.
    """
    drawn_on = event.map_key or store.map_key
    known = st.session_state.setdefault(POSITIONS, {})
    known.pop(store.map_key, None)
    known[store.map_key] = (run.dataset.key, store.xy, projection)
    for other in list(known)[:-MAX_MAPS]:
        if other != drawn_on:
            del known[other]
    dataset_key, xy, drawn = known.get(drawn_on, (None, store.xy, projection))
    return event.polygon if dataset_key == run.dataset.key else None, xy, drawn


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
    columns |= own_columns.map_columns(run)
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
    """Draw how well the map preserves neighbours, and where to change the map."""
    key = derive_key("neighbours kept", run.key("embeddings"), projection.key)
    job = session.jobs().find(key)
    if job is None or not job.finished:
        vectors, xy = run.embeddings.vectors, projection.xy
        session.start_in_background(
            lambda: (key, "Measuring the quality of the map", lambda progress: mean_knn_recall(vectors, xy), True)
        )
        job = session.jobs().find(key)
    if job is not None and job.finished and job.error is None:
        st.markdown(summaries.map_quality(projection, float(job.result), len(run.dataset)))
    st.caption("Another projection or another seed of the map: in the sidebar, under *Embeddings and map*.")


def _apply_changes(ids: tuple[str, ...]) -> None:
    """Apply the user's changes on the map to alpha, the bin and the image in focus: a callback of the map."""
    changes = user_changes(KEY)
    if "alpha" in changes:
        widget_sync.set_widgets(alpha=changes["alpha"])
    if "bin" in changes:
        focus.focus_bin(changes["bin"])
    if "row" in changes and (row := changes["row"]) is None:
        focus.focus_image("")
    elif "row" in changes and row < len(ids):
        focus.focus_image(ids[row])
