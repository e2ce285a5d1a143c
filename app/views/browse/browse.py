"""All images of the data set in one scrolling grid, beside the map."""

import numpy as np
import streamlit as st

from app import session
from app.blocks import layout, quota_map
from app.blocks.image_columns import SCORED, image_columns, is_scored
from app.state import page_widgets
from app.views.browse import grid, marked

run = session.current_run()
data = run.dataset
if not is_scored(run):  # the images are shown at once, their bins and the selection when they are computed
    session.start_in_background(lambda: session.next_work(run, SCORED))
columns = image_columns(run)
names = ["id", "class", *columns]
with st.container(horizontal=True, vertical_alignment="bottom"):
    column, descending = page_widgets.sorting("sort", names)
    has_map = is_scored(run) and page_widgets.switch("map", "Map beside the images")
rows = grid.sorted_rows(run, np.arange(len(data)), column if column in names else "id", descending=descending)

if has_map:
    with st.container(key="grid-and-map"):
        left, right = st.columns([3, 2], gap="medium")
    with right:
        store, projection = quota_map.prepared_map(run, session.projection_now(run))
        quota_map.quota_map(run, store)
else:
    left = st.container()
with left:
    event = grid.draw(run, rows)
if is_scored(run):
    marked.section(run, event.marked)

layout.how_to_read(
    "A framed tile with a filled corner is selected; when you move **alpha** on the map, the frames change with it. A "
    "tick is your own mark: mark images to save them as a selection or to copy their ids. Marks stay when you sort, "
    "filter, or open another page, until you clear them or close the tab.\n\n"
    "The image under the pointer has a ring on the map, and the point under the pointer on the map has a ring in the "
    "grid if it is in sight. A click on the map brings its image into sight. Tiles show the centred square of an image."
)
