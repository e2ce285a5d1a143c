"""The parts of a filter in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .filter import Filter, Range

MAX_NAMED = 3  # values that are named; more are counted
MAX_NAME = 32  # characters of one value
FLAG_TEXTS = {
    ("selected", True): "selected",
    ("selected", False): "not selected",
    ("doubtful", True): "with a doubtful label",
    ("doubtful", False): "without a doubtful label",
    ("duplicate", True): "with a near duplicate",
    ("duplicate", False): "without a near duplicate",
}


class PartOfFilter(NamedTuple):
    """One part of a filter: its name for `Filter.without`, and its text."""

    name: str
    text: str


def parts_of(filter: Filter, labels: Mapping[str, str] | None = None) -> list[PartOfFilter]:
    """Return the parts that leave images out, in words: "class cat or dog", "texture 0.1 to 0.3".

    labels: names of columns on the screen, where they differ from the names in the filter.
    """
    labels = labels or {}
    parts = []
    if filter.classes:
        parts.append(PartOfFilter("class", f"class {_alternatives(filter.classes)}"))
    if filter.bins:
        parts.append(PartOfFilter("bin", f"bin {_bins(sorted(filter.bins))}"))
    for name, wanted in (("selected", filter.selected), ("doubtful", filter.doubtful), ("duplicate", filter.duplicate)):
        if wanted is not None:
            parts.append(PartOfFilter(name, FLAG_TEXTS[name, wanted]))
    if filter.text:
        parts.append(PartOfFilter("id", f"“{_short(filter.text)}” in the id"))
    for name, one in filter.ranges.items():
        parts.append(PartOfFilter(name, f"{_short(labels.get(name, name))} {_range(one)}"))
    for name, texts in filter.values.items():
        parts.append(PartOfFilter(name, f"{_short(labels.get(name, name))} {_alternatives(texts)}"))
    return parts


def describe_filter(
    filter: Filter, n: int, m: int, noun: str = "images", labels: Mapping[str, str] | None = None
) -> str:
    """Return one sentence: "312 of 10,000 images: class cat or dog; texture 0.1 to 0.3."."""
    if not filter:
        return f"{m:,} {noun}."
    return f"{n:,} of {m:,} {noun}: {'; '.join(part.text for part in parts_of(filter, labels))}."


def _alternatives(texts: Iterable[str]) -> str:
    shown = [_short(name) if name else "missing" for name in sorted(texts, key=lambda name: (not name, name))]
    if len(shown) > MAX_NAMED:
        return f"{shown[0]} or {len(shown) - 1:,} others"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _bins(numbers: list[int]) -> str:
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return (
        _alternatives(map(str, numbers)) if len(numbers) <= MAX_NAMED else f"{numbers[0]} or {len(numbers) - 1} others"
    )


def _range(one: Range) -> str:
    if one.low == -math.inf:
        return f"at most {_number(one.high)}"
    if one.high == math.inf:
        return f"at least {_number(one.low)}"
    return f"{_number(one.low)} to {_number(one.high)}" if one.low < one.high else f"equal to {_number(one.low)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"


def _short(text: str) -> str:
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"
