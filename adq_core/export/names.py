"""Names of files and folders that every usual file system accepts, each of them once."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

MAX_BYTES = 120  # of a name, with its ending
# Control characters, characters that Windows does not accept, backslashes, marks of text direction, lone surrogates.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"/\\|?*\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # names of devices on Windows


def safe_name(name: str, *, ending: str = "", default: str = "image") -> str:
    """Return a name that is not hidden, has no separators, and at most 120 bytes; a safe name stays as it is.

    `ending`, such as ".png", is added if the name has another one.
    """
    text = UNSAFE.sub("-", unicodedata.normalize("NFC", name))
    stem, ending = (text[: -len(ending)], text[-len(ending) :]) if _ends(text, ending) else (text, ending)
    stem = re.sub(r"^[.\s]+", "", stem)
    stem = re.sub(r"^_{2,}", "_", stem)  # libraries leave out folders that begin with two
    while len((stem + ending).encode()) > MAX_BYTES:
        stem = stem[:-1]
    stem = stem if ending else re.sub(r"[.\s]+$", "", stem)
    if not stem.strip("-. "):
        stem = default
    return ("_" if RESERVED.fullmatch(stem) else "") + stem + ending


def _ends(text: str, ending: str) -> bool:
    return bool(ending) and text.lower().endswith(ending.lower()) and len(text) > len(ending)


def unique_names(names: Sequence[str], numbers: Sequence[int], taken: Sequence[str] = ()) -> list[str]:
    """Return names that differ from each other and from `taken`, also where capital letters do not count.

    A name that occurs once stays. Others get a hyphen and their number before the ending, and another hyphen until
    nothing else has the name.
    """
    counts = Counter(map(_key, names))
    used = {_key(name) for name in taken} | {key for key, count in counts.items() if count == 1}
    forbidden = {_key(name) for name in taken}
    result = []
    for name, number in zip(names, numbers, strict=True):
        if counts[_key(name)] > 1 or _key(name) in forbidden:
            stem, dot, ending = name.rpartition(".")
            stem, ending = (stem, dot + ending) if stem else (name, "")
            mark = f"-{number}"
            while _key(name := _short(stem, mark + ending)) in used:
                mark += "-"
            used.add(_key(name))
        result.append(name)
    return result


def _short(stem: str, end: str) -> str:
    while len((stem + end).encode()) > MAX_BYTES + 24:
        stem = stem[:-1]
    return stem + end


def _key(name: str) -> str:
    """Return the form in which two names are the same file on some systems."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
