"""The data sets whose pictures this server sends, by an unguessable name.

A page registers its data set for its owner and gives the name to its browser. The data set itself is not kept: when
the server closes it, its name is forgotten, and the page registers it again.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from weakref import ref

from adq_core.data import ImageDataset

from .columns import ImageColumn

MAX_SOURCES = 512


@dataclass(frozen=True, eq=False)
class TileSource:
    """A data set and the columns that its tooltips show; `is_allowed` tells whether the owner may still see it."""

    dataset: ref[ImageDataset]
    columns: tuple[ImageColumn, ...]
    is_allowed: Callable[[], bool]


class Sources:
    """The registered data sets. Threads may share it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._by_name: OrderedDict[str, TileSource] = OrderedDict()
        self._names: dict[tuple[str, str], str] = {}

    def add(self, owner: str, key: str, make: Callable[[], TileSource]) -> str:
        """Return the name of a source; the same owner and key have the same name as long as it is registered.

        `key` must identify the data set and the columns.
        """
        with self._guard:
            name = self._names.get((owner, key))
            if name is not None and self._by_name[name].dataset() is not None:
                self._by_name.move_to_end(name)
                return name
            if name is not None:
                del self._by_name[name]
            name = self._names[owner, key] = secrets.token_urlsafe(16)
            self._by_name[name] = make()
            while len(self._by_name) > MAX_SOURCES:
                oldest, _ = self._by_name.popitem(last=False)
                self._names = {of: known for of, known in self._names.items() if known != oldest}
            return name

    def find(self, name: str) -> tuple[ImageDataset, TileSource] | None:
        """Return the data set of this name and its source; None if it is closed or its owner may not see it."""
        with self._guard:
            source = self._by_name.get(name)
        data = None if source is None else source.dataset()
        return None if source is None or data is None or not source.is_allowed() else (data, source)


_sources = Sources()


def sources() -> Sources:
    """Return the sources of this server."""
    return _sources
