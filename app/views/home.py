"""Home: the data set on a map, results in one sentence each, and links to the next pages."""

import numpy as np
import streamlit as st

from app import session
from app.blocks import evidence, filter_bar, group_maps, layout
from app.pages import script
from app.text import summaries
from app.text.markdown import escape

MAX_CLASSES = 30  # classes of which images are shown
ONLY_CLASS_IMAGES = 12  # images shown if all have one class: one row on a wide screen
TYPICAL_OF_CLASSES = "The most and the least typical image of each class"

run = session.current_run()
data = run.dataset
layout.number_row({data.kind: f"{len(data):,}", "classes": f"{data.n_classes:,}", "bins": f"{run.settings.n_bins}"})
st.markdown(f"**{escape(data.name)}.** {escape(data.description)}")
shown = filter_bar.bar(run)

left, right = st.columns([3, 2], gap="large")
with left:
    st.header("Map of the data set", anchor=False)
    with st.container():  # always here: a progress bar that ends does not move the map
        preview = session.first_map(run)
        projection = preview or session.projection_now(run)
    group_maps.class_map(run, projection, shown.mask)
    point = "an image; similar images" if data.has_images else "a vector; similar vectors"
    if preview is not None:
        st.caption(
            "A first map by the colours of the images. The map of the embedding replaces it when it is computed."
        )
    else:
        st.caption(f"Each point is {point} are close to each other ({projection.method.upper()}).")
with right:
    st.header("Next steps", anchor=False)
    st.page_link(script("quotas"), label="Change alpha and see the selection change", icon=":material/tune:")
    st.page_link(script("bins"), label="See typical images and outliers", icon=":material/stacks:")
    st.page_link(script("dataset"), label="Open your own images", icon=":material/photo_library:")
    st.page_link(script("evidence"), label="Is it better than random?", icon=":material/balance:")
    st.header("Results", anchor=False)
    session.require(run, "scores", "strategy_draw")
    if (known := evidence.if_known(run)) is not None and run.settings.keep_ratio in known.keep_ratios:
        evidence.verdict(known, float(run.settings.keep_ratio), run.settings.strategy)
    st.markdown(summaries.texture_by_bin(run.bins, run.image_scores))
    st.markdown(summaries.texture_by_class(data, run.image_scores))
    uniform = session.with_settings(run, strategy="adq", rule="uniform").quotas
    st.markdown(summaries.compare_quotas(run.quotas, uniform))

one_class = data.n_classes == 1
header = f"The most and the least typical {data.kind}" if one_class else TYPICAL_OF_CLASSES
st.header(header, anchor=False)
per_class = max(1, min(ONLY_CLASS_IMAGES, len(data) // 2)) if one_class else 1
first: list[int] = []
last: list[int] = []
present = np.unique(data.labels[shown.of(np.arange(len(data)))])
for label in present[:MAX_CLASSES]:
    rows = shown.of(np.flatnonzero(data.labels == label))
    rows = rows[np.argsort(run.bins.rank[rows], kind="stable")]
    first.extend(rows[:per_class])
    last.extend(rows[::-1][:per_class])
st.caption("First in the greedy order (most typical)")
layout.images(run, first, by_bin=True)
st.caption("Last in the greedy order (least typical)")
layout.images(run, last, by_bin=True)
if len(present) > MAX_CLASSES:
    st.caption(f"The first {MAX_CLASSES} of {len(present):,} classes.")

layout.how_to_read(
    "The method has six steps, with one page each: **images → vectors → bins → scores → quotas → selected subset**. "
    "After that, patches are selected within each selected image. The sidebar has the settings. The address of the "
    "page contains them too, so a copied link opens the same page with the same settings.\n\n"
    "The method is *Adaptive Dataset Quantization* (Li et al., AAAI 2025). Where the paper and its published code "
    "differ, the pages say which one is used."
)
