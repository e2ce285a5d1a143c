"""Bins: gains, texture, first and last images, classes."""

import numpy as np
import streamlit as st

from adq_core.settings_check import small_class_notes
from app import session
from app.blocks import as_code, filter_bar, layout
from app.charts import bins as bin_charts
from app.charts import click_targets
from app.state import focus
from app.text import summaries
from app.text.markdown import escape

run = session.current_run()
session.require(run, "bins", "texture", "representativeness")
bins, data, theme, scores = run.bins, run.dataset, layout.current_theme(), run.image_scores
measure = summaries.measure_name(scores)

capacity = bins.capacity
pooled = run.settings.pool == "all"
sizes = f"{capacity.min():,}" + (f" to {capacity.max():,}" if capacity.max() > capacity.min() else "")
layout.number_row(
    {"bins": f"{bins.n_bins}", "images per bin": sizes, "pool of the bins": "all images" if pooled else "one class"}
)
st.markdown(summaries.texture_by_bin(bins, scores))
for note in small_class_notes(run.settings, data):
    st.markdown(f":material/info: {escape(note)}")
shown = filter_bar.bar(run)
number = focus.bin_buttons(bins.n_bins)
left, right = st.columns(2, gap="large")
with left:
    st.header("Gain along the greedy order", anchor=False)
    gain = bin_charts.gain_curve(bins, data, theme, pooled=pooled, selected=number)
    layout.bin_chart(click_targets.add_targets_to_gain(gain, capacity, theme), "gain")
with right:
    st.header(f"{measure.capitalize()} in each bin", anchor=False)
    boxes = bin_charts.texture_boxes(bins, scores, theme, number, measure)
    layout.bin_chart(click_targets.add_targets_to_boxes(boxes), "texture")

rows = shown.of(np.flatnonzero(bins.bin_of == number))
rows = rows[np.argsort(layout.position_in_class(run)[rows], kind="stable")]
first, last = st.columns(2, gap="large")
with first:
    st.header(f"First images of bin {number}", anchor=False)
    layout.images(run, rows[:24], by_bin=True)
with last:
    st.header(f"Last images of bin {number}", anchor=False)
    layout.images(run, rows[::-1][:24], by_bin=True)

st.header("Classes in each bin", anchor=False)
grid = click_targets.add_targets_to_cells(bin_charts.bin_classes(bins, data, theme))
layout.bin_chart(click_targets.highlight_bin(grid, number, theme, "above"), "bin-classes")

as_code.copy_code(run.settings)
layout.how_to_read(
    "The greedy algorithm repeatedly takes the image with the largest **gain** (GraphCut). The gain is high for an "
    "image that is similar to the remaining images of its class and different from the images already in the bin. So "
    "the first bins hold the most typical images and the last bins the outliers. Each bin starts with the images that "
    "remain, so the gain jumps at the start of every bin.\n\n"
    "*First* and *last* refer to the position in the class divided by the size of the class, so that small classes are "
    "not always last. Two runs of the published selector with different seeds put 44% of the images into the same bin "
    "and 81% into the same or a neighbouring bin: interpret a bin as a region, not as a property of a single image.\n\n"
    "Boxes show the middle half of the images of a bin, whiskers 5% to 95%. Click a bin in any chart to select it on "
    "every page."
)
