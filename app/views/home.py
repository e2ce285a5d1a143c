"""What this is, the data set in one picture, one finding in a sentence, where to go next."""

import numpy as np
import streamlit as st

from app import findings, frame, maps, pieces

CLASSES = 30  # of which images are shown

run = frame.current_run()
data = run.dataset
pieces.numbers({data.kind: f"{len(data):,}", "classes": f"{data.n_classes:,}", "bins": f"{run.settings.n_bins}"})
st.markdown(f"**{data.name}.** {data.about}")

picture, words = st.columns([3, 2], gap="large")
with picture:
    st.subheader("The set in one picture", anchor=False)
    projection = frame.projection_now(run)
    pieces.chart(maps.class_map(projection, data.labels, data.class_names, frame.is_dark()), "home-map", is_map=True)
    point = "an image" if data.has_images else "a vector"
    st.caption(f"Every point is {point}; alike ones lie near each other ({projection.method.upper()}).")
with words:
    st.subheader("Where to go next", anchor=False)
    st.page_link("views/quotas.py", label="Move alpha and watch the choice change", icon=":material/tune:")
    st.page_link("views/bins.py", label="See which images are typical and which are not", icon=":material/stacks:")
    st.page_link("views/dataset.py", label="Bring your own images", icon=":material/photo_library:")
    st.subheader("What stands out", anchor=False)
    frame.need(run, "scores")
    st.markdown(findings.texture_by_bin(run.bins, run.image_scores))
    st.markdown(findings.texture_by_class(data, run.image_scores))
    st.markdown(findings.against(run.quotas, frame.variant(run, rule="uniform").quotas))

st.subheader("The most typical image of each class, and the least", anchor=False)
first, last = [], []
for label in range(min(data.n_classes, CLASSES)):
    rows = np.flatnonzero(data.labels == label)
    if rows.size:
        rows = rows[np.argsort(run.bins.rank[rows], kind="stable")]
        first.append(rows[0])
        last.append(rows[-1])
st.caption("Taken first by the greedy choice")
pieces.images(run, first, by_bin=True)
st.caption("Taken last")
pieces.images(run, last, by_bin=True)
if data.n_classes > CLASSES:
    st.caption(f"The first {CLASSES} of {data.n_classes:,} classes.")

pieces.how_to_read(
    "The path has six stations, one view each: **images → vectors → bins → scores → quotas → the chosen subset**, and "
    "then the patches of each chosen image. The sidebar holds the settings; the address of the page holds them too, "
    "so a copied link opens the same view.\n\n"
    "The method is *Adaptive Dataset Quantization* (Li et al., AAAI 2025). Where its paper and its published code "
    "differ, the views say which one is used."
)
