"""The bins: sizes, classes, first and last images, gains, texture."""

import numpy as np
import streamlit as st

from app import session
from app.blocks import layout
from app.charts import bins as bin_charts
from app.charts import click_targets
from app.state import focus
from app.text import summaries

run = session.current_run()
session.require(run, "bins", "texture", "representativeness")
bins, data, dark, measured = run.bins, run.dataset, session.is_dark(), run.image_scores
name = summaries.measure_name(measured)

capacity = bins.capacity
pooled = run.settings.pool == "all"
layout.numbers(
    {
        "bins": f"{bins.n_bins}",
        "images a bin": f"{capacity.min():,}" + (f" to {capacity.max():,}" if capacity.max() > capacity.min() else ""),
        "classes cut": "as one pool" if pooled else "one by one",
    }
)
st.markdown(summaries.texture_by_bin(bins, measured))

chosen = focus.bin_buttons(bins.n_bins)
left, right = st.columns(2, gap="large")
with left:
    st.subheader("Gain along the order", anchor=False)
    gain = bin_charts.gain_curve(bins, data, dark, pooled=pooled, chosen=chosen)
    layout.bin_chart(click_targets.order(gain, capacity, dark), "gain")
with right:
    st.subheader(f"{name.capitalize()} in each bin", anchor=False)
    layout.bin_chart(click_targets.boxes(bin_charts.texture_boxes(bins, measured, dark, chosen, name)), "texture")

rows = np.flatnonzero(bins.bin_of == chosen)
rows = rows[np.argsort(layout.place_in_class(run)[rows], kind="stable")]
first, last = st.columns(2, gap="large")
with first:
    st.subheader(f"First images of bin {chosen}", anchor=False)
    layout.images(run, rows[:24], by_bin=True)
with last:
    st.subheader(f"Last images of bin {chosen}", anchor=False)
    layout.images(run, rows[::-1][:24], by_bin=True)

st.subheader("Classes in each bin", anchor=False)
layout.bin_chart(
    click_targets.mark(click_targets.cells(bin_charts.bin_classes(bins, data, dark)), chosen, dark, "above"),
    "bin-classes",
)

layout.how_to_read(
    "The greedy choice takes, again and again, the image with the largest **gain**: close to what is left of its "
    "class, far from what was taken (GraphCut). The first bins so hold the most central images, the last ones the "
    "outliers. A bin begins anew on what is left, which is why the gain jumps at every bin.\n\n"
    "*First* and *last* go by place in the class divided by the size of the class, so that small classes are not "
    "always last. Two runs of the published selector with other seeds put 44% of the images in the same bin and "
    "81% within one bin of it: read a bin as a region, not as a verdict on one image.\n\n"
    "Boxes show the middle half of a bin's images, whiskers 5% to 95%. A click on a bin in any chart picks it in "
    "every view."
)
