"""Errors of this library. The text of each says what must hold, what was given, and what to do.

AdqError
├── InputError      (also a ValueError)  images, vectors, labels, weights or files
├── SettingsError   (also a ValueError)  a setting
├── StorageError                         the disk
└── Cancelled                            the user stopped the work
"""

from __future__ import annotations

from collections.abc import Iterable


class AdqError(Exception):
    """Base class of all errors of this library; the command line prints the text and exits with `exit_code`."""

    exit_code = 2


class InputError(AdqError, ValueError):
    """Images, vectors, labels, weights or files that cannot be used."""


class SettingsError(AdqError, ValueError):
    """A setting that is outside its range or does not fit this data set."""


class StorageError(AdqError):
    """A file or folder that cannot be written: no space, no permission, or a folder that is not empty."""


class Cancelled(AdqError):
    """The user stopped the work; no incomplete result is left behind."""

    exit_code = 130


def unknown_name(kind: str, name: object, names: Iterable[object]) -> SettingsError:
    """Return the error for a name that is not in a table of choices; its text lists the valid names."""
    return SettingsError(f"Unknown {kind} {name!r}. Choose one of: {', '.join(map(str, names))}.")
