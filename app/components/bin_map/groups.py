"""Groups of images: the map of groups draws every image in the colour and the shape of its group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from adq_core.digests import content_digest
from adq_core.projection import label_places
from adq_core.records import Ints

from ..blobs import encode_blob
from .encoding import MapStore, display_of_store

SHAPES = ("disc", "square", "triangle", "cross", "diamond")  # as CLASS_SHAPES in frontend/glyphs.js
MAX_GROUPS = 65_536  # the group of an image is sent as uint16


@dataclass(frozen=True)
class Group:
    """Images that look alike on the map.

    `colours` are "#rrggbb" in a light and in a dark theme, `size` is relative to the other groups. Groups of a higher
    `layer` are drawn above those of a lower one; within a layer no group covers the others.
    """

    name: str
    colours: tuple[str, str]
    shape: str = "disc"
    size: float = 1.0
    layer: int = 0


@dataclass(frozen=True, eq=False)
class GroupView:
    """The groups that the map shows, and the group of every image."""

    groups: Sequence[Group]
    group_of: Ints  # (M,) index into `groups`, in row order of the data set
    has_labels: bool = False  # the name of each group stands at its densest place
    has_legend: bool = False  # one button per group, which hides it
    height: int = 420  # of the canvas, in CSS pixels
    title: str = ""  # written before the name of a group in a tooltip
    noun: str = "images"  # for the name of the canvas

    def __post_init__(self) -> None:
        if not len(self.groups) <= MAX_GROUPS:
            raise ValueError(f"groups must be at most {MAX_GROUPS:,}, got {len(self.groups):,}.")
        if len(self.group_of) and not 0 <= self.group_of.min() <= self.group_of.max() < len(self.groups):
            raise ValueError(
                f"group_of must be in 0 to {len(self.groups) - 1}, got {self.group_of.min()} to {self.group_of.max()}."
            )

    def blob(self, store: MapStore) -> tuple[str, bytes]:
        """Return the key and the blob of the groups on this map; the last one is kept for the next run of the page."""
        last: tuple[str, tuple[str, bytes]] | None = self.__dict__.get("_last_blob")
        if last is None or last[0] != store.key:
            last = store.key, self._encode(store)
            object.__setattr__(self, "_last_blob", last)
        return last[1]

    def _encode(self, store: MapStore) -> tuple[str, bytes]:
        """Return the key and the blob of the groups on this map: the look of each group, and the group of each image.

        The group takes 1 byte per image for up to 256 groups, else 2 bytes. The positions are not in it: they stay in
        the browser when only the groups change.
        """
        levels = np.asarray(self.group_of)[store.rows].astype(np.uint8 if len(self.groups) <= 256 else np.uint16)
        header = {
            "kind": "groups",
            "groups": [asdict(group) for group in self.groups],
            "places": self._label_places(store) if self.has_labels else [],
            "has_legend": self.has_legend,
            "display": {**display_of_store(store), "height": self.height, "title": self.title, "noun": self.noun},
        }
        key = f"groups-{content_digest(store.key, repr(sorted(header.items())), levels)}"
        return key, encode_blob({**header, "key": key}, {"level": levels})

    def _label_places(self, store: MapStore) -> list[list[float] | None]:
        """Return the position of each group's name; None for a group without images."""
        places = label_places(store.xy, self.group_of, len(self.groups)).tolist()
        count = np.bincount(self.group_of, minlength=len(self.groups))
        return [place if n else None for place, n in zip(places, count, strict=True)]
