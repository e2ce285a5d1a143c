"""One image: why it is in or out, what would have to be otherwise, what stands in for it, its possible duplicates."""

import numpy as np
import streamlit as st

from adq_core.quotas import smallest_subset_sizes, target_size_of
from app import session
from app.blocks import layout
from app.charts import image as image_charts
from app.charts import palette
from app.images import single as single_image
from app.images import vector_tiles
from app.state import focus
from app.text import explanations, summaries
from app.views.image import lookup
from app.views.quotas import quota_map

SHOWN = 12

run = session.current_run()
session.require(run, "scores", "draw_order", "embeddings")
data, bins, quotas, selection, dark = run.dataset, run.bins, run.quotas, run.selection, session.is_dark()

typed = focus.image_text()
rows, exact = focus.find_rows(data, typed)
row = int(rows[0]) if rows.size else lookup.first_shown(run, focus.bin_in_focus(bins.n_bins) or 0)
number, label = int(bins.bin_of[row]), int(data.labels[row])
in_bin, in_class = lookup.draw_order_of(run, number), lookup.class_order_of(run, row)
place, quota = int(selection.draw_position[row]), int(quotas.quota[number])

search, steps = st.columns([2, 5], vertical_alignment="bottom", gap="medium")
with search:
    focus.image_search()
with steps, st.container(horizontal=True):
    before, after = lookup.beside(in_bin, row)
    lookup.step("Previous in bin", before, data, "arrow_back", "P")
    lookup.step("Next in bin", after, data, "arrow_forward", "N")
    before, after = lookup.beside(in_class, row)
    lookup.step("Previous in class", before, data, "skip_previous")
    lookup.step("Next in class", after, data, "skip_next")
if typed and not rows.size:
    st.markdown(
        f":material/info: No id here contains “{typed}”; ids look like “{data.ids[0]}”. "
        f"Shown instead: the last image that bin {number} gives."
    )
elif typed and not exact and rows.size > 1:
    lookup.suggest(data, rows)

order_of = "the set" if run.settings.pool == "all" else "its class"
size = {"pixels": "{1} × {0}".format(*data.sizes[row])}
if data.vectors is not None:
    size = {"numbers": f"{data.vectors.shape[1]:,}"}
layout.numbers(
    {
        "now": "in" if selection.selected[row] else "out",
        "class": data.class_names[label],
        **size,
        "bin": f"{number}",
        "place in the bin's order": f"{place + 1:,} of {len(in_bin):,}",
        "the bin gives": f"{quota:,}",
        f"pick in {order_of}": f"{int(bins.rank[row]) + 1:,} of {len(in_class):,}",
    }
)

seen = lookup.look(run, row)
with st.container(key="last-wide"):
    left, middle, right = st.columns([3, 3, 4], gap="large")
with left:
    st.subheader("The image" if data.has_images else "The vector", anchor=False)
    shown = data.read(row) if data.has_images else vector_tiles.pictures(data)[row]
    st.html(single_image.picture(shown, layout.describe(run, row, with_bin=True)))
with middle:
    measured = run.texture if data.has_images else run.image_scores
    name, value = summaries.measure_name(measured), float(measured.values[row])
    of_bin = lookup.percentile(measured.values[in_bin], value)
    st.subheader(f"Its {name}", anchor=False)
    told = (
        f"Mean {value:.3f}: more than {summaries.percent(of_bin)} of its bin and "
        f"{summaries.percent(lookup.percentile(measured.values, value))} of the set."
    )
    if data.has_images:
        texture = single_image.texture_picture(seen.texture)
        st.html(single_image.picture(texture, f"texture of {data.ids[row]}, mean {value:.3f}"))
        told += (
            f" Black is 0, white {single_image.WHITE:g}, the most there can be; brightness goes with the square root."
        )
    st.caption(told.removeprefix("Mean ") if not data.has_images else told)
with right:
    st.subheader("Why", anchor=False)
    table = quota_map.table_of(run)
    st.markdown(explanations.why(row, bins, selection, table, quotas.quota))
    st.html(single_image.place_strip(place, quota, len(in_bin), palette.bin_colours(bins.n_bins, dark)[number]))
    settings = run.settings
    counts = smallest_subset_sizes(
        run.scores.importance, quotas.capacity, rule=settings.rule, bin=number, place=place, alphas=table.alpha
    )
    asked = target_size_of(settings.rule, settings.keep_ratio, len(data))
    now = int(np.argmin(np.abs(table.alpha - settings.alpha)))
    st.markdown(explanations.from_which_count(counts, table.alpha, now, asked, len(data), settings.rule))

left, right = st.columns(2, gap="large")
with left:
    st.subheader(f"Gain along {order_of}", anchor=False)
    layout.chart(image_charts.gain_of_one(bins, row, in_class, dark, order_of), "gain-of-one")
with right:
    st.subheader("Where it is in", anchor=False)
    layout.chart(image_charts.entry_plane(table.alpha, counts, len(data), settings.alpha, asked, dark), "entry-plane")

around = lookup.ground(run)
kept = lookup.stand_ins(seen, selection.selected, row, SHOWN)
st.subheader("Kept images nearest to it" if selection.selected[row] else "What stands in for it", anchor=False)
if kept.size:
    cosine = float(seen.cosines[kept[0]])
    st.markdown(
        f"Its nearest kept image has a cosine of {cosine:.3f} with it; "
        f"{summaries.percent(around.more_alike(cosine))} of random pairs of this set are more alike."
    )
    lookup.alike(run, kept, seen)
else:
    st.markdown("No other image is kept.")

st.subheader("Possible duplicates", anchor=False)
same = lookup.duplicates(seen, around.duplicate, row)
st.markdown(explanations.duplicates(seen.twins, same, selection.selected, around.duplicate))
if same.size:
    lookup.alike(run, same[:SHOWN], seen)

layout.how_to_read(
    "An image is in when its place in its bin's draw order is among the first ones that the quota takes. **Where it is "
    "in** shows from how many images on that is so, at every alpha: above the line it is in. The numbers of images are "
    "exact: at one less it is out. Alpha goes in steps of 0.01, and between two steps anything may happen. Quotas "
    "never shrink when more is kept, so an image that is in stays in at every larger keep ratio.\n\n"
    "**Gain** is how much the greedy gained when it took the image: high is typical of what was left. It begins anew "
    "in every bin.\n\n"
    "**Cosine** compares the vectors of the embedding, 1 is the same direction. It calls alike what the network calls "
    "alike: pose and background may count more than the subject, and a mirrored or recoloured copy may be far off. How "
    "large a cosine must be to mean anything differs from set to set: so the share of random pairs stands beside it."
    "\n\n"
    "**Possible duplicates** have the same pixels, or are ten times nearer than images of this set usually are to "
    "their nearest (1 − cosine, median of 256 images). Bursts, crops of one picture and images that this embedding "
    "cannot tell apart land there too: look before you delete. Only images with a cosine of 0.999 or more are compared "
    "pixel by pixel."
)
