"""Columns of a table of vectors: which are the numbers of the vectors, which is the id, and which the label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import SettingsError

IDS = (
    "id", "ids", "image_id", "sample_id", "uid", "uuid", "file", "filename", "file_name", "filepath", "file_path",
    "path", "image_path", "image",
)  # fmt: skip
LABELS = ("label", "labels", "class", "class_name", "classname", "label_name", "target", "category")
# Names of other columns that are no numbers of a vector, alone or behind or before a `_`: image_index, label_id, ...
OTHERS = {
    "index", "idx", "row", "rowid", "time", "timestamp", "date", "datetime", "created", "epoch", "year",
    "fold", "split", "prediction", "predicted", "pred", "y_true", "y_pred",
}  # fmt: skip
NUMBERED = re.compile(r"(.*?)(\d+)\D?")
MIN_MONOTONE = 8  # rows; fewer are in order by chance
FAR_LARGER = 1e4  # times the median size of the other columns


class Field(NamedTuple):
    """A column of a table: its name and the kind of its values: "number", "text", "list", "bytes" or "other"."""

    name: str
    kind: str


@dataclass
class Statistics:
    """Values of numeric columns, (d,) each, computed from the rows in parts."""

    rows: int = 0
    whole: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))  # only whole numbers
    rising: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))  # each row more than that before
    falling: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    total: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # sum of the absolute values
    last: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def add(self, values: NDArray[np.float64]) -> None:
        """Count the next rows, (n, d)."""
        if not len(values):
            return
        finite = np.where(np.isfinite(values), values, 0)
        if not self.rows:
            d = values.shape[1]
            self.whole, self.rising, self.falling = (np.ones(d, np.bool_) for _ in range(3))
            self.total = np.zeros(d)
            steps = np.diff(values, axis=0)
        else:
            steps = np.diff(np.concatenate([self.last[None], values]), axis=0)
        self.whole &= (finite == np.rint(finite)).all(0)
        self.rising &= (steps > 0).all(0)
        self.falling &= (steps < 0).all(0)
        self.total += np.abs(finite).sum(0)
        self.last = values[-1]
        self.rows += len(values)


class Choice(NamedTuple):
    """The columns of the vectors, and why other columns of numbers are left out."""

    names: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()  # (name, reason)

    def sentence(self) -> str:
        """Return what was taken and what was left out, for the user."""
        n = len(self.names)
        text = (
            f"The vectors are the {n:,} columns {span(self.names)}."
            if n > 1
            else f"The vectors are its column {shown_name(self.names[0])}."
        )
        if self.left_out:
            listed = [f"{shown_name(name)} ({reason})" for name, reason in self.left_out[:8]]
            more = f" and {len(self.left_out) - 8} more" if len(self.left_out) > 8 else ""
            text += f" Left out: {', '.join(listed)}{more}. The setting vector_columns chooses others."
        return text


def span(names: Sequence[str]) -> str:
    """Return names as a text that is short also for many of them: "f0 to f255"."""
    shown = [shown_name(name) for name in (names if len(names) <= 6 else (names[0], names[-1]))]
    return ", ".join(shown) if len(names) <= 6 else " to ".join(shown)


def shown_name(name: str) -> str:
    """Return the name of a column as it stands in a sentence: short, on one line."""
    text = "".join(character if character.isprintable() else "?" for character in name)
    return text if len(text) <= 40 else text[:39] + "…"


def plain(name: str) -> str:
    """Return a column name as it is compared: lower case, `_` between words."""
    return re.sub(r"[\s\-.]+", "_", name.strip().lower())


def id_column(fields: Sequence[Field]) -> str | None:
    """Return the name of the column of ids; numbers are ids only in a column whose name says so."""
    return _first(fields, IDS, lambda name, kind: kind == "text" or (kind == "number" and "id" in name))


def label_column(fields: Sequence[Field]) -> str | None:
    """Return the name of the column of labels, or None."""
    return _first(fields, LABELS, lambda name, kind: kind in ("text", "number", "bytes"))


def _first(fields: Sequence[Field], names: Sequence[str], fits: Any) -> str | None:
    for wanted in names:
        for name, kind in fields:
            if plain(name) == wanted and fits(wanted, kind):
                return name
    return None


def is_other(name: str) -> bool:
    """Return whether a column name says that the column is no number of a vector."""
    short = plain(name)
    words = short.split("_")
    known = OTHERS | {"id", "label", "class", "target", "category"}
    return (
        short in known | {"", *IDS, *LABELS}
        or bool(re.fullmatch(r"(label|class|target|category|index|id|time|timestamp)_?\d+", short))
        or name.startswith("__index_level")
        or short.startswith("unnamed")
        or words[-1] in known
        or words[0] in ("timestamp", "date")
    )


def families(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the names that differ only in their number (f0, f1, ...), by what they have in common."""
    found: dict[str, list[str]] = {}
    for name in names:
        match = NUMBERED.fullmatch(name)
        if match:
            found.setdefault(name[: match.end(1)] + "#" + name[match.end(2) :], []).append(name)
    return {common: members for common, members in found.items() if len(members) > 1}


