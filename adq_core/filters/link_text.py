"""The text form of a filter, for links and for a text box: `bin:0-2,5 class:cat,dog selected texture=0.1..0.3`.

Parts have spaces between them, in alphabetical order, so equal filters have equal texts. `name:a,b` are values,
`name=low..high` is a range with one end or both, a name alone is a flag and `-` before it its opposite. Other
characters than letters, digits and `-_./` are written as `~` and the two hexadecimal digits of each of their bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from adq_core.errors import InputError

from .filter import FLAGS, Filter, Range

MAX_LENGTH = 16_384  # characters of the text of a filter
MAX_BIN = 100_000
PLAIN = "-_./"
FORM = "such as: class:cat,dog bin:0-2 selected texture=0.1..0.3 id:dog"


def write_filter(filter: Filter) -> str:
    """Return the text form of a filter; empty if the filter leaves no image out."""
    parts = [
        name if wanted else f"-{name}" for name, wanted in zip(FLAGS, filter.flags, strict=True) if wanted is not None
    ]
    if filter.classes:
        parts.append(f"class:{_list(filter.classes)}")
    if filter.bins:
        parts.append(f"bin:{_number_runs(sorted(filter.bins))}")
    if filter.text:
        parts.append(f"id:{_escape(filter.text)}")
    parts += [f"{_escape(name)}={_end(one.low)}..{_end(one.high)}" for name, one in filter.ranges.items()]
    parts += [f"{_escape(name)}:{_list(texts)}" for name, texts in filter.values.items()]
    return " ".join(sorted(parts))


def read_filter(text: str) -> Filter:
    """Return the filter that a text describes, in whatever order its parts are.

    Raises
    ------
    InputError
        If the text has another form, or gives a part twice.
    """
    if len(text) > MAX_LENGTH:
        raise InputError(f"A filter must have at most {MAX_LENGTH:,} characters, got {len(text):,}.")
    found: dict[str, Any] = {"ranges": {}, "values": {}}
    seen: set[str] = set()
    for part in text.split():
        name = _read_part(part, found)
        if name in seen:
            raise InputError(f"A filter must have each part once, but {_shown(name)} is in it twice.")
        seen.add(name)
    return Filter(**found)


def _read_part(part: str, found: dict[str, Any]) -> str:
    """Add one part to the fields of a filter, and return its name."""
    match = re.fullmatch(r"([^:=]+)(?:([:=])(.*))?", part)
    if match is None:
        raise _no_filter(part)
    name, mark, rest = _unescape(match[1]), match[2], match[3]
    if mark is None:
        flag = name.removeprefix("-")
        if flag not in FLAGS:
            raise _no_filter(part)
        found[flag] = not name.startswith("-")
        return flag
    if mark == "=":
        found["ranges"][name] = _read_range(rest, part)
    elif name == "class":
        found["classes"] = _read_list(rest)
    elif name == "bin":
        found["bins"] = _read_numbers(rest, part)
    elif name == "id":
        found["text"] = _unescape(rest)
    else:
        found["values"][name] = _read_list(rest)
    return name


def _read_range(text: str, part: str) -> Range:
    low, dots, high = text.partition("..")
    try:
        ends = float(low or -math.inf), float(high or math.inf)
    except ValueError:
        raise _no_filter(part) from None
    if not dots:
        raise _no_filter(part)
    return Range(*ends)


def _read_numbers(text: str, part: str) -> frozenset[int]:
    numbers: set[int] = set()
    for run in text.split(","):
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", run, re.ASCII)
        if match is None:
            raise _no_filter(part)
        low, high = int(match[1]), int(match[2] or match[1])
        if not low <= high <= MAX_BIN:
            raise InputError(f"The bins of a filter must be in 0 to {MAX_BIN:,}, the lower one first.")
        numbers.update(range(low, high + 1))
    return frozenset(numbers)


def _number_runs(numbers: list[int]) -> str:
    """Return sorted numbers with ranges for neighbours: 0-2,5."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)


def _end(value: float) -> str:
    """Return the shortest text of a number that `float` reads as the same number; empty for an open end."""
    return "" if math.isinf(value) else repr(value).removesuffix(".0")


def _list(texts: Iterable[str]) -> str:
    return ",".join(sorted(map(_escape, texts)))


def _read_list(text: str) -> frozenset[str]:
    return frozenset(map(_unescape, text.split(",")))


def _escape(text: str) -> str:
    return "".join(character if character.isalnum() or character in PLAIN else _bytes(character) for character in text)


def _bytes(character: str) -> str:
    return "".join(f"~{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _unescape(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        try:
            return bytes.fromhex(found[0].replace("~", "")).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise _no_filter(text) from None

    return re.sub(r"(?:~[0-9A-Fa-f]{2})+", character, text)


def _no_filter(part: str) -> InputError:
    return InputError(f"A filter must have parts {FORM}. Got {_shown(part)}.")


def _shown(part: str) -> str:
    text = "".join(character if character.isprintable() else "?" for character in part)
    return repr(text if len(text) <= 40 else text[:39] + "…")
