"""The image browser on the page: one mount per array, and one mount of the small view that changes often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ..packaged import ignore_change, packaged_component
from .protocol import GridEvent, GridView, OpenedImage, read_event, read_opened


def image_grid(view: GridView, *, key: str, on_open: Callable[[], None]) -> GridEvent:
    """Draw the images and return the last event of the user.

    `on_open` runs before the page runs again when the user opens an image; it can read `opened_image`.
    """
    received = read_event(_state(key, "event"), images=view.images, total=view.total).serial
    blobs = view.blobs()
    with st.container(gap=None):
        for name, (_, content) in blobs.items():
            _mount(key=f"{key}-{name}", data=content)
        message = view.message({name: blob_key for name, (blob_key, _) in blobs.items()}, key=key, received=received)
        state = _mount(key=key, data=message, height="content", on_event_change=ignore_change, on_open_change=on_open)
    return read_event(state.get("event"), images=view.images, total=view.total)


def opened_image(key: str, *, images: str, total: int) -> OpenedImage | None:
    """Return the image that the user opens; to be called in the callback `on_open`."""
    return read_opened(_state(key, "open"), images=images, total=total)


def _mount(**arguments: Any) -> Any:
    return packaged_component("image_grid")(**arguments)


def _state(key: str, name: str) -> object:
    state = st.session_state.get(key)
    return state.get(name) if state is not None else None
