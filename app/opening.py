"""A click on any thumbnail opens the page about that image; and the way from one page to another that a hand asked for.

Galleries are plain HTML, so one unseen listener hears the clicks of the whole page. Who clicks leaves a page only after
its sidebar is drawn: before that, the settings would be lost.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.pages import script
from app.state import focus

WANTED = "go_to"  # the view to go to, in the session
_listen = st.components.v2.component("adq_opening", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))


def follow() -> None:
    """Hear of the thumbnail that was clicked; to be called before the sidebar is drawn."""
    clicked = _listen(key="opening", on_image_change=lambda: None, height=1).image
    if isinstance(clicked, str) and clicked:
        focus.focus_image(clicked)
        ask_for("image")


def ask_for(view: str) -> None:
    """Have the next page be this view."""
    st.session_state[WANTED] = view


def go(page: str) -> None:
    """Go where a hand wants to be, if that is not this page; to be called when the sidebar is drawn."""
    if (view := st.session_state.pop(WANTED, None)) not in (None, page):
        st.switch_page(script(view), query_params={})  # none given, it refuses to clear those of bound widgets
