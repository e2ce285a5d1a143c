"""Changes of the page that the user requests by a click. The page changes after its sidebar is drawn: before that, the
settings would be lost.
"""

from __future__ import annotations

import streamlit as st

from app.components.thumbnail_clicks import clicked_thumbnail
from app.pages import script

from . import focus

REQUESTED = "go_to"  # the requested view, in the session


def follow_thumbnail() -> None:
    """Request the page about the image whose thumbnail was clicked; to be called before the sidebar is drawn."""
    image = clicked_thumbnail()
    if image is not None:
        focus.focus_image(image)
        request_page("image")


def request_page(view: str) -> None:
    """Request this view for the next page."""
    st.session_state[REQUESTED] = view


def open_requested(page: str) -> None:
    """Open the requested view if it is not this page; to be called when the sidebar is drawn."""
    if (view := st.session_state.pop(REQUESTED, None)) not in (None, page):
        st.switch_page(script(view), query_params={})  # with None it refuses to clear those of bound widgets
