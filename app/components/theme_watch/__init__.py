"""The visitor's light or dark theme: when it changes, Streamlit repaints its own elements, but not the figures."""

from __future__ import annotations

from ..packaged import ignore_change, packaged_component


def watch_theme(*, is_dark: bool) -> None:
    """Run the page again when the visitor's theme differs from `is_dark`, the theme that the server knows."""
    packaged_component("theme_watch")(key="theme", data={"dark": is_dark}, on_dark_change=ignore_change, height=1)
