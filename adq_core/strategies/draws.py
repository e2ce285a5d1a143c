"""A draw: the images that a strategy selects, and the order in which it takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from adq_core.records import Bools, Floats, Ints, Record, freeze_arrays


def _none() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Draw(Record):
    """The subset of a strategy: the first `quota[g]` images of each group g, in an order of the strategy.

    The groups are the whole set, the classes, the bins or levels of difficulty (`Strategy.groups`). So for every image
    there is a reason why it is selected or not.
    """

    kind: ClassVar[str] = "strategydraw"
    group: Ints  # (M,) int64
    place: Ints  # (M,) int64, place in the order of its group, from 0; -1: left out, or never reached by the order
    quota: Ints  # (G,) int64, selected images of each group
    share: float = 0.0  # of the images that was left out as too hard
    margin: Floats = field(default_factory=_none)  # (M,) out-of-fold margins, if the strategy uses them; else (0,)
    key: str = ""

    def __post_init__(self) -> None:
        m = len(self.group)
        freeze_arrays(self, {"group": (m,), "place": (m,), "quota": (None,), "margin": (m if len(self.margin) else 0,)})

    @property
    def selected(self) -> Bools:
        """Whether each image is selected, (M,)."""
        return np.asarray((self.place >= 0) & (self.place < self.quota[self.group]))

    @property
    def rows(self) -> Ints:
        """Rows of the selected images, int64, ascending."""
        return np.flatnonzero(self.selected).astype(np.int64)


def draw_by_priority(priority: Floats, group: Ints, quota: Ints, *, share: float = 0.0) -> Draw:
    """Return the draw that takes the images of each group in ascending order of their priority.

    priority: (M,); inf: the image is left out. group: (M,) numbers below len(quota). Equal priorities are taken in the
    order of the rows.
    """
    group = np.asarray(group, np.int64)
    rows = np.lexsort((priority, group))  # stable
    sizes = np.bincount(group, minlength=len(quota))
    place = np.empty(len(group), np.int64)
    place[rows] = np.arange(len(group)) - (np.cumsum(sizes) - sizes)[group[rows]]
    place[np.isinf(priority)] = -1
    return Draw(group=group, place=place, quota=np.asarray(quota, np.int64), share=share)
