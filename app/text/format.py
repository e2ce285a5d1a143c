"""Numbers and names in the form in which the pages show them."""

from __future__ import annotations

import math
from typing import Any

MAX_NAME = 60  # characters of a name inside a sentence


def percent(share: float) -> str:
    """Return a share as a percentage: one decimal below 100, more decimals if it would otherwise read 0 or 100."""
    value = round(100 * share, 6)
    if value >= 100:
        return f"{value:.0f}%"
    gap = min(abs(value), 100 - value)
    return f"{value:.{1 if gap == 0 or gap >= 0.05 else math.ceil(-math.log10(gap))}f}%"


def signed(value: Any) -> str:
    """Return an integer difference with its sign and thousands separators; 0 has no sign."""
    return f"{value:+,d}".replace("-", "−") if value else "0"


def shorten(name: str, max_length: int) -> str:
    """Return a name of at most `max_length` characters, without its middle: long names often differ at the ends."""
    length = max_length - 1
    if len(name) <= max_length:
        return name
    return f"{name[: length - length // 2]}…{name[len(name) - length // 2 :]}"


def class_label(name: str) -> str:
    """Return a class name for use inside a sentence: "class 8" if the name is a number; long names are shortened."""
    short = shorten(name, MAX_NAME)
    return f"class {short}" if name.isdecimal() else short


def file_size(n_bytes: int) -> str:
    """Return a number of bytes in the largest unit in which it is at least one."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if n_bytes >= factor:
            return f"{n_bytes / factor:,.1f} {unit}"
    return f"{n_bytes} bytes"


def enumerate_first(names: list[str], max_names: int) -> str:
    """Return the first names, separated by commas, and how many others there are."""
    others = len(names) - max_names
    text = ", ".join(names[:max_names])
    return text + (f" and {others:,} other{'s' if others > 1 else ''}" if others > 0 else "")
