"""Widgets of single pages: they select the results that a page shows, and are not settings.

Each widget is drawn by its own page only, bound to the query string and stored for the session: its value is restored
from the link of the page, and when the user returns to the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from adq_core.patches import FILL, INPAINTING_NETWORKS
from adq_core.quotas import QUOTA_RULES
from app.text.markdown import escape

from . import widget_sync
from .settings_widgets import name_or_path

RECONSTRUCTED, SUBSET = "painted again", "chosen subset"
CHOICES = {
    "patches": (RECONSTRUCTED, "kept patches", "ranking"),
    "train": ("encoder", "unet", "mae"),
    "images": (SUBSET, "shuffled", "one bin", "by id"),
    "similar_among": ("all", "selected", "own class", "other classes"),
    "similar_count": ("24", "48", "96", "240"),
    "beside": ("uniform", *(rule for rule in QUOTA_RULES if rule != "uniform")),
}
# Streamlit writes labels into the address, except those of defaults. These two are defaults, so a link that contains
# the value of an option still opens with it.
OPTION_LABELS = {RECONSTRUCTED: "reconstructed", SUBSET: "selected"}
INPAINTING_METHODS = (*INPAINTING_NETWORKS, FILL)
SIDES = {"a": "now", "b": "uniform"}  # defaults of a comparison, in the form of `selections.links`
IN_LINK: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}


def choice(name: str, label: str) -> str:
    """Draw the choice between the options of a page, and return the selected option."""
    return str(
        st.segmented_control(
            label,
            CHOICES[name],
            default=CHOICES[name][0],
            key=name,
            format_func=lambda option: escape(str(OPTION_LABELS.get(option, option))),
            required=True,
            label_visibility="collapsed",
            **IN_LINK,
        )
    )


def text(name: str, label: str, default: str = "", **options: Any) -> str:
    """Draw a text box and return its text without the spaces around it."""
    return str(st.text_input(label, default, key=name, **IN_LINK, **options)).strip()


def sorting(labels: Mapping[str, str]) -> tuple[str, bool]:
    """Draw the choice of a column to sort by and of the direction; return the column and whether the largest is first.

    `labels` are the names of the columns on the screen, by column.
    """
    column = st.selectbox(
        "Sort by", list(labels), key="sort", width=200, format_func=lambda key: escape(labels[key]), **IN_LINK
    )
    descending = st.toggle("Largest first", key="sort_down", **IN_LINK)
    return str(column), bool(descending)


def map_switch() -> bool:
    """Draw the switch of the map beside the images; return whether it is on."""
    return bool(st.toggle("Map beside the images", True, key="map", **IN_LINK))


def inpainter_picker(weights: Sequence[str]) -> str:
    """Draw the choice of the inpainting method, and return it: a bundled network, the fill, or a weights file."""
    help = "A bundled network (unet, mae), the smooth fill without a network, or a .safetensors file trained here."
    options = (*INPAINTING_METHODS, *weights)
    return name_or_path("Inpainting method", options, options[0], key="painter", help=help, **IN_LINK)


def page_through(name: str, count: int, step: int) -> int:
    """Draw the buttons that page through `count` images, `step` at a time; return the number of the first image."""
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        typed = st.number_input("Images to skip", 0, None, 0, step, key=name, width=150, **IN_LINK)
        first = int(typed) if typed < count else max(0, count - 1) // step * step
        back, on = max(0, first - step), first + step
        for label, icon, to in (("Previous", "chevron_left", back), ("Next", "chevron_right", on)):
            st.button(
                label,
                icon=f":material/{icon}:",
                disabled=to == first or to >= count,
                key=f"{name}_{label}",
                on_click=widget_sync.set_widgets,
                kwargs={name: to},
            )
        st.markdown(f"{first + 1:,} to {min(first + step, count):,} of {count:,}" if count else "none")
    return first


def value_of(name: str) -> Any:
    """Return the value of a widget of any page, None if it has not been drawn or set yet."""
    return st.session_state.get(name)
