"""Widgets that save selections, and the list of saved ones with its buttons."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from adq_core import Run
from adq_core.export import MAX_IMAGES, write_archive
from adq_core.records import Ints, Projection
from adq_core.selection import (
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    ManualSelection,
    SavedSelection,
    ids_digest,
    ids_of,
    manual_selection,
    rows_of,
)
from app import server, session
from app.export.archive import safe_name
from app.state import page_changes, widget_sync
from app.text.markdown import escape

from . import links as selection_links
from . import resolve
from . import saved as saved_selections

MESSAGE_SECONDS = 8.0


def _form(key: str, suggestion: str, label: str, keep: Callable[[str], None]) -> None:
    """Draw a text box for the name and a button that saves; an empty box means the suggested name."""

    def take() -> None:
        name = str(st.session_state.get(f"{key}-name") or "").strip() or suggestion
        with session.boundary():
            keep(name[:MAX_NAME_LENGTH])

    with (
        st.form(key, clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Name", key=f"{key}-name", placeholder=suggestion, max_chars=MAX_NAME_LENGTH, width=340)
        st.form_submit_button(label, on_click=take, icon=":material/inbox:")


def keep_settings(run: Run) -> None:
    """Draw the form that saves the selection of the present settings."""
    s = run.settings

    def keep(name: str) -> None:
        ids = ids_of(run.dataset, run.selection.indices)
        choice = SavedSelection(name, s, run.dataset.key, len(ids), ids_digest(ids), description=resolve.in_short(s))
        _put(choice)

    suggestion = f"{run.dataset.name}: {s.rule}, alpha {s.alpha:g}, {s.keep_ratio:.1%}, {s.n_bins} bins"
    _form("keep-settings", suggestion, "Save the present selection", keep)


def keep_by_hand(run: Run, rows: Ints, how: Mapping[str, Any], *, key: str) -> None:
    """Draw the form that saves a manual selection; its ids are stored in the library of the server."""
    about = str(how["told"])

    def keep(name: str) -> None:
        made = manual_selection(run.dataset, rows, how=how)
        server.library().save(made)
        _put(
            SavedSelection(
                name, run.settings, run.dataset.key, len(made.ids), made.key, True, about[:MAX_DESCRIPTION_LENGTH]
            )
        )

    _form(key, about[:MAX_NAME_LENGTH], "Save these images", keep)


def _put(choice: SavedSelection) -> None:
    replaced = choice.name in saved_selections.mine().kept
    saved_selections.mine().do(choice.name, choice)
    told = f"“{choice.name}” {'replaced' if replaced else 'saved'}: {choice.n_images:,} images."
    st.session_state["kept_now"] = told, time.monotonic()


def said() -> None:
    """Draw the message after saving, for a few seconds, because the browser's answer runs the page again."""
    told, when = st.session_state.get("kept_now", ("", -MESSAGE_SECONDS))
    if time.monotonic() - when < MESSAGE_SECONDS:
        st.success(told, icon=":material/inbox:")


def archive_of(run: Run, rows: Ints, projection: Projection, how: Mapping[str, Any]) -> bytes:
    """Return the zip of these rows."""
    file = io.BytesIO()
    texture = run.texture if run.uses("texture") else None
    write_archive(file, run.dataset, rows, projection, run.bins, texture, run.selection, how=how)
    return file.getvalue()


def recalled(run: Run, mine: saved_selections.Tray) -> None:
    """Draw whether the restored selection is the same as when it was saved."""
    said()
    choice = mine.kept.get(st.session_state.get("recalled", ""))
    if choice is None or choice.manual or choice.settings != run.settings:
        return
    ids = ids_of(run.dataset, run.selection.indices)
    if ids_digest(ids) == choice.digest:
        st.success(
            f"Restored “{choice.name}”: the same {len(ids):,} images as when it was saved.", icon=":material/check:"
        )
    else:
        st.warning(resolve.changed(choice, len(ids)), icon=":material/info:")


