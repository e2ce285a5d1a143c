"""Clicks on the thumbnails of the page, which are plain HTML."""

from __future__ import annotations

from ..packaged import ignore_change, packaged_component


def clicked_thumbnail() -> str | None:
    """Return the id of the image whose thumbnail the user has clicked since the last run; None without a click.

    A thumbnail is any element with the attribute `data-image`. The invisible component listens to the whole document.
    """
    state = packaged_component("thumbnail_clicks")(key="opening", on_image_change=ignore_change, height=1)
    image = state.get("image")
    return image if isinstance(image, str) and image else None
