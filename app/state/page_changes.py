"""Changes of the page that the user requests by a click. The page changes after its sidebar is drawn: before that, the
settings would be lost.
"""

from __future__ import annotations

import streamlit as st

from app.components.thumbnail_clicks import clicked_thumbnail
from app.pages import script

from . import focus

REQUESTED = "go_to"  # the requested view and its query parameters, in the session


def follow_thumbnail() -> None:
    """Request the page about the image whose thumbnail was clicked; to be called before the sidebar is drawn."""
    image = clicked_thumbnail()
    if image is not None:
        focus.focus_image(image)
        request_page("image")


def request_page(view: str, **query: str) -> None:
    """Request this view for the next page, with these query parameters.

    A widget of the next page that was never drawn does not write its value into the address: pass it here.
    """
    st.session_state[REQUESTED] = view, query


def open_requested(page: str) -> None:
    """Open the requested view if it is not this page; to be called when the sidebar is drawn."""
    view, query = st.session_state.pop(REQUESTED, (None, {}))
    if view not in (None, page):
        st.switch_page(script(view), query_params=query)  # with None it refuses to clear those of bound widgets
