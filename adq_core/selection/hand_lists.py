"""Images that a user always keeps or never takes, as masks over a data set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, NamedTuple

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import SettingsError
from adq_core.id_lists import ids_of_text
from adq_core.records import Bools, Ints, Record

from .saved import ids_digest

MAX_KNOWN = 8  # pairs of lists whose masks are kept


class HandLists(NamedTuple):
    """The images that are always kept, and those that are never taken; none is both."""

    always: Bools  # (M,)
    never: Bools  # (M,)

    @property
    def any(self) -> bool:
        """Return whether one of the lists has an image."""
        return bool(self.always.any() or self.never.any())


@dataclass(frozen=True, eq=False)
class IdList(Record):
    """A list of ids that is too long for a link: it is stored, and the link has its key."""

    kind: ClassVar[str] = "idlist"
    ids: tuple[str, ...]
    key: str  # the digest of the ids


def id_list(ids: Iterable[str]) -> IdList:
    """Return the record of these ids."""
    unique = tuple(sorted(set(ids)))
    return IdList(ids=unique, key=ids_digest(unique))


def hand_lists(dataset: ImageDataset, always: str | None, never: str | None) -> HandLists:
    """Return the images of the data set that two lists of ids name; the lists are texts as in `Settings`.

    Raises `SettingsError` if a list names images that the data set does not have.
    """
    return _hand_lists(_Known(dataset), always, never)


def rows_of_ids(dataset: ImageDataset, ids: tuple[str, ...]) -> Ints:
    """Return the row of each id, (n,); -1 for an id that the data set does not have."""
    import pandas as pd

    return np.asarray(pd.Index(dataset.ids, dtype=object).get_indexer(pd.Index(ids, dtype=object)), np.int64)


class _Known:
    """A data set as an argument of a cached function: two are equal if their keys are."""

    def __init__(self, dataset: ImageDataset) -> None:
        self.dataset = dataset

    def __hash__(self) -> int:
        return hash(self.dataset.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.dataset.key == other.dataset.key


@lru_cache(maxsize=MAX_KNOWN)
def _hand_lists(known: _Known, always: str | None, never: str | None) -> HandLists:
    return HandLists(_mask(known.dataset, "always", always), _mask(known.dataset, "never", never))


def _mask(dataset: ImageDataset, name: str, text: str | None) -> Bools:
    mask = np.zeros(len(dataset), np.bool_)
    ids = ids_of_text(text)
    if ids:
        rows = rows_of_ids(dataset, ids)
        if (rows < 0).any():
            missing = int((rows < 0).sum())
            raise SettingsError(
                f"{name} must have ids of {dataset.name}, but {missing:,} of {len(ids):,} {_are(missing)} not, for "
                f"example {ids[int(np.argmin(rows))]}. Remove {'it' if missing == 1 else 'them'} from the list.",
                name,
            )
        mask[rows] = True
    mask.flags.writeable = False
    return mask


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
