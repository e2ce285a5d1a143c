"""Errors of this library. The text of each states the requirement, the given value, and a possible fix.

AdqError
├── InputError      (also a ValueError)  images, vectors, labels, weights or files
│   └── FilesChangedError                files of an open data set changed; open it again
├── SettingsError   (also a ValueError)  a setting
├── StorageError                         the disk
└── Cancelled                            the user stopped the work
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


class AdqError(Exception):
    """Base class of all errors of this library; the command line prints the text and exits with `exit_code`."""

    exit_code = 2


class InputError(AdqError, ValueError):
    """Images, vectors, labels, weights or files that cannot be used."""


class FilesChangedError(InputError):
    """Files of an open data set that are not the ones that were read; opening the data set again reads them anew."""


class SettingsError(AdqError, ValueError):
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
    """A file or folder that cannot be written: no space, no permission, or a folder that is not empty."""


class Cancelled(AdqError):
    """The user stopped the work; no incomplete result is left behind."""

    exit_code = 130


def unknown_name(kind: str, name: object, names: Iterable[object], *settings: str) -> SettingsError:
    """Return the error for a name that is not in a table of choices; its text lists the valid names.

    `settings` is the name of the setting if `kind` is one.
    """
    return SettingsError(f"Unknown {kind} {name!r}. Choose one of: {', '.join(map(str, names))}.", *settings)
