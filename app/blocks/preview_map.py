"""The map of a page before the embedding exists: colours of the thumbnails first, then PCA, then the map itself."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.progress import Progress
from adq_core.projection import preview
from adq_core.records import Projection
from app import session
from app.blocks import layout
from app.charts import class_map

BATCH = 1024
CAPTION = "First map, by the colours of the images. The map by similar contents replaces it when it is computed."


def preview_now(run: Run) -> Projection | None:
    """Return the map by the colours of the thumbnails while the embedding is missing; None if the embedding exists.

    Also None for a set of vectors, which has no thumbnails. The caller draws it and then calls `session.require`,
    which starts the missing stages and draws their progress.
    """
    data = run.dataset
    if not data.has_images or run.ready("embeddings"):
        return None
    key = derive_key("preview", data.key)

    def work(progress: Progress) -> Projection:
        return preview(data.thumbnail_batches(BATCH), len(data), key=key, progress=progress)

    found: Projection = session.compute_cached(key, "Computing a first map", work)
    return found


def draw_preview(run: Run, key: str) -> None:
    """Draw the map by the colours of the thumbnails, if the embedding is missing; else draw nothing."""
    projection = preview_now(run)
    if projection is None:
        return
    data = run.dataset
    figure = class_map.class_map(projection, data.labels, data.class_names, layout.current_theme())
    layout.chart(figure, key, is_map=True)
    st.caption(CAPTION)
