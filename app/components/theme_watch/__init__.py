"""The page follows a visitor's dark or light theme: Streamlit repaints its own parts, but not what the page drew."""

from __future__ import annotations

import streamlit as st

from ... import frame

# Streamlit calls this again when the theme changes. Told is only what the server does not know yet: one run a change.
SCRIPT = """export default ({ data, parentElement, setStateValue }) => {
  const pen = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(parentElement.host ?? parentElement);
  pen.fillStyle = style.getPropertyValue("--st-background-color").trim();
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(pen.fillStyle.slice(at, at + 2), 16));
  const dark = red + green + blue < 384;
  if (dark !== data.dark) setStateValue("dark", dark);
};"""

_watch = st.components.v2.component("adq_theme", js=SCRIPT)


def follow() -> None:
    """Watch the visitor's theme from this page, unseen; the page runs again when it changes."""
    _watch(key="theme", data={"dark": frame.is_dark()}, on_dark_change=lambda: None, height=1)
