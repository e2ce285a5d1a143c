"""Quotas: alpha and keep ratio, the map with the selected images highlighted, quotas and capacities."""

import streamlit as st

from adq_core.errors import SettingsError
from adq_core.selection import rows_of_bin
from adq_core.strategies import ADQ
from app import session
from app.blocks import as_code, filter_bar, layout, quota_map, reasons
from app.blocks.quota_steps import quotas_over_alpha
from app.charts import click_targets
from app.charts import quotas as quota_charts
from app.pages import script
from app.state import focus, keep_ratio, page_widgets
from app.text import quotas as quota_texts
from app.text import strategies as strategy_text
from app.text import summaries
from app.text.format import percent, signed
from app.text.markdown import escape
from app.text.setting_names import error_text
from app.views.quotas import lasso

run = session.current_run()
keep_ratio.inputs(run)
session.require(run, "scores", "draw_order")
quotas, selection, bins, data, theme = run.quotas, run.selection, run.bins, run.dataset, layout.current_theme()
table, strategy = quotas_over_alpha(run), run.settings.strategy
is_adq = strategy == ADQ
shown = filter_bar.bar(run)

with st.container():  # always here: if a progress bar moved the map, the browser would remount it and lose the focus
    store, projection = quota_map.prepared_map(run, session.projection_now(run))
state = quota_map.quota_map(run, store, shown.mask)
if (row := focus.row_in_focus(data)) is not None:
    with st.container(key="why-here"), st.container(key="picture-first"):
        picture, explanation, link = st.columns([1, 9, 2], vertical_alignment="center")
    with picture:
        layout.image(run, row)
    explanation.markdown(f"**{escape(layout.describe(run, row, with_bin=True))}**  \n" + reasons.reason_of(run, row))
    link.page_link(script("image"), label="Show this image", icon=":material/image_search:")
lasso.lasso_section(run, shown, *quota_map.lassoed(run, state, store, projection))

quota_map.map_quality(run, projection)

# Below the map: if a widget above it changed its height, the map would move while the user drags on it.
layout.number_row(
    {
        "selected": f"{int(quotas.quota.sum()):,} of {len(data):,} {data.kind}",
        "keep ratio reached": percent(quotas.reached_keep_ratio),
    }
)
for note in quotas.notes:
    st.markdown(f":material/info: {escape(note)}")
if not is_adq:
    st.markdown(
        f":material/info: The strategy is {strategy_text.shown_name(strategy)}. {strategy_text.bins_sentence(strategy)}"
    )
number = focus.bin_in_focus(bins.n_bins)

st.header("Compare with another rule" if is_adq else "Compare with the quotas of ADQ", anchor=False)
other = session.with_settings(run, strategy=ADQ, rule="uniform").quotas
try:
    beside = page_widgets.choice("beside", "Compare with the rule")
    other = session.with_settings(run, strategy=ADQ, rule=beside).quotas
except SettingsError as refusal:  # the rule of the published code does not accept every set of bins
    st.markdown(f":material/info: {escape(error_text(refusal))} The page shows the uniform rule instead.")
st.markdown(summaries.compare_quotas(quotas, other))
if other.rule != "uniform":
    for note in other.notes:
        st.markdown(f":material/info: {escape(note)}")

left, right = st.columns(2, gap="large")
with left:
    st.header(f"{'Quotas' if is_adq else 'Images per bin'} by {quotas.rule} and by {other.rule}", anchor=False)
    bars = click_targets.highlight_bin(quota_charts.quota_bars(quotas, other, theme), number, theme)
    layout.bin_chart(bars, "quota-bars")
with right:
    if is_adq:
        st.header("Quotas over alpha", anchor=False)
        lines = quota_charts.quota_lines(table, run.settings.alpha, theme)
        layout.bin_chart(click_targets.add_targets_to_lines(lines), "quota-lines")
    else:
        st.header("The strategy", anchor=False)
        st.markdown(strategy_text.about(strategy))
if is_adq:
    st.markdown(quota_texts.surplus(quotas))
st.dataframe(
    quota_charts.quotas_by_bin(quotas, other).style.format({"difference": signed}),
    hide_index=True,
    height="content",
    column_config={
        "target": st.column_config.NumberColumn(format="%.2f", help="Result of the rule before capping and rounding."),
        "capped": st.column_config.NumberColumn(format="%.2f", help="Part of the target above the capacity."),
        "received": st.column_config.NumberColumn(format="%.2f", help="Surplus received from full bins."),
        "share of bin": st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
    },
)
if is_adq:
    st.header("Effect of alpha", anchor=False)
    st.markdown(quota_texts.alpha_effect(table))
    layout.chart(quota_charts.sensitivity_bars(table, run.settings.alpha, theme), "sensitivity")

number = focus.bin_buttons(bins.n_bins)
rows = rows_of_bin(bins.bin_of, selection.draw_position, number)
quota = int(quotas.quota[number])
st.header(f"Bin {number}: {quota:,} of {len(rows):,} images selected", anchor=False)
near = shown.of(rows[: quota + 12] if quota <= 48 else rows[quota - 48 : quota + 12])
layout.images(run, near, by_bin=True, faded=~selection.selected[near])
st.caption(
    ("" if quota <= 48 else "The last 48 selected images. ")
    + (
        "Faded images are not selected"
        + ("; they are the next ones if the quota of this bin increases." if is_adq else ".")
    )
)

map_note = (
    "\n\nOn the map similar images are close to each other; distances between distant groups mean little. Bins "
    "overlap, because every class has images in every bin: the switch shows one map per bin."
)
as_code.copy_code(run.settings)
if not is_adq:
    layout.how_to_read(
        f"{strategy_text.about(strategy)} Bars show how many of its images are in each bin, dashes the quotas of ADQ "
        f"with the rule that you compare with.{map_note}"
    )
    st.stop()
layout.how_to_read(
    f"Rule *{quotas.rule}* (see the page *The method* for all rules). The default rule *budget* gives every bin the "
    "share r = alpha × importance + (1 − alpha) × bin size. Importance is IS scaled to sum to 1. The shares are "
    "rounded to whole images that sum to the keep ratio exactly and never exceed the capacity of a bin. **alpha 0** "
    "selects the same share of every bin, **alpha 1** uses importance only; the paper recommends 0.6 to 0.7.\n\n"
    "Inside a bin the images have one fixed draw order, balanced over the classes, and a quota selects the first ones: "
    f"a larger keep ratio only adds images. Dashes mark the quotas of the rule that you compare with.{map_note}"
)
