"""The bytes of the histograms: for every column the bin of each image, and the conditions as one bit per image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.digests import content_digest
from adq_core.filters import Range
from adq_core.records import Bools, Floats

from ..blobs import encode_blob

MAX_BINS = 64
MISSING = 255  # as in crossfilter.js


@dataclass(frozen=True, eq=False)
class HistogramColumn:
    """A column of numbers, (M,); nan is a missing value."""

    name: str
    label: str
    values: Floats


@dataclass(frozen=True, eq=False)
class HistogramLevels:
    """The bins of every column and the blob with the bin of each image."""

    key: str
    blob: bytes
    edges: Mapping[str, tuple[Floats, Floats, bool]]  # column: lowest and highest value of each bin, one bin per value


def encode_levels(columns: Sequence[HistogramColumn], *, id: str, key: str, noun: str) -> HistogramLevels:
    """Return the bin of each image in every column, 1 byte each.

    A column with at most 64 different values has one bin for each of them; another has bins of equal width. `key` must
    identify the columns.
    """
    edges = {column.name: bins_of(column.values) for column in columns}
    arrays: dict[str, NDArray[Any]] = {}
    listed = []
    for number, column in enumerate(columns):
        lows, highs, is_discrete = edges[column.name]
        arrays[f"level{number}"] = _levels(column.values, lows, highs, is_discrete=is_discrete)
        listed.append(
            {
                "name": column.name,
                "label": column.label,
                "n": len(lows),
                "lows": lows.tolist(),
                "highs": highs.tolist(),
                "ends": [f"{lows[0]:,.4g}", f"{highs[-1]:,.4g}"],
            }
        )
    m = len(columns[0].values)
    header = {"kind": "levels", "id": id, "key": key, "columns": listed, "length": m, "noun": noun}
    return HistogramLevels(key, encode_blob(header, arrays), edges)


def bins_of(values: Floats) -> tuple[Floats, Floats, bool]:
    """Return the lowest and the highest value of each bin, (n,) each, n <= 64, and whether a bin is one value."""
    known = values[np.isfinite(values)]
    different = np.unique(known)
    if len(different) <= MAX_BINS:
        return different, different, True
    low, high = float(different[0]), float(different[-1])
    step = _round_step((high - low) / MAX_BINS)
    first, last = np.floor(low / step), np.ceil(high / step)
    edges = np.array([float(f"{number * step:.12g}") for number in np.arange(first, last + 1)])
    return edges[:-1], edges[1:], False


def conditions_blob(
    levels: HistogramLevels, base: Bools, values: Mapping[str, Floats], ranges: Mapping[str, Range], *, id: str
) -> bytes:
    """Return the images that match all conditions but the ranges, and those in each range, one bit per image."""
    arrays: dict[str, NDArray[Any]] = {"base": np.packbits(base, bitorder="little")}
    bins: list[list[int] | None] = []
    for number, name in enumerate(levels.edges):
        one = ranges.get(name)
        bins.append(None if one is None else bins_in_range(levels.edges[name], one))
        if one is not None:
            inside = (values[name] >= one.low) & (values[name] <= one.high)
            arrays[f"range{number}"] = np.packbits(inside, bitorder="little")
    key = content_digest(levels.key, repr(bins), *arrays.values())
    header = {"kind": "conditions", "id": id, "of": levels.key, "key": key, "bins": bins}
    return encode_blob(header, arrays)


def bins_in_range(edges: tuple[Floats, Floats, bool], one: Range) -> list[int]:
    """Return the first and the last bin that a range touches."""
    lows, highs, is_discrete = edges
    first = int(np.searchsorted(highs, one.low, side="left" if is_discrete else "right"))
    last = int(np.searchsorted(lows, one.high, side="right" if is_discrete else "left")) - 1
    return [min(first, len(lows) - 1), max(last, 0)]


def _levels(values: Floats, lows: Floats, highs: Floats, *, is_discrete: bool) -> NDArray[np.uint8]:
    level = np.searchsorted(lows, values, side="right") - 1
    level = np.clip(level, 0, len(lows) - 1)
    return np.where(np.isfinite(values), level, MISSING).astype(np.uint8)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least * (1 - 1e-9)))
