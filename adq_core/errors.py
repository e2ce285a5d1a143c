"""What can go wrong, each as one sentence a person can act on: what must hold, what was given, what to do."""

from __future__ import annotations

from collections.abc import Iterable


class AdqError(Exception):
    """Base of every error raised on purpose; the command line prints its text and exits with `exit_code`."""

    exit_code = 2


class InputError(AdqError):
    """Images, vectors, labels or weights that cannot be used as they are."""


class SettingsError(AdqError):
    """A setting outside its range, or one that does not fit this data set."""


class StorageError(AdqError):
    """The disk refused: no space, no permission, or a folder that is not empty."""


class Cancelled(AdqError):
    """Somebody stopped the work; nothing half done is left behind."""

    exit_code = 130


def unknown_name(kind: str, given: object, names: Iterable[object]) -> SettingsError:
    """Return the error for a name that is not in a table of choices, listing the names there are."""
    return SettingsError(f"Unknown {kind} {given!r}. Choose one of: {', '.join(map(str, names))}.")
