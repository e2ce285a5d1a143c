"""Names of uploads: how the name of a file is cleaned, and the text that names an upload in a setting or a link.

The text is "NAME (upload HANDLE)" for the owner of an upload, and "NAME (shared TOKEN)" for everybody else. The handle
works only in the browser that uploaded the file; the token, 128 random bits, is made when the owner shares the upload.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

ENDINGS = (  # of the files that can be uploaded
    *(".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".tar.zst"),
    *(".npz", ".npy", ".parquet", ".csv", ".tsv"),
)
LIST_ENDINGS = (".npy", ".csv", ".txt", ".json", ".jsonl")  # of uploaded lists of images
MAX_BYTES = 255  # of a name in UTF-8, as in usual file systems
UNNAMED = "upload"
_LISTS = "upload:"  # begins the text that names uploaded lists
_ALL_ENDINGS = tuple(dict.fromkeys((*ENDINGS, *LIST_ENDINGS)))
# Characters that reorder text across a whole line, so that a name could hide its ending: embeddings, overrides,
# isolates. The two plain direction marks (U+200E, U+200F) only affect their neighbours and stay.
_REORDERING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
_PATH_MARKS = str.maketrans({":": "-", "~": "-"})  # a reference must not look like a path
_REFERENCE = re.compile(r"(?P<name>.+) \((?P<kind>upload|shared) (?P<code>[0-9a-f]+)\)", re.DOTALL)
_CODE_LENGTH = {"upload": 12, "shared": 32}


@dataclass(frozen=True)
class Reference:
    """An upload as a setting names it."""

    kind: Literal["upload", "shared"]
    name: str
    code: str  # the handle or the token

    def __str__(self) -> str:
        return f"{self.name} ({self.kind} {self.code})"


def read_reference(text: str) -> Reference | None:
    """Return the reference that this text is, or None if it is another name or a path."""
    found = _REFERENCE.fullmatch(text)
    if found is None or len(found["code"]) != _CODE_LENGTH[found["kind"]] or clean_name(found["name"]) != found["name"]:
        return None
    return Reference("upload" if found["kind"] == "upload" else "shared", found["name"], found["code"])


def write_handles(handles: Iterable[str]) -> str:
    """Return the text that names these uploaded lists, `upload:HANDLE,HANDLE`."""
    return _LISTS + ",".join(handles)


def read_handles(text: str) -> list[str] | None:
    """Return the handles in a text of `write_handles`, or None if it is another text."""
    return text.removeprefix(_LISTS).split(",") if text.startswith(_LISTS) else None


def clean_name(name: str) -> str:
    """Return the last part of a file name without characters that cannot be shown, at most 255 bytes long.

    Letters of all scripts stay, in the composed form (NFC). A name that is too long loses the end of its stem; its
    ending stays.
    """
    text = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = "".join(" " if char.isspace() else char for char in text if not _is_hidden(char))
    text = unicodedata.normalize("NFC", " ".join(text.translate(_PATH_MARKS).split()))
    ending = ending_of(text)
    stem = stem_of(text).lstrip(". ")
    while len((stem + ending).encode()) > MAX_BYTES:
        stem = stem[:-1]
    return (stem.rstrip() or UNNAMED) + ending


def ending_of(name: str) -> str:
    """Return the ending of a file name as it is written in it, empty if files with this ending cannot be uploaded."""
    found = max((ending for ending in _ALL_ENDINGS if name.lower().endswith(ending)), key=len, default="")
    return name[len(name) - len(found) :]


def stem_of(name: str) -> str:
    """Return a file name without the ending of `ending_of`."""
    return name[: len(name) - len(ending_of(name))]


def _is_hidden(char: str) -> bool:
    """Return whether a character is removed: control characters, lone surrogates and marks that reorder text."""
    return char in _REORDERING or (unicodedata.category(char) in ("Cc", "Cs") and not char.isspace())
