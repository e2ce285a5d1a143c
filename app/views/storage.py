"""Storage: the uploads and trained weights of this browser, and the stored results of this server."""

from __future__ import annotations

import time

import pandas as pd
import streamlit as st

from adq_core.storage import CACHE_KINDS, CacheEntry, cache_entries, clear_cache, default_folder, limit_cache
from app import session, stores, trainings, visitors
from app.blocks import layout, own_uploads
from app.jobs.registry import duration
from app.state import page_widgets
from app.text.format import file_size
from app.text.markdown import code, escape

READ_AGAIN = "storage read again"  # number of changes by this session, in the session state
MESSAGE = "storage message"
GB, DAY = 1_000_000_000, 24 * 3600.0
folder = stores.store().folder or default_folder()


def entries_of_cache() -> list[CacheEntry]:
    """Return the entries of the cache; they are read again after a change, not at every run of the page."""
    key = f"cache entries:{session.session_id()}:{st.session_state.get(READ_AGAIN, 0)}"
    entries: list[CacheEntry] = session.compute_cached(
        key, "Reading the stored results", lambda progress: cache_entries(folder)
    )
    return entries


def read_again(removed: list[CacheEntry] | None = None) -> None:
    st.session_state[READ_AGAIN] = st.session_state.get(READ_AGAIN, 0) + 1
    if removed is not None:
        size = file_size(sum(entry.n_bytes for entry in removed))
        st.session_state[MESSAGE] = f"Removed {len(removed):,} entries, {size}."


def clear() -> None:
    with session.boundary():
        read_again(clear_cache(folder, st.session_state["storage_kinds"] or None))


def limit() -> None:
    largest, oldest = st.session_state["storage_gigabytes"], st.session_state["storage_days"]
    with session.boundary():
        read_again(
            limit_cache(
                folder,
                max_bytes=None if largest is None else round(largest * GB),
                max_age=None if oldest is None else oldest * DAY,
            )
        )


def uploads_section() -> None:
    st.header("Your uploads", anchor=False)
    if stores.uploads().of_owner(visitors.owner()):
        own_uploads.own_list(has_title=False)
    else:
        st.caption("None. Upload files on the page *Data set*.")


def weights_section() -> None:
    st.header("Your trained weights", anchor=False)
    own = trainings.trained(tuple(page_widgets.CHOICES["train"]))
    if not own:
        st.caption("None. Train a network on the page *Train*.")
    for path in own:
        line = st.container(horizontal=True, vertical_alignment="center")
        age = duration(max(1.0, time.time() - path.stat().st_mtime))
        line.markdown(f"{code(path.name)} · {file_size(path.stat().st_size)} · {age} old")
        line.button(
            "Delete",
            key=f"delete-{path.name}",
            on_click=trainings.delete_weights,
            args=(path,),
            icon=":material/delete:",
        )


def results_section() -> None:
    st.header("Stored results", anchor=False)
    if stores.is_public():
        st.caption("The owner of this server manages the stored results: `python -m adq_core cache`.")
        return
    entries = entries_of_cache()
    if (message := st.session_state.pop(MESSAGE, None)) is not None:
        st.success(escape(message), icon=":material/check:")
    layout.number_row({"entries": f"{len(entries):,}", "size": file_size(sum(entry.n_bytes for entry in entries))})
    st.caption(f"In the folder {code(str(folder))}.")
    if not entries:
        st.caption("Nothing is stored.")
        return
    kinds = [kind for kind in CACHE_KINDS if any(entry.kind == kind for entry in entries)]
    st.table(table(entries, kinds), hide_index=True, width="content")
    left, right = st.columns(2, gap="large")
    with left, st.form("storage-clear"):
        st.multiselect("Only these kinds", kinds, key="storage_kinds", placeholder="all kinds")
        st.form_submit_button("Remove results", on_click=clear, icon=":material/delete:")
        st.caption("Removed results are computed again when they are needed. Uploads, weights and selections stay.")
    with right, st.form("storage-limit"):
        line = st.container(horizontal=True)
        line.number_input("At most, GB", 0.0, None, 5.0, 1.0, key="storage_gigabytes", width=150)
        line.number_input("Unused for at most, days", 0.0, None, None, 1.0, key="storage_days", width=200)
        st.form_submit_button("Remove the least recently used", on_click=limit, icon=":material/compress:")
    st.button("Read again", on_click=read_again, icon=":material/refresh:")


def table(entries: list[CacheEntry], kinds: list[str]) -> pd.DataFrame:
    """Return one row per kind of result: entries, size and last use."""
    rows = []
    for kind in kinds:
        of_kind = [entry for entry in entries if entry.kind == kind]
        used = duration(max(1.0, time.time() - max(entry.last_used for entry in of_kind)))
        size = file_size(sum(entry.n_bytes for entry in of_kind))
        rows.append((CACHE_KINDS[kind], f"{len(of_kind):,}", size, f"{used} ago", kind))
    return pd.DataFrame(rows, columns=["results", "entries", "size", "last used", "kind"])


uploads_section()
weights_section()
results_section()
layout.how_to_read(
    "**Uploads** belong to the browser that uploaded them and are removed after some time; **trained weights** belong "
    "to it, too, and stay until you delete them. **Stored results** are computed from the images: embeddings, maps, "
    "scores, thumbnails. They save time when a data set is opened again, and all users of the server share them. "
    "On the command line: `python -m adq_core cache`."
)
