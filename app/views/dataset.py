"""Pick a set or bring one; its classes, its images, and what was left out."""

import pandas as pd
import streamlit as st

from app import session
from app.blocks import layout, upload
from app.charts import bins as bin_charts

upload.picker()

run = session.current_run()
data = run.dataset

heights, widths = data.sizes[:, 0], data.sizes[:, 1]
one_size = bool((data.sizes == data.sizes[0]).all())
counts = data.class_counts[data.class_counts > 0]
pixels = f"{widths[0]} × {heights[0]}"
if not one_size:
    pixels = f"{widths.min()} × {heights.min()} to {widths.max()} × {heights.max()}"
shape = {"pixels": pixels} if data.vectors is None else {"numbers a vector": f"{data.vectors.shape[1]:,}"}
layout.numbers(
    {
        data.kind: f"{len(data):,}",
        "classes": f"{data.n_classes:,}",
        f"{data.kind} a class": f"{counts.min():,}" + (f" to {counts.max():,}" if counts.max() > counts.min() else ""),
        **shape,
        "left out": f"{len(data.skipped):,}",
    }
)
st.markdown(f"**{data.name}.** {data.about}")

if data.skipped:
    st.subheader("Left out", anchor=False)
    st.dataframe(
        pd.DataFrame([(item.id, item.reason) for item in data.skipped], columns=["file", "reason"]),
        hide_index=True,
        height="content" if len(data.skipped) <= 8 else 320,
    )

st.subheader("Classes", anchor=False)
layout.chart(bin_charts.class_sizes(data, session.is_dark()), "class-sizes")

st.subheader(data.kind.capitalize(), anchor=False)
layout.sample_of_classes(run)

layout.how_to_read(
    "Images are shown as thumbnails of 64 × 64; everything is computed from the decoded originals. Files that cannot "
    "be read are left out and listed with the reason; they never stop a run. Every image keeps one id (its path inside "
    "the set, or its number in an array), and exports name images by it.\n\n"
    "Classes of very different size matter: bins are cut class by class, so the smallest class limits the number of "
    "bins."
)
