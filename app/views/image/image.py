"""One image: why it is selected or not, settings that would change this, similar images, possible duplicates."""

import numpy as np
import streamlit as st

from adq_core.quotas import smallest_subset_sizes, target_size_of
from adq_core.selection import rows_of_bin
from adq_core.strategies import ADQ
from app import session
from app.blocks import as_code, filter_bar, hand_lists, layout, own_columns, reasons
from app.blocks.quota_steps import quotas_over_alpha
from app.charts import image as image_charts
from app.images import single, vector_tiles
from app.pages import script
from app.state import focus
from app.text import explanations, summaries
from app.text import strategies as strategy_text
from app.text.format import MAX_NAME, percent, shorten
from app.text.markdown import escape
from app.views.image import lookup

MAX_SIMILAR = 12  # images shown per gallery

run = session.current_run()
session.require(run, "scores", "draw_order", "embeddings")
data, bins, quotas, selection, theme = run.dataset, run.bins, run.quotas, run.selection, layout.current_theme()
is_adq = run.settings.strategy == ADQ

typed = focus.image_text()
rows, exact = focus.find_rows(data, typed)
row = int(rows[0]) if rows.size else lookup.default_row(run, focus.bin_in_focus(bins.n_bins) or 0)
number, label = int(bins.bin_of[row]), int(data.labels[row])
in_bin = rows_of_bin(bins.bin_of, run.draw_order.draw_position, number)
in_class = lookup.greedy_order_of(run, row)
position, quota = int(selection.draw_position[row]), int(quotas.quota[number])

shown = filter_bar.bar(run)
search, steps = st.columns([2, 5], vertical_alignment="bottom", gap="medium")
with search:
    focus.image_search()
with steps, st.container(horizontal=True):
    before, after = lookup.neighbours(lookup.with_row(shown.of(in_bin), in_bin, row), row)
    lookup.step("Previous in bin", before, data, "arrow_back", "P")
    lookup.step("Next in bin", after, data, "arrow_forward", "N")
    before, after = lookup.neighbours(lookup.with_row(shown.of(in_class), in_class, row), row)
    lookup.step("Previous in class", before, data, "skip_previous")
    lookup.step("Next in class", after, data, "skip_next")
if typed and not rows.size:
    st.markdown(
        f":material/info: No id contains “{escape(shorten(typed, MAX_NAME))}”. Ids look like “{escape(data.ids[0])}”. "
        f"The page shows the last selected image of bin {number} instead."
    )
elif typed and not exact and rows.size > 1:
    lookup.suggest(data, rows)

group = "the set" if run.settings.pool == "all" else "its class"
size = {"pixels": "{1} × {0}".format(*data.sizes[row])}
if data.vectors is not None:
    size = {"numbers": f"{data.vectors.shape[1]:,}"}
layout.number_row(
    {
        "state": "selected" if selection.selected[row] else "not selected",
        "class": data.class_names[label],
        **size,
        "bin": f"{number}",
        **(
            {"draw position in the bin": f"{position + 1:,} of {len(in_bin):,}", "quota of the bin": f"{quota:,}"}
            if is_adq
            else {"strategy": run.settings.strategy, "selected in the bin": f"{quota:,} of {len(in_bin):,}"}
        ),
        f"greedy position in {group}": f"{int(bins.rank[row]) + 1:,} of {len(in_class):,}",
    }
)
own_columns.values_of(run, row)

facts = lookup.facts_of(run, row)
with st.container(key="last-wide"):
    left, middle, right = st.columns([3, 3, 4], gap="large")
with left:
    st.header("The image" if data.has_images else "The vector", anchor=False)
    pixels = data.read(row) if data.has_images else vector_tiles.thumbnails_or_tiles(data)[row]
    st.html(single.single_image(pixels, layout.describe(run, row, with_bin=True)))
with middle:
    scores = run.texture if data.has_images else run.image_scores
    measure, value = summaries.measure_name(scores), float(scores.values[row])
    share_of_bin = lookup.percentile(scores.values[in_bin], value)
    share_of_set = lookup.percentile(scores.values, value)
    st.header(f"Its {measure}", anchor=False)
    if data.has_images:
        texture = single.texture_image(facts.texture)
        st.html(single.single_image(texture, f"texture of {data.ids[row]}, mean {value:.3f}"))
    st.caption(
        f"{'Mean' if data.has_images else 'Value'}: {value:.3f}, higher than {percent(share_of_bin)} of its bin and "
        f"{percent(share_of_set)} of the set."
        + (f" Black is 0, white is {single.WHITE:g} (the maximum), on a square-root scale." if data.has_images else "")
    )
