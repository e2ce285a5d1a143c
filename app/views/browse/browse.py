"""All images of the data set in one scrolling grid, beside the map."""

import numpy as np
import streamlit as st

from app import session
from app.blocks import filter_bar, layout, quota_map
from app.state import page_widgets
from app.views.browse import grid, marked

run = session.current_run()
if not grid.is_scored(run):  # the images are shown at once, their bins and the selection when they are computed
    session.start_in_background(lambda: session.next_work(run, grid.SCORED))
shown = filter_bar.bar(run)
with st.container(horizontal=True, vertical_alignment="bottom"):
    column, descending = page_widgets.sorting(grid.sort_labels(run))
    has_map = grid.is_scored(run) and page_widgets.map_switch()
rows = grid.in_order(run, shown, column, descending=descending)

if has_map:
    with st.container(key="wide-columns-map"):
        left, right = st.columns([3, 2], gap="medium")
    with right:
        store, projection = quota_map.prepared_map(run, session.projection_now(run))
        quota_map.quota_map(run, store, shown.mask)
else:
    left = st.container()
with left:
    event = grid.draw(run, rows)
numbers = {"shown": f"{len(rows):,} of {len(run.dataset):,} {run.dataset.kind}"}
if grid.is_scored(run):
    numbers["selected of them"] = f"{int(run.selection.selected[rows].sum()):,}"
numbers |= {"classes": f"{len(np.unique(run.dataset.labels[rows])):,}", "marked": f"{event.marked.size:,}"}
layout.number_row(numbers)
if grid.is_scored(run):
    marked.section(run, event.marked)

layout.how_to_read(
    "A framed tile with a filled corner is selected; when you move **alpha** on the map, the frames change with it. A "
    "tick is your own mark: mark images to save them as a selection or to copy their ids. Marks stay when you sort, "
    "filter, or open another page, until you clear them or close the tab.\n\n"
    "The image under the pointer has a ring on the map, and the point under the pointer on the map has a ring in the "
    "grid if it is in sight. A click on the map brings its image into sight. Tiles show the centred square of an image."
)
