"""The quotas on the map: the run's records packed for our component, and what the hand leaves on it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.projection import knn_recall, mean_knn_recall
from adq_core.quotas import ALPHAS, quota_table
from adq_core.records import Floats, Projection, QuotaTable
from app import session
from app.bin_map import Column, MapState, MapStore, MapView, QuotaSteps, bin_map, build_store, greedy_order, held_state
from app.charts import palette
from app.images import vector_tiles
from app.state import focus, widget_sync
from app.text import summaries

KEY = "bin_map"
GROUNDS = "bin_map_grounds"  # where the images lie on the map in sight, and on those before it
MOST_GROUNDS = 3


def quota_map(run: Run, projection: Projection) -> tuple[MapState, MapStore]:
    """Draw the map with the chosen images lit and return what the hand left on it, with what it was packed from."""
    key = derive_key("map", run.dataset.key, projection.key, *(run.key(name) for name in ("bins", "draw_order")))
    store: MapStore = session.compute_cached(key, "Packing the map", lambda progress: _packed(run, projection, key))
    settings, bins, table = run.settings, run.bins, table_of(run)
    view = MapView(
        quotas=QuotaSteps(table.alpha, table.quota),
        alpha=settings.alpha,
        bin_colours=(palette.bin_colours(bins.n_bins, False), palette.bin_colours(bins.n_bins, True)),
        bin=focus.bin_in_focus(bins.n_bins),
        row=focus.row_in_focus(run.dataset),
        about=f"Rule {settings.rule}, keep ratio {summaries.percent(settings.keep_ratio)}",
    )
    return bin_map(store, view, key=KEY, on_rest=lambda: _on_map_change(run.dataset.ids)), store


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


def table_of(run: Run) -> QuotaTable:
    """Return the quotas for every step of alpha, under the run's rule and keep ratio.

    An alpha between the steps, from a link or a file of settings, is a step of its own: what is lit stays what is
    exported.
    """
    s = run.settings
    alphas = ALPHAS if np.abs(ALPHAS - s.alpha).min() < 1e-9 else np.union1d(ALPHAS, [s.alpha])
    return quota_table(run.scores.importance, run.bins.capacity, rule=s.rule, keep_ratio=s.keep_ratio, alphas=alphas)


def _packed(run: Run, projection: Projection, key: str) -> MapStore:
    data, bins = run.dataset, run.bins
    measured = run.image_scores
    label, about = summaries.measure_name(measured).capitalize(), summaries.MEASURES[summaries.measure_of(measured)][1]
    columns = {
        "class": Column("Class", data.labels, names=data.class_names),
        "texture": Column(label, measured.values, about=about),
        "gain": Column("Gain", bins.gain, about="The greedy's gain when it took the image."),
    }
    if len(data) <= summaries.COLOURED:
        kept = knn_recall(run.embeddings.vectors, projection.xy, np.arange(len(data)))
        columns["neighbours"] = Column(
            "Neighbours kept",
            kept,
            about=f"How many of its ten nearest in the embedding are so on the map; on average {kept.mean():.0%}.",
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
        thumbnails=vector_tiles.pictures(data),
        images=data.key,
    )


def map_quality(run: Run, projection: Projection) -> None:
    """Draw how far the map can be trusted."""
    key = derive_key("neighbours kept", run.key("embeddings"), projection.key)
    job = session.jobs().find(key)
    if job is None or not job.finished:
        vectors, xy = run.embeddings.vectors, projection.xy
        session.start_in_background(
            lambda: (key, "Judging the map", lambda progress: mean_knn_recall(vectors, xy), True)
        )
        job = session.jobs().find(key)
    if job is not None and job.finished and job.error is None:
        st.markdown(summaries.map_honesty(projection, float(job.result), len(run.dataset)))
    st.caption("Another projection or another seed of the map: in the sidebar, under *Embeddings and map*.")


def _on_map_change(ids: tuple[str, ...]) -> None:
    """Take alpha, the bin and the image from the map when the user has changed them there: a callback of the map."""
    message = held_state(KEY)
    if not isinstance(message, dict):
        return
    changed = message.get("hand")
    changed = changed if isinstance(changed, list) else []  # all other values are only what the browser last received
    alpha, number, row = message.get("alpha"), message.get("bin"), message.get("row")
    if "alpha" in changed and isinstance(alpha, int | float):
        widget_sync.set_widgets(alpha=min(1.0, max(0.0, float(alpha))))
    if "bin" in changed:
        focus.focus_bin(number if isinstance(number, int) and number >= 0 else None)
    if "row" in changed:
        if row is None:
            focus.focus_image("")
        elif isinstance(row, int) and 0 <= row < len(ids):
            focus.focus_image(ids[row])
