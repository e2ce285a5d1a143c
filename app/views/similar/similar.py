"""The images nearest to one image, by the cosine of their embeddings."""

import numpy as np
import streamlit as st

from adq_core.selection import most_similar_rows
from app import session
from app.blocks import filter_bar, layout
from app.images import sheet, single, vector_tiles
from app.images.sheet import Tile
from app.pages import script
from app.state import focus, page_widgets
from app.text import similar as texts
from app.text.format import class_label
from app.text.markdown import escape
from app.views.similar import query as queries

run = session.current_run()
session.require(run, "scores", "draw_order", "embeddings")
shown = filter_bar.bar(run)
data, selected = run.dataset, run.selection.selected
found = queries.current(run)
label = None if found.row is None else int(data.labels[found.row])

with st.container(key="last-wide"):
    picture, search, box = st.columns([2, 3, 3], gap="large")
with picture:
    about = found.name if found.row is None else layout.describe(run, found.row, with_bin=True)
    st.html(single.single_image(found.pixels, about))
with search:
    focus.image_search()
    st.markdown(f"**{escape(about)}**")
    if found.row is not None:
        st.page_link(script("image"), label="Show this image", icon=":material/image_search:")
with box:
    queries.picture_box(run)

cosines, pairs = queries.cosines_of(run, found), queries.usual_cosines(run)
with st.container(horizontal=True, vertical_alignment="bottom"):
    group = page_widgets.choice("similar_among", "Among")
    most = int(page_widgets.choice("similar_count", "Number of images"))
among = np.ones(len(data), np.bool_) if shown.mask is None else shown.mask.copy()
if found.row is not None:
    among[found.row] = False
if group == "selected":
    among &= selected
elif group != "all" and label is not None:
    among &= (data.labels == label) == (group == "own class")
rows = most_similar_rows(cosines, among, most)

st.header(f"The {len(rows):,} nearest of {int(among.sum()):,} images", anchor=False)
if rows.size:
    layout.number_row(texts.nearest_numbers(cosines, rows, data, label, selected))
st.markdown(f"{texts.nearest_sentence(cosines, rows, pairs)} {texts.classes_sentence(rows, data, label, selected)}")
if group in ("own class", "other classes") and label is None:
    st.caption("An uploaded picture has no class: all images are shown.")
names = [class_label(name) for name in data.class_names]
colour = layout.current_theme().bins(2)[0]
tiles = [
    Tile(
        caption=texts.caption(float(cosines[row]), names[data.labels[row]], is_selected=bool(selected[row])),
        title=f"cosine {cosines[row]:.4f}, distance {1 - cosines[row]:.4f} · "
        f"{'selected' if selected[row] else 'not selected'} · {layout.describe(run, row, with_bin=True)}",
        edge=colour if label is not None and data.labels[row] == label else None,
        image=data.ids[row],
    )
    for row in rows.tolist()
]
st.html(sheet.gallery(np.ascontiguousarray(vector_tiles.thumbnails_or_tiles(data)[rows]), tiles, 96))
st.caption(
    "Below each image: its cosine, ✓ if it is selected, its class."
    + (" A line under an image: it has the class of the searched image." if label is not None else "")
)

layout.how_to_read(
    "The cosine compares the embedding vectors of two images; 1 means the same direction. The distance is 1 minus the "
    "cosine. The search compares the image with every image of the set, so nothing is missed. What the network "
    "considers similar may depend on pose and background more than on the subject.\n\n"
    "Nearest images of *other classes* with a high cosine are worth a look: one of the two labels may be wrong. An "
    "uploaded picture gets its vector from the same network, prepared in the same way as the images of the set; if "
    "the embedding uses principal components, their axes are computed again for the first picture."
)
