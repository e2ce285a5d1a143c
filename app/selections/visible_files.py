"""Names of files in links and saved selections: those of the widgets, without folders that only the server knows.

A link and the storage of a browser are not the server's: another visitor of a public server can receive them. The names
are converted where a text leaves the server, and back where one arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adq_core import Settings
from adq_core.settings import NAMES_OF_FILES
from app import access, trainings
from app.export import download


def shown_name(name: str | None) -> str | None:
    """Return the name of a file as its widget has it."""
    return access.shown_name(trainings.weights_name(name))


def real_name(name: str | None) -> str | None:
    """Return the path on the server that `shown_name` returned this name for, or the name itself."""
    return access.real_name(trainings.weights_file(name))


def shown_settings(settings: Settings) -> Settings:
    """Return settings with the names of files that the widgets have, for texts only: nothing opens them."""
    return download.with_names(settings, {name: shown_name(getattr(settings, name)) for name in NAMES_OF_FILES})


def with_real_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of settings, such as those that a browser stored, with the paths on the server."""
    files = {name: value for name, value in settings.items() if name in NAMES_OF_FILES and isinstance(value, str)}
    return {**settings, **{name: real_name(value) for name, value in files.items()}}
