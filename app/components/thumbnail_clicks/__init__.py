"""Clicks on the thumbnails of the page, which are plain HTML."""

from __future__ import annotations

from collections.abc import Mapping

from ..packaged import ignore_change, packaged_component

MAX_ID_LENGTH = 32_768  # characters; longer than any path


def clicked_thumbnail() -> str | None:
    """Return the id of the image whose thumbnail the user has clicked since the last run; None without a click.

    A thumbnail is any element with the attribute `data-image`. The invisible component listens to the whole document.
    """
    state = packaged_component("thumbnail_clicks")(key="opening", on_image_change=ignore_change, height=1)
    return read_click(state)


def read_click(state: object) -> str | None:
    """Return the id in the state of the component. A browser can send anything: an invalid value counts as no click."""
    image = state.get("image") if isinstance(state, Mapping) else None
    return image if isinstance(image, str) and 0 < len(image) <= MAX_ID_LENGTH and "\0" not in image else None
