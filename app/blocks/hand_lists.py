"""Buttons that put images on the lists "always keep" and "never take"."""

from __future__ import annotations

import streamlit as st

from adq_core import Run
from adq_core.records import Ints
from adq_core.selection import ids_of
from app.state import focus, hand_lists

LABELS = {
    hand_lists.ALWAYS: (":material/keep:", "Always keep"),
    hand_lists.NEVER: (":material/block:", "Never take"),
}


def pick_buttons(run: Run, rows: Ints, *, key: str, puts_in_focus: bool = False) -> None:
    """Draw two buttons that put these images on one of the lists; for one image, also one that removes it.

    puts_in_focus: a click also puts the image in focus, so that a page whose image follows from the selection keeps it.
    """
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
                    args=(run, rows, name, puts_in_focus),
                    icon=icon,
                    type="primary",
                )
            else:
                arguments = (run, rows, name, puts_in_focus)
                st.button(f"{label} {these}", key=f"{key}-{name}", on_click=_add, args=arguments, icon=icon)


def _add(run: Run, rows: Ints, name: str, puts_in_focus: bool) -> None:
    hand_lists.add(name, ids_of(run.dataset, rows))
    if puts_in_focus:
        focus.focus_image(run.dataset.ids[int(rows[0])])


def _remove(run: Run, rows: Ints, name: str, puts_in_focus: bool) -> None:
    hand_lists.remove(name, ids_of(run.dataset, rows))
    if puts_in_focus:
        focus.focus_image(run.dataset.ids[int(rows[0])])