def listed(mine: saved_selections.Tray) -> None:
    """Draw the saved selections, newest first, each with its buttons."""
    if mine.refused:
        st.warning(
            "This browser stores nothing for this page (its storage is blocked or full), so the list below is lost "
            "when the page is closed.",
            icon=":material/info:",
        )
    if mine.unreadable:
        st.caption(f"{mine.unreadable:,} saved entries of this browser could not be read and were skipped.")
    if not mine.kept:
        st.markdown(
            "Nothing is saved yet. Save the present selection above, or draw a lasso on the map of the Quotas page and "
            "save the images inside."
        )
    for place, choice in enumerate(reversed(mine.kept.values())):
        with st.container(border=True, key=f"kept-{place}"):
            st.markdown(f"**{escape(choice.name)}** · {choice.n_images:,} images")
            kind = "manual selection" if choice.manual else "from settings"
            description = [] if choice.description == choice.name else [choice.description]  # the default name has it
            st.caption(escape(" · ".join([resolve.shown("dataset", choice.settings.dataset), kind, *description])))
            with st.container(horizontal=True):
                _draw_buttons(choice, place)


def _draw_buttons(choice: SavedSelection, place: int) -> None:
    settings = st.session_state.get("settings")
    here = settings is not None and resolve.same_data(choice, settings)
    elsewhere = None if here else "This selection is from another data set: restore it first."
    if choice.manual:
        st.button("Show as A", key=f"as-a-{place}", on_click=_show, args=(choice,), icon=":material/visibility:")
    else:
        st.button("Restore", key=f"back-{place}", on_click=_recall, args=(choice,), icon=":material/history:")
    st.button(
        "Compare as B",
        key=f"as-b-{place}",
        on_click=_as_b,
        args=(choice,),
        disabled=not here,
        help=elsewhere,
        icon=":material/compare_arrows:",
    )
    if not choice.manual:
        st.button(
            "Export", key=f"export-{place}", on_click=_recall, args=(choice, "export"), icon=":material/download:"
        )
    elif here:
        export_by_hand(choice, key=f"export-{place}")
    st.button("Delete", key=f"drop-{place}", on_click=_drop, args=(choice.name,), icon=":material/delete:")


def export_by_hand(choice: SavedSelection, *, key: str) -> None:
    """Draw the button that downloads a manual selection; the archive is made when it is clicked."""
    run = Run(choice.settings, session.store(), dataset=session.current_run().dataset)

    def make() -> bytes:
        picked = resolve.picked_of(choice.digest)
        how = json.loads(picked.how) | {"name": choice.name}
        return archive_of(run, rows_of(picked, run.dataset), run.projection, how)

    _download(
        "Download", make, f"{safe_name(choice.name)}.zip", key, server.library().get(ManualSelection, choice.digest)
    )


def download_picked(run: Run, rows: Ints, projection: Projection, how: Mapping[str, Any], *, key: str) -> None:
    """Draw the button that downloads these rows as a zip, made when it is clicked."""
    pictures = run.dataset.has_images and len(rows) <= MAX_IMAGES
    label = "Download ids, rows and images" if pictures else "Download ids and rows"
    _download(label, lambda: archive_of(run, rows, projection, how), "lasso.zip", key, rows)


def _download(label: str, make: Callable[[], bytes], name: str, key: str, there: object) -> None:
    st.download_button(
        label,
        make,
        name,
        "application/zip",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        disabled=there is None,
        help="Its ids are not in this server's data folder." if there is None else None,
    )


def _recall(choice: SavedSelection, view: str | None = None) -> None:
    resolve.move_to(choice.settings)
    st.session_state["recalled"] = choice.name
    if view is not None:
        page_changes.request_page(view)


def _show(choice: SavedSelection) -> None:
    _recall(choice)
    _compare(a=resolve.spec_of(choice), b=selection_links.NOW)


def _as_b(choice: SavedSelection) -> None:
    _compare(a=selection_links.NOW, b=resolve.spec_of(choice))


def _compare(**sides: str) -> None:
    widget_sync.set_widgets(**sides)
    page_changes.request_page("compare", **sides)


def _drop(name: str) -> None:
    saved_selections.mine().do(name, None)
