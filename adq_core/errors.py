"""What can go wrong, each as one sentence a person can act on: what must hold, what was given, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


class AdqError(Exception):
    """Base of every error raised on purpose; the command line prints its text and exits with `exit_code`."""

    exit_code = 2


class InputError(AdqError):
    """Images, vectors, labels or weights that cannot be used as they are."""


class SettingsError(AdqError):
    """A setting outside its range, or one that does not fit this data set.

    `settings` are the names of the settings that occur in the text, the wrong one first.
    """

    def __init__(self, text: str, *settings: str) -> None:
        super().__init__(text)
        self.settings = settings

    def named(self, names: Mapping[str, str]) -> str:
        """Return the text with each setting named as in `names`: by its widget's label or its option."""
        replaced = [name for name in self.settings if name in names]
        if not replaced:
            return str(self)
        return re.sub(rf"\b(?:{'|'.join(replaced)})\b", lambda found: names[found[0]], str(self))


class StorageError(AdqError):
    """The disk refused: no space, no permission, or a folder that is not empty."""


class Cancelled(AdqError):
    """Somebody stopped the work; nothing half done is left behind."""

    exit_code = 130


def unknown_name(kind: str, given: object, names: Iterable[object], *settings: str) -> SettingsError:
    """Return the error for a name that is not in a table of choices, listing the names there are.

    `settings` is the name of the setting when `kind` is one.
    """
    return SettingsError(f"Unknown {kind} {given!r}. Choose one of: {', '.join(map(str, names))}.", *settings)
