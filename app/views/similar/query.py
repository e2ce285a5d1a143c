"""The image whose neighbours the page shows: an image of the data set, or a picture that the user has uploaded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from adq_core import Run
from adq_core.digests import derive_key
from adq_core.embeddings import ImageEncoder, image_encoder
from adq_core.errors import AdqError
from adq_core.models import is_backbone
from adq_core.progress import Progress
from adq_core.records import Floats, Image
from adq_core.selection import cosines_to, cosines_with, random_pair_cosines
from app import access, session
from app.images import vector_tiles
from app.state import focus
from app.text.markdown import escape
from app.uploads import MAX_PICTURE_BYTES, PICTURE_ENDINGS, Picture, read_picture

PICTURE = "similar picture"  # the uploaded picture, in the session state: no other session can see it
PROBLEM = "similar problem"
NUMBER = "similar number"  # of the upload box, in the session state
CACHE = "similar results"  # the last results of this session
CACHE_SIZE = 6
MAX_ENCODERS = 3


@dataclass(frozen=True, eq=False)
class Query:
    """The searched image: its row if it is in the data set, its pixels, its name, and what identifies it."""

    pixels: Image
    name: str
    key: str
    row: int | None = None


def current(run: Run) -> Query:
    """Return the uploaded picture, or else the image in focus; without one, the first image."""
    picture = st.session_state.get(PICTURE)
    if isinstance(picture, Picture) and run.dataset.has_images:
        return Query(picture.pixels, picture.name, picture.key)
    data = run.dataset
    found = focus.row_in_focus(data)
    row = 0 if found is None else found
    pixels = data.read(row) if data.has_images else vector_tiles.thumbnails_or_tiles(data)[row]
    return Query(pixels, data.ids[row], str(row), row)


def cosines_of(run: Run, query: Query) -> Floats:
    """Return the cosine between the searched image and every image, (M,); draws a bar while it is computed."""
    vectors = run.embeddings.vectors
    key = derive_key("cosines", run.key("embeddings"), query.row is None, query.key)
    if query.row is not None:
        row = query.row
        return _cached(key, "Searching for similar images", lambda progress: cosines_to(vectors, row, progress))
    return _cached(
        key, "Embedding the picture", lambda progress: cosines_with(vectors, _encoder(run, progress)(query.pixels))
    )


@st.cache_resource(show_spinner=False)
def _encoders() -> OrderedDict[str, ImageEncoder]:
    """Return the encoders of the last searches by embedding: their principal axes take seconds to fit."""
    return OrderedDict()


def _encoder(run: Run, progress: Progress) -> ImageEncoder:
    encoders, key, settings = _encoders(), run.key("embeddings"), run.settings
    found = encoders.get(key) or image_encoder(
        run.dataset, name=settings.embeddings, weights=settings.weights, progress=progress
    )
    encoders[key] = found
    while len(encoders) > MAX_ENCODERS:
        encoders.popitem(last=False)
    return found


def usual_cosines(run: Run) -> Floats:
    """Return the cosines of random pairs of the set, ascending."""
    vectors = run.embeddings.vectors
    key = derive_key("random pairs", run.key("embeddings"))
    return _cached(key, "Measuring the similarity of random pairs", lambda progress: random_pair_cosines(vectors))


def _cached(key: str, title: str, work: Callable[[Progress], Floats]) -> Floats:
    known: OrderedDict[str, Any] = st.session_state.setdefault(CACHE, OrderedDict())
    result: Floats = session.compute_remembered(known, CACHE_SIZE, key, title, work)
    return result


def picture_box(run: Run) -> None:
    """Draw the box that takes a picture, or one sentence why this data set cannot be searched by a picture."""
    picture = st.session_state.get(PICTURE)
    if not run.dataset.has_images or _has_no_network(run):
        reason = (
            "its embeddings come from a file, so there is no network for another picture"
            if run.dataset.has_images
            else "it has vectors without images"
        )
        st.caption(f"This data set cannot be searched by a picture: {reason}.")
        st.session_state.pop(PICTURE, None)
        return
    number = st.session_state.get(NUMBER, 0)
    key = f"similar_upload-{number}"  # a new box after each picture: Streamlit then releases the file
    st.file_uploader(
        "Or search by a picture of your own",
        type=[ending.lstrip(".") for ending in PICTURE_ENDINGS],
        max_upload_size=MAX_PICTURE_BYTES // 1_000_000,
        key=key,
        on_change=_receive,
        args=(key,),
        help="The picture stays in the memory of this page: it is not stored, and no other user can see it.",
    )
    if (problem := st.session_state.pop(PROBLEM, None)) is not None:
        st.error(escape(problem), icon=":material/error:")
    if isinstance(picture, Picture):
        st.button("Search by the image of the set again", key="similar_back", on_click=forget_picture)


def _has_no_network(run: Run) -> bool:
    """Return whether the vectors come from a file."""
    name = run.settings.embeddings
    return name not in ("small", "pixels") and not is_backbone(name)


def _receive(key: str) -> None:
    """Read the picture of the upload box: a callback."""
    file: Any = st.session_state.get(key)
    if file is None:
        return
    st.session_state[NUMBER] = st.session_state.get(NUMBER, 0) + 1
    try:
        st.session_state[PICTURE] = read_picture(file.name, file.getvalue())
    except AdqError as error:
        st.session_state[PROBLEM] = access.error_text(error)


def forget_picture() -> None:
    """Search by the image in focus again: a callback."""
    st.session_state.pop(PICTURE, None)
