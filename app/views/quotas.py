"""alpha and keep ratio, the map with the chosen images lit, quotas against capacities."""

import numpy as np
import streamlit as st

from adq_core.errors import SettingsError
from app import charts, findings, frame, pieces, quota_map, reasons, sidebar
from app.bin_map import rows_inside

sidebar.hide("alpha")  # the map has its own
sidebar.mirror("keep_ratio")

run = frame.current_run()
frame.need(run, "scores", "draw_order")
quotas, selection, bins, data, dark = run.quotas, run.selection, run.bins, run.dataset, frame.is_dark()

projection = frame.projection_now(run)
state, store = quota_map.quota_map(run, projection)
if state.row is not None:
    picture, words = st.columns([1, 6], vertical_alignment="center")
    picture.image(data.read(state.row), width="stretch")
    words.markdown(
        f"**{pieces.describe(run, state.row, with_bin=True)}**  \n"
        + reasons.why(state.row, bins, selection, quota_map.table_of(run), quotas.quota)
    )
    words.page_link("views/image.py", label="Show this image", icon=":material/image_search:")
inside = rows_inside(state.polygon, store.xy)
if state.polygon is not None:
    st.subheader(
        f"Inside the lasso: {inside.size:,} images, {int(selection.selected[inside].sum()):,} chosen", anchor=False
    )
if inside.size:
    st.markdown(reasons.inside(inside, data, bins))
    pieces.images(run, inside[:60], by_bin=True, faded=~selection.selected[inside[:60]])
    if inside.size > 60:
        st.caption(f"The first 60 of {inside.size:,}.")
    st.download_button("Download the list", reasons.listed(inside, data, bins, selection), "lasso.csv", "text/csv")

# Below the map: what changes its height above it would move the map under the hand.
pieces.numbers(
    {
        "chosen": f"{int(quotas.quota.sum()):,} of {len(data):,} images",
        "keep ratio reached": findings.percent(quotas.reached_keep_ratio),
        "with patches": f"{findings.percent(quotas.reached_keep_ratio * run.settings.patch_keep_ratio)} of all pixels",
    }
)
for note in quotas.notes:
    st.markdown(f":material/info: {note}")

st.subheader("Beside another rule", anchor=False)
other = frame.variant(run, rule="uniform").quotas
try:
    other = frame.variant(run, rule=sidebar.switch("beside")).quotas
except SettingsError as refusal:  # the published code's rule does not fit every set of bins
    st.markdown(f":material/info: {refusal} Compared with the uniform rule instead.")
st.markdown(findings.against(quotas, other))
if other.rule != "uniform":
    for note in other.notes:
        st.markdown(f":material/info: {note}")

left, right = st.columns(2, gap="large")
with left:
    st.subheader(f"Quotas by {quotas.rule} and by {other.rule}", anchor=False)
    pieces.chart(charts.quota_bars(quotas, other, dark), "quota-bars")
with right:
    st.subheader("Quotas over alpha", anchor=False)
    pieces.chart(charts.quota_lines(quota_map.table_of(run), run.settings.alpha, dark), "quota-lines")

chosen = sidebar.bin_picker(bins.n_bins)
order = np.flatnonzero(bins.bin_of == chosen)
order = order[np.argsort(selection.draw_position[order], kind="stable")]
quota = int(quotas.quota[chosen])
st.subheader(f"Bin {chosen}: {quota:,} of {len(order):,} images", anchor=False)
shown = order[: quota + 12] if quota <= 48 else order[quota - 48 : quota + 12]
pieces.images(run, shown, by_bin=True, faded=~selection.selected[shown])
st.caption(
    ("" if quota <= 48 else "The last 48 that are in. ")
    + "Faded: the next ones that would come in if this bin could give more."
)

pieces.how_to_read(
    f"Rule *{quotas.rule}*: every bin gets the share r = alpha × importance + (1 − alpha) × bin size, where importance "
    "is IS scaled to sum to 1, and r is turned into whole images that sum to the keep ratio exactly and never exceed "
    "a bin. **alpha 0** takes the same share of every bin, **alpha 1** goes by importance alone; the paper found 0.6 "
    "to 0.7 best.\n\n"
    "Inside a bin the images have one fixed order, balanced over the classes, and a quota takes the first ones: a "
    "larger keep ratio only ever adds images. Dashes mark what each bin would give under the rule beside it.\n\n"
    "On the map alike images lie near each other; distances between far groups mean little. Bins lie over one another, "
    "for every class has images in every bin: the switch shows one map a bin."
)
