"""The map by the colours of the thumbnails, which a page shows until the embedding is computed."""

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


def draw_preview(run: Run, key: str, until: tuple[str, ...] = ("embeddings",)) -> bool:
    """Draw the map by the colours of the thumbnails while a result of the stages `until` is missing.

    Return whether it is drawn: not for a set of vectors, which has no thumbnails. The page then calls
    `session.require`, which starts the missing stages, draws their progress and runs the page again.
    """
    data = run.dataset
    if not data.has_images or all(run.ready(stage) for stage in until):
        return False
    result = derive_key("preview", data.key)

    def work(progress: Progress) -> Projection:
        return preview(data.thumbnail_batches(BATCH), len(data), key=result, progress=progress)

    projection: Projection = session.compute_cached(result, "Computing a first map", work)
    figure = class_map.class_map(projection, data.labels, data.class_names, layout.current_theme())
    layout.chart(figure, key, is_map=True)
    st.caption(CAPTION)
    return True
