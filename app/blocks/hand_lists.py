"""Buttons that put images on the lists "always keep" and "never take"."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.records import Ints
from adq_core.selection import ids_of
from app.state import hand_lists

LABELS = {
    hand_lists.ALWAYS: (":material/keep:", "Always keep"),
    hand_lists.NEVER: (":material/block:", "Never take"),
}


def pick_buttons(run: Run, rows: Ints, *, key: str) -> None:
    """Draw two buttons that put these images on one of the lists; for one image, also one that removes it."""
    if not len(rows):
        return
    these = "this image" if len(rows) == 1 else f"these {len(rows):,} images"
    with st.container(horizontal=True):
        for name, (icon, label) in LABELS.items():
            if len(rows) == 1 and run.dataset.ids[int(rows[0])] in hand_lists.ids_in(name):
                st.button(
                    f"{label}: remove from the list",
                    key=f"{key}-{name}",
                    on_click=_remove,
                    args=(run, rows, name),
                    icon=icon,
                    type="primary",
                )
            else:
                st.button(f"{label} {these}", key=f"{key}-{name}", on_click=_add, args=(run, rows, name), icon=icon)


def _add(run: Run, rows: Ints, name: str) -> None:
    hand_lists.add(name, ids_of(run.dataset, rows))


def _remove(run: Run, rows: Ints, name: str) -> None:
    hand_lists.remove(name, ids_of(run.dataset, rows))
