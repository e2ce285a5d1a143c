"""The uploads of this browser, with buttons to open, share and remove them."""

from __future__ import annotations

import time
from urllib.parse import quote, urlsplit, urlunsplit

import streamlit as st

from app import session, stores, visitors
from app.jobs.registry import duration
from app.state import settings_widgets, widget_sync
from app.text.format import file_size
from app.text.markdown import escape
from app.uploads import Upload


def open_upload(upload: Upload) -> None:
    """Open an upload without a file of labels: a callback."""
    widget_sync.set_widgets(dataset=upload.reference, labels="")


def own_list(*, has_title: bool = True) -> None:
    """Draw the uploads of this browser; nothing if there are none."""
    own = stores.uploads().of_owner(visitors.owner())
    if not own:
        return
    limits = stores.uploads().limits
    if has_title:
        st.markdown("**Your uploads**")
    for upload in own:
        _entry(upload, limits.age)
    total = sum(upload.size for upload in own)
    st.caption(
        f"{file_size(total)} of {file_size(int(limits.owner_bytes))}. Only this browser can open them, unless you "
        f"share one. {_removal(limits.idle)}"
    )


def _removal(idle: float) -> str:
    if idle == float("inf"):
        return "Each is removed when its time is over."
    return f"Each is removed when its time is over, or {duration(idle)} after you close the last page of this app."


def _entry(upload: Upload, age: float) -> None:
    left = upload.added + age - time.time()
    with st.container(border=True, key=f"upload-entry-{upload.id[:8]}"):
        kind = " · list of images" if upload.kind == "list" else ""
        st.markdown(f"**{escape(upload.name)}** · {file_size(upload.size)} · {duration(max(1, left))} left{kind}")
        with st.container(horizontal=True):
            if upload.kind == "data":
                _open_and_share(upload)
            st.button(
                "Remove", key=f"remove-{upload.id[:8]}", on_click=_remove, args=(upload,), icon=":material/delete:"
            )
        if upload.shared_reference is not None:
            st.caption("Everybody with this link can open the upload:")
            st.code(link_to(upload.shared_reference), language=None, wrap_lines=True)


def _open_and_share(upload: Upload) -> None:
    is_open = st.session_state.get("dataset") == upload.reference
    key = upload.id[:8]
    st.button(
        "Open" if not is_open else "Is open",
        key=f"open-{key}",
        on_click=open_upload,
        args=(upload,),
        disabled=is_open,
        icon=":material/folder_open:",
    )
    if upload.token is None:
        st.button(
            "Share this upload",
            key=f"share-{key}",
            on_click=_share,
            args=(upload,),
            icon=":material/link:",
            help="Makes a link with which everybody can open this upload.",
        )
    else:
        st.button(
            "Stop sharing",
            key=f"unshare-{key}",
            on_click=_stop_sharing,
            args=(upload,),
            icon=":material/link_off:",
        )


def _share(upload: Upload) -> None:
    with session.boundary():
        stores.uploads().share(upload)


def _stop_sharing(upload: Upload) -> None:
    with session.boundary():
        stores.uploads().unshare(upload)


def _remove(upload: Upload) -> None:
    """Remove an upload; if it is open, the default data set is opened: a callback."""
    stores.uploads().remove(upload)
    if st.session_state.get("dataset") == upload.reference:
        good = st.session_state.get("good_dataset")
        widget_sync.set_widgets(
            dataset=settings_widgets.default_dataset() if good in (None, upload.reference) else good
        )


def link_to(reference: str) -> str:
    """Return the address of the page Data set with this data set."""
    page = urlsplit(st.context.url or "")
    path = page.path.rpartition("/")[0] + "/dataset"
    return urlunsplit((page.scheme, page.netloc, path, f"dataset={quote(reference)}", ""))
