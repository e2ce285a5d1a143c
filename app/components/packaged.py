"""Access to the components' frontends, which Streamlit serves as ES modules from `frontend/` of each component.

`pyproject.toml` lists the components and their folders. Streamlit reads that list from the installed project, so the
project must be installed (`pip install -r requirements.txt` installs it in editable mode). The module `adq_explorer`
exists because Streamlit looks for `pyproject.toml` beside the module that has the name of the project.
"""

from __future__ import annotations

import functools
from typing import Any, Protocol

import streamlit as st
from streamlit.errors import StreamlitAPIException

from adq_core.errors import AdqError

PROJECT = "adq-explorer"  # as in pyproject.toml


class Mount(Protocol):
    """Mounts a component on the page and returns its state."""

    def __call__(self, **arguments: Any) -> Any:
        """Mount with `key`, `data`, `height` and callbacks `on_<state>_change`."""
        ...


@functools.cache
def packaged_component(name: str) -> Mount:
    """Return the component of this name. To be called while a page runs: only then is the list of components known.

    Raises
    ------
    AdqError
        If Streamlit does not know the component, because the project is not installed.
    """
    try:
        return st.components.v2.component(f"{PROJECT}.{name}", js="index.js")
    except StreamlitAPIException as error:
        raise AdqError(
            f"Streamlit does not find the component {name!r}, because the project is not installed. "
            "Run: pip install -r requirements.txt"
        ) from error


def ignore_change() -> None:
    """Do nothing. Streamlit stores only states that have a callback."""