with right:
    st.header("Why", anchor=False)
    st.markdown(reasons.reason_of(run, row))
    is_listed = run.has_lists and bool(run.hand_lists.always[row] or run.hand_lists.never[row])
    hand_lists.pick_buttons(run, np.array([row]), key="pick", puts_in_focus=True)
    if is_adq:
        table, settings = quotas_over_alpha(run), run.settings
        st.html(single.draw_position_bar(position, quota, len(in_bin), theme.bins(bins.n_bins)[number]))
        counts = smallest_subset_sizes(
            run.scores.importance,
            quotas.capacity,
            rule=settings.rule,
            bin=number,
            place=position,
            alphas=table.alpha,
            bounds=run.bounds,
        )
        target = target_size_of(settings.rule, settings.keep_ratio, len(data))
        step = int(np.argmin(np.abs(table.alpha - settings.alpha)))
        if not is_listed:
            st.markdown(explanations.smallest_subset(counts, table.alpha, step, target, len(data), settings.rule))
    else:
        st.caption(strategy_text.about(run.settings.strategy))

left, right = st.columns(2, gap="large")
with left:
    st.header(f"Gain in the greedy order of {group}", anchor=False)
    layout.chart(image_charts.gain_of_image(bins, row, in_class, theme, group), "gain-of-one")
if is_adq:
    with right:
        st.header("Where it is selected", anchor=False)
        figure = image_charts.smallest_subset_chart(table.alpha, counts, len(data), settings.alpha, target, theme)
        layout.chart(figure, "entry-plane")

baseline = lookup.baseline_of(run)
candidates = selection.selected if shown.mask is None else selection.selected & shown.mask
similar = lookup.similar_selected(facts, candidates, row, MAX_SIMILAR)
st.header("Most similar selected images", anchor=False)
if similar.size:
    cosine = float(facts.cosines[similar[0]])
    st.markdown(
        f"The most similar selected image has a cosine of {cosine:.3f} with this one. "
        f"{percent(baseline.share_more_similar(cosine))} of random pairs of this set are more similar."
    )
    lookup.similar_images(run, similar, facts)
    st.page_link(script("similar"), label="All images by similarity", icon=":material/search:")
else:
    st.markdown("No other image is selected." if shown.mask is None else "No other selected image matches the filter.")

st.header("Possible duplicates", anchor=False)
possible = lookup.possible_duplicates(facts, baseline.duplicate, row)
st.markdown(explanations.duplicates(facts.identical, possible, selection.selected, baseline.duplicate))
if possible.size:
    lookup.similar_images(run, possible[:MAX_SIMILAR], facts)

as_code.copy_code(run.settings, image=data.ids[row])
layout.how_to_read(
    (
        "An image is selected if its draw position is not above the quota of its bin. **Where it is selected** shows, "
        "for every alpha, the smallest number of selected images at which this image is one of them. These numbers are "
        "exact: with one image fewer it is not selected. Values between the 0.01 steps of alpha are not checked. "
        "Quotas never shrink when the keep ratio grows, so a selected image stays selected at every larger keep ratio."
        if is_adq
        else "**Why** says how the strategy treated this image. Bins and their scores are shown for every strategy."
    )
    + "\n\n"
    "**Gain** is the gain of the greedy algorithm when it took the image. A high gain means that the image is typical "
    "of the images that remained. It starts anew in every bin.\n\n"
    "**Cosine** compares embedding vectors; 1 means the same direction. What the network considers similar may depend "
    "on pose and background more than on the subject, and a mirrored or recoloured copy may have a low cosine. A high "
    "cosine means little in a set of similar images; therefore the page also shows the share of random pairs that are "
    "more similar.\n\n"
    "**Possible duplicates** have the same pixels, or are ten times closer to this image than images of this set "
    "usually are to their nearest neighbour (1 − cosine, median of 256 images). These can also be images of one burst, "
    "crops of one picture, or images that this embedding cannot distinguish: check them before you delete any. Only "
    "images with a cosine of 0.999 or more are compared pixel by pixel."
)
