"""The filter as a value: each part that is set leaves images out, and an image is shown if it matches all parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from adq_core.errors import InputError
from adq_core.records import Bools, Floats, Ints

FLAGS = ("selected", "doubtful", "duplicate")  # parts that are True (only these images), False (only the others), None
NOT_COLUMNS = ("", "class", "bin", "id", *FLAGS)  # names that have another meaning


@dataclass(frozen=True)
class Range:
    """The values from `low` to `high`, both included; -inf and inf: open. A missing value is in no range."""

    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        low, high = float(self.low) + 0.0, float(self.high) + 0.0  # + 0.0 converts -0.0 to 0.0
        if math.isnan(low) or math.isnan(high) or low > high or low == math.inf or high == -math.inf:
            raise InputError(f"A range must have two numbers, the lower one first, got {low:g} to {high:g}.")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def is_open(self) -> bool:
        """Return whether every number is in the range."""
        return self.low == -math.inf and self.high == math.inf


@dataclass(frozen=True)
class Filter:
    """Conditions that an image must meet to be shown. A part with its default value leaves no image out.

    Equal filters compare equal, in whatever order their parts were given. `ranges` and `values` are by the name of a
    column; `values` are the texts of a column of texts, "" is a missing one.
    """

    classes: frozenset[str] = frozenset()  # names; an image has one of them
    bins: frozenset[int] = frozenset()
    selected: bool | None = None
    doubtful: bool | None = None  # negative margin: a probe prefers another class
    duplicate: bool | None = None  # another image looks alike
    text: str = ""  # in the id, in upper or lower case
    ranges: Mapping[str, Range] = field(default_factory=dict)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bins = frozenset(int(number) for number in self.bins)
        if any(number < 0 for number in bins):
            raise InputError("The bins of a filter must be whole numbers from 0.")
        if any(name in NOT_COLUMNS for name in (*self.ranges, *self.values)):
            raise InputError("A filter cannot have a range or a list of values with the name of another part.")
        object.__setattr__(self, "classes", frozenset(self.classes))
        object.__setattr__(self, "bins", bins)
        object.__setattr__(self, "text", self.text.strip())
        ranges = {name: one for name, one in sorted(self.ranges.items()) if not one.is_open}
        values = {name: frozenset(texts) for name, texts in sorted(self.values.items()) if texts}
        object.__setattr__(self, "ranges", ranges)
        object.__setattr__(self, "values", values)

    def __hash__(self) -> int:
        return hash((self.classes, self.bins, self.flags, self.text, *self.ranges.items(), *self.values.items()))

    def __bool__(self) -> bool:
        return self != ALL_IMAGES

    @property
    def flags(self) -> tuple[bool | None, ...]:
        """Return the parts that are True, False or None, in the order of `FLAGS`."""
        return self.selected, self.doubtful, self.duplicate

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns that the filter reads."""
        return (*self.ranges, *self.values)

    def with_range(self, name: str, low: float = -math.inf, high: float = math.inf) -> Filter:
        """Return the filter with this range of a column; without limits, the column is not part of it."""
        return replace(self, ranges={**self.ranges, name: Range(low, high)})

    def with_values(self, name: str, texts: Iterable[str]) -> Filter:
        """Return the filter with these texts of a column; without texts, the column is not part of it."""
        return replace(self, values={**self.values, name: frozenset(texts)})

    def without(self, part: str) -> Filter:
        """Return the filter without a part: "class", "bin", "id", one of `FLAGS`, or the name of a column."""
        empty: dict[str, dict[str, Any]] = {
            "class": {"classes": frozenset()},
            "bin": {"bins": frozenset()},
            "id": {"text": ""},
            **{flag: {flag: None} for flag in FLAGS},
        }
        if part in empty:
            return replace(self, **empty[part])
        ranges = {name: one for name, one in self.ranges.items() if name != part}
        values = {name: texts for name, texts in self.values.items() if name != part}
        return replace(self, ranges=ranges, values=values)


ALL_IMAGES = Filter()


def matching_rows(
    filter: Filter,
    m: int,
    *,
    labels: Ints,
    class_names: tuple[str, ...],
    folded_ids: tuple[str, ...] = (),
    columns: Mapping[str, Any] | None = None,
) -> Bools:
    """Return which of m images match the filter, (m,) bool.

    labels: (m,) indices into class_names. folded_ids: the ids, casefolded, if the filter has a text. columns: the
    arrays that the filter reads, by name: `bin`, `selected`, `doubtful` and `duplicate` for those parts; numbers (m,)
    for a range; (codes (m,), texts) for values, where `texts[codes[i]]` is the text of image i.
    """
    columns = columns or {}
    shown = np.ones(m, np.bool_)
    if filter.classes:
        shown &= np.array([name in filter.classes for name in class_names], np.bool_)[labels]
    if filter.bins:
        bin_of: Ints = columns["bin"]
        table = np.zeros(max(int(bin_of.max()), *filter.bins) + 1, np.bool_)
        table[list(filter.bins)] = True
        shown &= table[bin_of]
    for name, wanted in zip(FLAGS, filter.flags, strict=True):
        if wanted is not None:
            shown &= columns[name] if wanted else ~columns[name]
    for name, one in filter.ranges.items():
        numbers: Floats = columns[name]
        shown &= (numbers >= one.low) & (numbers <= one.high)
    for name, wanted_texts in filter.values.items():
        codes, texts = columns[name]
        shown &= np.array([text in wanted_texts for text in texts], np.bool_)[codes]
    if filter.text:
        part = filter.text.casefold()
        shown &= np.fromiter((part in name for name in folded_ids), np.bool_, m)
    return shown