def choose(names: Sequence[str], numbers: Statistics) -> Choice:
    """Return the columns of numbers that are the vectors; `numbers` describes these columns, in their order.

    A column is left out if its name says that it is no number of a vector. If columns are numbered (f0, f1, ...), only
    these are taken. Otherwise a column is left out if it is unlike all others: whole numbers beside numbers with
    decimals, numbers in rising or falling order, or much larger ones.
    """
    place = {name: number for number, name in enumerate(names)}
    left_out = {name: "by its name" for name in names if is_other(name)}
    rest = [name for name in names if name not in left_out]
    numbered = [name for members in families(rest).values() for name in members]
    if len(numbered) >= 2 and len(numbered) * 2 >= len(rest):
        left_out |= {name: "not numbered as the others are" for name in rest if name not in set(numbered)}
    elif len(rest) > 2:
        rows = [place[name] for name in rest]
        whole, size = numbers.whole[rows], numbers.total[rows] / max(numbers.rows, 1)
        ordered = (numbers.rising | numbers.falling)[rows] & (numbers.rows >= MIN_MONOTONE)
        median = float(np.median(size))
        large = (size > FAR_LARGER * median) & (median > 0)
        for column, name in enumerate(rest):
            if whole[column] and whole.sum() * 2 < len(rest):
                left_out[name] = "whole numbers, unlike the others"
            elif ordered[column] and ordered.sum() * 2 < len(rest):
                left_out[name] = "in rising or falling order, unlike the others"
            elif large[column]:
                left_out[name] = "much larger than the others"
    taken = tuple(name for name in names if name not in left_out)
    return Choice(taken, tuple((name, left_out[name]) for name in names if name in left_out))


def chosen(pattern: str, names: Iterable[str], file: str) -> tuple[str, ...]:
    """Return the columns of a comma-separated list of names, patterns (`f*`) and ranges (`f0:f255`), in file order.

    Raises
    ------
    SettingsError
        If a part fits no column.
    """
    known = list(names)
    found: set[str] = set()
    for part in (part.strip() for part in pattern.split(",")):
        first, _, last = part.partition(":")
        if part in known:
            matches = [part]
        elif first in known and last in known:
            low, high = sorted((known.index(first), known.index(last)))
            matches = known[low : high + 1]
        else:
            matches = [name for name in known if fnmatchcase(name, part)]
        if not matches:
            raise SettingsError(
                f"vector_columns must be names, patterns (f*) or ranges (f0:f255) of columns of numbers in {file}, got "
                f"{part!r:.60}. It has {span(known) or 'none'}.",
                "vector_columns",
            )
        found.update(matches)
    return tuple(name for name in known if name in found)
