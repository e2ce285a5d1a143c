"""Names of the files in a zip archive, which programs write in different encodings."""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

UNICODE_PATH = 0x7075  # extra field of Info-ZIP: the name in UTF-8 with the CRC-32 of the name that it replaces
UTF8_FLAG = 0x800


def entry_names(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    r"""Return the path of each entry in the archive, with `/` between folders and without `./` in front.

    A name is in UTF-8 if its entry says so, has the name in an extra field, or if all other names of the archive are
    valid UTF-8, as bsdtar and PHP write them. Other names are in the code page of the computer on which they were
    written: the first of `CODE_PAGES` in which they are words of one script, or else code page 437, the standard one.
    """
    raw = [None if entry.flag_bits & UTF8_FLAG else _bytes(entry.orig_filename) for entry in entries]
    in_extra = [_unicode_path(entry, name) for entry, name in zip(entries, raw, strict=True)]
    code_page = _code_page([name for name, known in zip(raw, in_extra, strict=True) if name is not None and not known])
    return [
        clean_path(known or (entry.orig_filename if name is None else name.decode(code_page)))
        for entry, name, known in zip(entries, raw, in_extra, strict=True)
    ]


def clean_path(path: str) -> str:
    r"""Return a path with `/` between folders (also for `\`), without `./` and doubled slashes."""
    path = re.sub(r"/(\./|/)*", "/", path.replace("\\", "/"))
    return path[2:] if path.startswith("./") else path


def points_outside(path: str) -> bool:
    """Return whether a path of an archive is absolute or leaves it by `..`."""
    parts = path.split("/")
    return ".." in parts or parts[0] == "" or bool(re.fullmatch("[A-Za-z]:", parts[0]))


def _bytes(name: str) -> bytes | None:
    """Return the bytes of a name that `zipfile` has decoded as code page 437."""
    try:
        return name.encode("cp437")
    except UnicodeEncodeError:
        return None


def _unicode_path(entry: zipfile.ZipInfo, raw: bytes | None) -> str | None:
    """Return the name in the extra field of Info-ZIP, if there is one and it belongs to this entry."""
    extra = entry.extra
    while raw is not None and len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and len(content) > 5:
            version, crc = struct.unpack_from("<BL", content)
            if version == 1 and crc == zlib.crc32(raw):
                try:
                    return content[5:].decode()
                except UnicodeDecodeError:
                    return None
    return None


def _code_page(names: Iterable[bytes]) -> str:
    """Return the encoding of these names; "utf-8" if all are ASCII."""
    unusual = [name for name in names if not name.isascii()]
    for encoding, is_likely in CODE_PAGES:
        try:
            texts = [name.decode(encoding) for name in unusual]
        except UnicodeDecodeError:
            continue
        if is_likely(texts):
            return encoding
    return "cp437"


def _scripts(text: str) -> list[str]:
    """Return the script of each character: the first word of its Unicode name; "" for ASCII that is no letter."""
    return [
        unicodedata.name(character, "UNKNOWN").split()[0].split("-")[0]
        if character.isalpha() or not character.isascii()
        else ""
        for character in text
    ]


def _is_in(*scripts: str) -> Callable[[Sequence[str]], bool]:
    """Return a test whether texts have no characters but ASCII and these scripts, without mixed words."""

    def test(texts: Sequence[str]) -> bool:
        found = [_scripts(text) for text in texts]
        foreign = any(
            not character.isascii() and script not in scripts
            for text, row in zip(texts, found, strict=True)
            for character, script in zip(text, row, strict=True)
        )
        mixed = "LATIN" not in scripts and any(
            "LATIN" in pair and set(pair) & set(scripts) for row in found for pair in pairwise(row)
        )
        return not foreign and not mixed

    return test


def _japanese(texts: Sequence[str]) -> bool:
    japanese = _is_in("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC")
    has_kana = any(script in ("HIRAGANA", "KATAKANA") for text in texts for script in _scripts(text))
    return has_kana and japanese(texts)


# Python's name of a code page, and whether names look like it. Letters of different scripts in one word show that a
# code page is the wrong one.
CODE_PAGES: tuple[tuple[str, Callable[[Sequence[str]], bool]], ...] = (
    ("utf-8", lambda texts: True),
    ("cp932", _japanese),
    ("euc_kr", _is_in("HANGUL")),
    ("cp866", _is_in("CYRILLIC")),
    ("cp437", _is_in("LATIN")),
    ("cp850", _is_in("LATIN")),
    ("gb2312", _is_in("CJK")),
)
