"""Forms that save selections, and the list of saved selections with its buttons."""

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
from app.export.download import safe_name
from app.state import page_changes, widget_sync
from app.text import strategies
from app.text.markdown import escape
from app.text.setting_names import value_text

from . import links as selection_links
from . import resolve
from . import saved as saved_selections

MESSAGE_SECONDS = 8.0


def _name_form(key: str, suggestion: str, label: str, save: Callable[[str], None]) -> None:
    """Draw a text box for the name and a button that saves; if the box is empty, the suggested name is used."""

    def submit() -> None:
        name = str(st.session_state.get(f"{key}-name") or "").strip() or suggestion
        with session.boundary():
            save(name[:MAX_NAME_LENGTH])

    with (
        st.form(key, clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Name", key=f"{key}-name", placeholder=suggestion, max_chars=MAX_NAME_LENGTH, width=340)
        st.form_submit_button(label, on_click=submit, icon=":material/inbox:")


def save_present_form(run: Run) -> None:
    """Draw the form that saves the selection of the present settings."""
    s = run.settings

    def save(name: str) -> None:
        ids = ids_of(run.dataset, run.selection.indices)
        description = resolve.short_description(s)
        _save(SavedSelection(name, s, run.dataset.key, len(ids), ids_digest(ids), description=description))

    how = strategies.short(s.strategy, s.rule, s.alpha).removeprefix("rule ")
    suggestion = f"{run.dataset.name}: {how}, {s.keep_ratio:.1%}, {s.n_bins} bins"
    _name_form("save-present", suggestion, "Save the present selection", save)


def save_manual_form(run: Run, rows: Ints, how: Mapping[str, Any], *, key: str) -> None:
    """Draw the form that saves a manual selection; its ids are stored in the library of the server."""
    description = str(how["told"])

    def save(name: str) -> None:
        manual = manual_selection(run.dataset, rows, how=how)
        server.library().save(manual)
        shortened = description[:MAX_DESCRIPTION_LENGTH]
        _save(SavedSelection(name, run.settings, run.dataset.key, len(manual.ids), manual.key, True, shortened))

    _name_form(key, description[:MAX_NAME_LENGTH], "Save these images", save)


def _save(selection: SavedSelection) -> None:
    saved = saved_selections.of_session()
    action = "replaced" if selection.name in saved.by_name else "saved"
    saved.put(selection.name, selection)
    message = f"“{selection.name}” {action}: {selection.n_images:,} images."
    st.session_state["saved_message"] = message, time.monotonic()


def saved_message() -> None:
    """Draw the message after saving for a few seconds, because the reply of the browser runs the page again."""
    message, when = st.session_state.get("saved_message", ("", -MESSAGE_SECONDS))
    if time.monotonic() - when < MESSAGE_SECONDS:
        st.success(escape(message), icon=":material/inbox:")


def archive_of(run: Run, rows: Ints, projection: Projection, how: Mapping[str, Any]) -> bytes:
    """Return the zip of these rows."""
    file = io.BytesIO()
    texture = run.texture if run.uses("texture") else None
    write_archive(file, run.dataset, rows, projection, run.bins, texture, run.selection, how=how)
    return file.getvalue()


def restored_message(run: Run, saved: saved_selections.SavedSelections) -> None:
    """Draw whether the restored selection is the same as when it was saved."""
    saved_message()
    selection = saved.by_name.get(st.session_state.get("restored", ""))
    if selection is None or selection.manual or selection.settings != run.settings:
        return
    ids = ids_of(run.dataset, run.selection.indices)
    if ids_digest(ids) == selection.digest:
        st.success(
            f"Restored “{escape(selection.name)}”: the same {len(ids):,} images as when it was saved.",
            icon=":material/check:",
        )
    else:
        st.warning(escape(resolve.changed_sentence(selection, len(ids))), icon=":material/info:")


def selection_list(saved: saved_selections.SavedSelections) -> None:
    """Draw the saved selections, newest first, each with its buttons."""
    if saved.refused:
        st.warning(
            "This browser stores nothing for this page (its storage is blocked or full), so the list below is lost "
            "when the page is closed.",
            icon=":material/info:",
        )
    if saved.unreadable:
        st.caption(f"{saved.unreadable:,} saved entries of this browser could not be read and were skipped.")
    if not saved.by_name:
        st.markdown(
            "Nothing is saved yet. Save the present selection above, or draw a lasso on the map of the Quotas page and "
            "save the images inside."
        )
    for number, selection in enumerate(reversed(saved.by_name.values())):
        with st.container(border=True, key=f"saved-{number}"):
            st.markdown(f"**{escape(selection.name)}** · {selection.n_images:,} images")
            kind = "manual selection" if selection.manual else "from settings"
            # The suggested name of a manual selection is its description.
            description = [] if selection.description == selection.name else [selection.description]
            dataset = value_text("dataset", selection.settings.dataset)
            st.caption(escape(" · ".join([dataset, kind, *description])))
            with st.container(horizontal=True):
                _draw_buttons(selection, number)


def _draw_buttons(selection: SavedSelection, number: int) -> None:
    settings = st.session_state.get("settings")
    here = settings is not None and resolve.same_data(selection, settings)
    elsewhere = None if here else "This selection is from another data set: restore it first."
    if selection.manual:
        st.button(
            "Show as A", key=f"as-a-{number}", on_click=_show_as_a, args=(selection,), icon=":material/visibility:"
        )
    else:
        st.button("Restore", key=f"restore-{number}", on_click=_restore, args=(selection,), icon=":material/history:")
    st.button(
        "Compare as B",
        key=f"as-b-{number}",
        on_click=_compare_as_b,
        args=(selection,),
        disabled=not here,
        help=elsewhere,
        icon=":material/compare_arrows:",
    )
    if not selection.manual:
        st.button(
            "Export",
            key=f"export-{number}",
            on_click=_restore,
            args=(selection, "export"),
            icon=":material/download:",
        )
    elif here:
        download_manual(selection, key=f"export-{number}")
    st.button("Delete", key=f"delete-{number}", on_click=_delete, args=(selection.name,), icon=":material/delete:")


def download_manual(selection: SavedSelection, *, key: str) -> None:
    """Draw the button that downloads a manual selection; the archive is made when it is clicked."""
    run = Run(selection.settings, session.store(), dataset=session.current_run().dataset)

    def make() -> bytes:
        manual = resolve.manual_selection_of(selection.digest)
        how = json.loads(manual.how) | {"name": selection.name}
        return archive_of(run, rows_of(manual, run.dataset), run.projection, how)

    is_available = server.library().get(ManualSelection, selection.digest) is not None
    _download("Download", make, f"{safe_name(selection.name)}.zip", key, is_available=is_available)


def download_images(run: Run, rows: Ints, projection: Projection, how: Mapping[str, Any], *, key: str) -> None:
    """Draw the button that downloads these rows as a zip, made when it is clicked."""
    with_images = run.dataset.has_images and len(rows) <= MAX_IMAGES
    label = "Download ids, rows and images" if with_images else "Download ids and rows"
    _download(label, lambda: archive_of(run, rows, projection, how), "lasso.zip", key)


def _download(label: str, make: Callable[[], bytes], name: str, key: str, *, is_available: bool = True) -> None:
    st.download_button(
        label,
        make,
        name,
        "application/zip",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        disabled=not is_available,
        help=None if is_available else "Its ids are not in this server's data folder.",
    )


def _restore(selection: SavedSelection, view: str | None = None) -> None:
    resolve.set_all_widgets(selection.settings)
    st.session_state["restored"] = selection.name
    if view is not None:
        page_changes.request_page(view)


def _show_as_a(selection: SavedSelection) -> None:
    _restore(selection)
    _open_compare(a=resolve.link_of(selection), b=selection_links.NOW)


def _compare_as_b(selection: SavedSelection) -> None:
    _open_compare(a=selection_links.NOW, b=resolve.link_of(selection))


def _open_compare(**links: str) -> None:
    widget_sync.set_widgets(**links)
    page_changes.request_page("compare", **links)


def _delete(name: str) -> None:
    saved_selections.of_session().put(name, None)
