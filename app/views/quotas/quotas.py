"""alpha and keep ratio, the map with the chosen images lit, quotas against capacities."""

import numpy as np
import streamlit as st

from adq_core.errors import SettingsError
from app import session
from app.blocks import layout
from app.charts import click_targets
from app.charts import quotas as quota_charts
from app.pages import script
from app.state import focus, keep_ratio, page_widgets
from app.text import explanations, summaries
from app.views.quotas import lasso, quota_map

run = session.current_run()
keep_ratio.inputs(run)
session.require(run, "scores", "draw_order")
quotas, selection, bins, data, dark = run.quotas, run.selection, run.bins, run.dataset, session.is_dark()

projection = session.projection_now(run)
state, store = quota_map.quota_map(run, projection)
if (row := focus.row_in_focus(data)) is not None:
    with st.container(key="why-here"), st.container(key="picture-first"):
        picture, words, way = st.columns([1, 9, 2], vertical_alignment="center")
    with picture:
        layout.picture(run, row)
    words.markdown(
        f"**{layout.describe(run, row, with_bin=True)}**  \n"
        + explanations.why(row, bins, selection, quota_map.table_of(run), quotas.quota)
    )
    way.page_link(script("image"), label="Show this image", icon=":material/image_search:")
lasso.below(run, *quota_map.lassoed(run, state, store, projection))

quota_map.map_quality(run, projection)

# Below the map: what changes its height above it would move the map under the hand.
layout.numbers(
    {
        "chosen": f"{int(quotas.quota.sum()):,} of {len(data):,} {data.kind}",
        "keep ratio reached": summaries.percent(quotas.reached_keep_ratio),
    }
)
for note in quotas.notes:
    st.markdown(f":material/info: {note}")
table, picked = quota_map.table_of(run), focus.bin_in_focus(bins.n_bins)

st.subheader("Beside another rule", anchor=False)
other = session.with_settings(run, rule="uniform").quotas
try:
    other = session.with_settings(run, rule=page_widgets.choice("beside", "Compare with the rule")).quotas
except SettingsError as refusal:  # the published code's rule does not fit every set of bins
    st.markdown(f":material/info: {refusal} Compared with the uniform rule instead.")
st.markdown(summaries.against(quotas, other))
if other.rule != "uniform":
    for note in other.notes:
        st.markdown(f":material/info: {note}")

left, right = st.columns(2, gap="large")
with left:
    st.subheader(f"Quotas by {quotas.rule} and by {other.rule}", anchor=False)
    bars = click_targets.mark(quota_charts.quota_bars(quotas, other, dark), picked, dark)
    layout.bin_chart(bars, "quota-bars")
with right:
    st.subheader("Quotas over alpha", anchor=False)
    layout.bin_chart(click_targets.lines(quota_charts.quota_lines(table, run.settings.alpha, dark)), "quota-lines")
st.markdown(quota_charts.surplus(quotas) or "No bin would give more than it has, so nothing had to be capped.")
st.dataframe(
    quota_charts.accounts(quotas, other).style.format({"difference": summaries.signed}),
    hide_index=True,
    height="content",
    column_config={
        "target": st.column_config.NumberColumn(format="%.2f", help="What the rule gives before capping and rounding."),
        "capped": st.column_config.NumberColumn(format="%.2f", help="Of the target, what is more than the bin has."),
        "came here": st.column_config.NumberColumn(format="%.2f", help="Of what was capped elsewhere."),
        "of the bin": st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
    },
)
st.subheader("How much alpha matters here", anchor=False)
st.markdown(quota_charts.alpha_matters(table))
layout.chart(quota_charts.sensitivity_bars(table, run.settings.alpha, dark), "sensitivity")

chosen = focus.bin_buttons(bins.n_bins)
order = np.flatnonzero(bins.bin_of == chosen)
order = order[np.argsort(selection.draw_position[order], kind="stable")]
quota = int(quotas.quota[chosen])
st.subheader(f"Bin {chosen}: {quota:,} of {len(order):,} images", anchor=False)
shown = order[: quota + 12] if quota <= 48 else order[quota - 48 : quota + 12]
layout.images(run, shown, by_bin=True, faded=~selection.selected[shown])
st.caption(
    ("" if quota <= 48 else "The last 48 that are in. ")
    + "Faded: the next ones that would come in if this bin could give more."
)

layout.how_to_read(
    f"Rule *{quotas.rule}*: every bin gets the share r = alpha × importance + (1 − alpha) × bin size, where importance "
    "is IS scaled to sum to 1, and r is turned into whole images that sum to the keep ratio exactly and never exceed "
    "a bin. **alpha 0** takes the same share of every bin, **alpha 1** goes by importance alone; the paper found 0.6 "
    "to 0.7 best.\n\n"
    "Inside a bin the images have one fixed order, balanced over the classes, and a quota takes the first ones: a "
    "larger keep ratio only ever adds images. Dashes mark what each bin would give under the rule beside it.\n\n"
    "On the map alike images lie near each other; distances between far groups mean little. Bins lie over one another, "
    "for every class has images in every bin: the switch shows one map a bin."
)
