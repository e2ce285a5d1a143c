"""Data set: choose or open one; its classes, its images, and the files that were skipped."""

import pandas as pd
import streamlit as st

from adq_core.errors import AdqError
from app import session
from app.blocks import filter_bar, layout, neighbours, own_columns, upload
from app.charts import bins as bin_charts
from app.text.markdown import escape

listed = upload.picker()
try:
    run = session.current_run()
except AdqError:
    if upload.listed() != listed:  # this run has refused an upload that is still on the page
        st.rerun()
    raise
data = run.dataset

heights, widths = data.sizes[:, 0], data.sizes[:, 1]
one_size = bool((data.sizes == data.sizes[0]).all())
counts = data.class_counts[data.class_counts > 0]
pixels = f"{widths[0]} × {heights[0]}"
if not one_size:
    pixels = f"{widths.min()} × {heights.min()} to {widths.max()} × {heights.max()}"
shape = {"pixels": pixels} if data.vectors is None else {"numbers per vector": f"{data.vectors.shape[1]:,}"}
per_class = f"{counts.min():,}" + (f" to {counts.max():,}" if counts.max() > counts.min() else "")
layout.number_row(
    {
        data.kind: f"{len(data):,}",
        "classes": f"{data.n_classes:,}",
        f"{data.kind} per class": per_class,
        **shape,
        "files skipped": f"{len(data.skipped):,}",
    }
)
st.markdown(f"**{escape(data.name)}.** {escape(data.description)} {escape(data.reading.other_files)}")

if data.skipped:
    st.header("Skipped files", anchor=False)
    st.dataframe(
        pd.DataFrame([(item.id, item.reason) for item in data.skipped], columns=["file", "reason"]),
        hide_index=True,
        height="content" if len(data.skipped) <= 8 else 320,
    )

neighbours.section(run)

if len(counts) > 1:
    st.header("Classes", anchor=False)
    layout.chart(bin_charts.class_sizes(data, layout.current_theme()), "class-sizes")

own_columns.section(run)

st.header(data.kind.capitalize(), anchor=False)
layout.sample_of_classes(run, filter_bar.bar(run).mask)

layout.how_to_read(
    "The page shows thumbnails of 64 × 64 pixels; all results are computed from the full images. Files that cannot be "
    "read are skipped and listed with the reason. Every image has one id (its path inside the set, or its number in an "
    "array), and exports identify images by this id and by an index. "
    f"{escape(data.reading.index)}\n\n"
    "By default each class is cut into bins separately, so the smallest class limits the number of bins."
)
