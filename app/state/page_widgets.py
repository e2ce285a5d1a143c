"""Widgets of single pages: what a page shows of the results, never a setting.

Each is drawn by its own page only, bound to the query string and kept for the session: the link of the page restores
it, and so does returning to the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from adq_core.patches import FILL, INPAINTING_NETWORKS
from adq_core.quotas import QUOTA_RULES

from . import widget_sync
from .settings_widgets import name_or_path

CHOICES = {
    "patches": ("painted again", "kept patches", "ranking"),
    "train": ("encoder", "unet", "mae"),
    "images": ("chosen subset", "shuffled", "one bin", "by id"),
    "beside": ("uniform", *(rule for rule in QUOTA_RULES if rule != "uniform")),
}
PAINTERS = (*INPAINTING_NETWORKS, FILL)
SIDES = {"a": "now", "b": "uniform"}  # of a comparison, as `selections.links.read` reads them
IN_LINK: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}


def choice(name: str, label: str) -> str:
    """Draw the choice between the options of a page, and return the chosen one."""
    return str(
        st.segmented_control(
            label,
            CHOICES[name],
            default=CHOICES[name][0],
            key=name,
            required=True,
            label_visibility="collapsed",
            **IN_LINK,
        )
    )


def text(name: str, label: str, default: str = "", **options: Any) -> str:
    """Draw a line of text and return it without the spaces around it."""
    return str(st.text_input(label, default, key=name, **IN_LINK, **options)).strip()


def painter_picker(weights: Sequence[str]) -> str:
    """Draw the choice of the painter, a shipped one or a file of weights, and return it."""
    help = "One of the shipped ones, or a .safetensors file trained here."
    return name_or_path("Painter", (*PAINTERS, *weights), PAINTERS[0], key="painter", help=help, **IN_LINK)


def page_through(name: str, count: int, step: int) -> int:
    """Draw the buttons that page through `count` images, `step` at once, and return the first one's number."""
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        typed = st.number_input("Images to skip", 0, None, 0, step, key=name, width=150, **IN_LINK)
        first = min(int(typed), max(0, count - 1)) // step * step
        for label, icon, to in (("Previous", "chevron_left", first - step), ("Next", "chevron_right", first + step)):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=not 0 <= to < count,
                key=f"{name}_{label}",
                on_click=widget_sync.set_widgets,
                kwargs={name: max(0, to)},
            )
        st.markdown(f"{first + 1:,} to {min(first + step, count):,} of {count:,}" if count else "none")
    return first


def value_of(name: str) -> Any:
    """Return the value of a widget of any page, None when it has not been drawn or set yet."""
    return st.session_state.get(name)
