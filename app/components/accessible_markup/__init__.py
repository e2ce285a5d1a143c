"""Repairs of Streamlit's own markup, so that screen readers read the page as it looks."""

from __future__ import annotations

from ..packaged import packaged_component


def repair_markup() -> None:
    """Mount the invisible component that repairs elements of Streamlit, now and whenever Streamlit draws new ones."""
    packaged_component("accessible_markup")(key="markup", height=1)
