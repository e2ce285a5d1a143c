"""Folders that all sessions of this server share: results, user data and uploads."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref

import streamlit as st
from streamlit import runtime

from adq_core.storage import Library, Store, data_folder, default_folder, remove_scratch
from app import public_server, visitors
from app.uploads import FOLDER, Uploads, limits_from_environment

log = logging.getLogger(__name__)

SWEEP_INTERVAL = 60.0  # seconds between two searches for uploads to remove


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the store of this server, in the folder that the command line uses too."""
    remove_scratch(default_folder())
    return Store(default_folder())


@st.cache_resource(show_spinner=False)
def library() -> Library:
    """Return the user data of this server: saved selections and trained weights. They are not in the cache."""
    remove_scratch(data_folder())
    return Library(data_folder(), cache=store())


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    """Return the uploads of this server. They are removed by a thread, also while nobody uses the server."""
    stored = Uploads((store().folder or default_folder()) / FOLDER, limits_from_environment(is_public=is_public()))
    if runtime.exists():
        reference, present = weakref.ref(stored), presence()
        threading.Thread(target=_sweep_uploads, args=(reference, present), name="adq-uploads", daemon=True).start()
    return stored


def _sweep_uploads(reference: weakref.ref[Uploads], present: visitors.Presence) -> None:
    while (stored := reference()) is not None:
        try:
            stored.sweep(present.present())
        except Exception:
            log.exception("The uploads could not be checked.")
        del stored
        time.sleep(SWEEP_INTERVAL)


@st.cache_resource(show_spinner=False)
def presence() -> visitors.Presence:
    """Return the owners with an open page."""
    return visitors.Presence()


def is_public() -> bool:
    """Return whether other people can reach this server."""
    return public_server.is_public(st.get_option("server.address"))


def data_root() -> str | None:
    """Return the folder whose files a public server opens; None if there is none."""
    return os.environ.get(public_server.ROOT_VARIABLE) or None
