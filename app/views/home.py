"""What this is, the data set in one picture, one finding in a sentence, where to go next."""

import numpy as np
import streamlit as st

from app import session
from app.blocks import layout
from app.charts import class_map
from app.pages import script
from app.text import summaries

CLASSES = 30  # of which images are shown

run = session.current_run()
data = run.dataset
layout.numbers({data.kind: f"{len(data):,}", "classes": f"{data.n_classes:,}", "bins": f"{run.settings.n_bins}"})
st.markdown(f"**{data.name}.** {data.about}")

picture, words = st.columns([3, 2], gap="large")
with picture:
    st.subheader("The set in one picture", anchor=False)
    projection = session.projection_now(run)
    layout.chart(
        class_map.class_map(projection, data.labels, data.class_names, session.is_dark()), "home-map", is_map=True
    )
    point = "an image" if data.has_images else "a vector"
    st.caption(f"Every point is {point}; alike ones lie near each other ({projection.method.upper()}).")
with words:
    st.subheader("Where to go next", anchor=False)
    st.page_link(script("quotas"), label="Move alpha and watch the choice change", icon=":material/tune:")
    st.page_link(script("bins"), label="See which images are typical and which are not", icon=":material/stacks:")
    st.page_link(script("dataset"), label="Bring your own images", icon=":material/photo_library:")
    st.subheader("What stands out", anchor=False)
    session.require(run, "scores")
    st.markdown(summaries.texture_by_bin(run.bins, run.image_scores))
    st.markdown(summaries.texture_by_class(data, run.image_scores))
    st.markdown(summaries.against(run.quotas, session.with_settings(run, rule="uniform").quotas))

st.subheader("The most typical image of each class, and the least", anchor=False)
first, last = [], []
for label in range(min(data.n_classes, CLASSES)):
    rows = np.flatnonzero(data.labels == label)
    if rows.size:
        rows = rows[np.argsort(run.bins.rank[rows], kind="stable")]
        first.append(rows[0])
        last.append(rows[-1])
st.caption("Taken first by the greedy choice")
layout.images(run, first, by_bin=True)
st.caption("Taken last")
layout.images(run, last, by_bin=True)
if data.n_classes > CLASSES:
    st.caption(f"The first {CLASSES} of {data.n_classes:,} classes.")

layout.how_to_read(
    "The path has six stages, one view each: **images → vectors → bins → scores → quotas → the chosen subset**, and "
    "then the patches of each chosen image. The sidebar holds the settings; the address of the page holds them too, "
    "so a copied link opens the same view.\n\n"
    "The method is *Adaptive Dataset Quantization* (Li et al., AAAI 2025). Where its paper and its published code "
    "differ, the views say which one is used."
)
