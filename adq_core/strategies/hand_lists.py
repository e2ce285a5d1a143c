"""Draws of any strategy with images that are always kept and images that are never taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from adq_core.quotas import webster
from adq_core.records import Bools, Ints

from .candidates import Candidates
from .draws import Draw


def draw_with_lists(
    draw: Callable[[Candidates, int, int], Draw], candidates: Candidates, n: int, seed: int, always: Bools, never: Bools
) -> Draw:
    """Return the draw of a strategy in which some images are always kept and others are never taken.

    always, never: (M,). The strategy draws from the images that may be taken. In each of its groups (classes, bins),
    the pinned images then come first and count within the quota of the group. A group with more pinned images than its
    quota gives all of them, and the other groups share the rest in proportion to their quotas. So the number of images
    stays n wherever enough of them may be taken.
    """
    if not always.any() and not never.any():
        return draw(candidates, n, seed)
    rows = np.flatnonzero(~never)
    some = candidates if len(rows) == len(never) else candidates.part(rows)
    return _pinned_first(draw(some, min(n, len(rows)), seed), rows, always)


def _pinned_first(draw: Draw, rows: Ints, always: Bools) -> Draw:
    """Return a draw from these rows as a draw from all images, with the pinned ones first in their groups."""
    pinned = always[rows]
    groups = len(draw.quota)
    least = np.bincount(draw.group[pinned], minlength=groups)
    total = max(int(draw.quota.sum()), int(least.sum()))
    quota = webster(draw.quota.astype(np.float64), np.maximum(draw.quota, least), total, least)
    order = np.lexsort((np.arange(len(rows)), draw.place, draw.place < 0, ~pinned, draw.group))
    sizes = np.bincount(draw.group, minlength=groups)
    place = np.empty(len(rows), np.int64)
    place[order] = np.arange(len(rows)) - (np.cumsum(sizes) - sizes)[draw.group[order]]
    place[(draw.place < 0) & ~pinned] = -1
    return replace(
        draw,
        group=_spread(draw.group, rows, len(always), 0),
        place=_spread(place, rows, len(always), -1),
        quota=quota,
        margin=_spread(draw.margin, rows, len(always), np.nan) if len(draw.margin) else draw.margin,
    )


def _spread(values: Any, rows: Ints, m: int, empty: float) -> Any:
    """Return values of some rows as (m,) values of all rows."""
    whole = np.full(m, empty, values.dtype)
    whole[rows] = values
    return whole
