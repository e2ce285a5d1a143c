"""Texts for users without paths of the server. No Streamlit in here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

_UPLOAD_ID = re.compile(r"(?:[^\s'\"]*/)?(?<![0-9a-f])([0-9a-f]{32})((?:\.[a-z0-9]+)*)(?![0-9a-f])")
_ENDING = re.compile(r"(\.tar)?\.[^.]*$", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?<![\w.:/<&])(?:[A-Za-z]:)?(?:[/\\](?![/\\\s])[^\s/\\'\":,;()]+)*[/\\](?=[^\s/\\'\":,;()])")


def with_upload_names(text: str, name_of: Callable[[str], str | None]) -> str:
    """Return the text with the name of each upload instead of the file in which the server stores it.

    `name_of` returns the name of the upload with an id, or None.
    """

    def replaced(found: re.Match[str]) -> str:
        name = name_of(found[1])
        if name is None:
            return found[0]
        return name if found[2] else _ENDING.sub("", name)

    return _UPLOAD_ID.sub(replaced, text)


def without_folders(text: str, root: str | None) -> str:
    """Return the text with paths relative to the folder of data, and with only the last part of all other paths."""
    for folder in _spellings(root):
        text = re.sub(rf"(?<![\w.]){re.escape(folder)}(?:[/\\]+|(?![\w.-]))", "", text)
    return _ABSOLUTE.sub("", text)


def relative_to(path: str, root: str) -> str:
    """Return a path relative to a folder, or the path itself if it is not below that folder."""
    for folder in _spellings(root):
        if path.startswith((f"{folder}/", f"{folder}\\")):
            return path[len(folder) :].lstrip("/\\")
    return path


def _spellings(root: str | None) -> list[str]:
    """Return the ways to write the path of a folder, the longest first."""
    if not root:
        return []
    ways = {root, os.path.abspath(os.path.expanduser(root)), os.path.realpath(os.path.expanduser(root))}
    return sorted((way.rstrip("/\\") for way in ways if way.rstrip("/\\")), key=len, reverse=True)
