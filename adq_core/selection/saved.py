"""A choice that somebody named and kept: settings that give it, or ids where no settings would, and their digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any, ClassVar

import numpy as np

from adq_core.data import ImageDataset
from adq_core.errors import InputError
from adq_core.records import Ints, Record, freeze_arrays
from adq_core.settings import Settings

MAX_NAME_LENGTH = 80
MAX_DESCRIPTION_LENGTH = 400


@dataclass(frozen=True)
class SavedSelection:
    """A named choice: the settings it was made under, and the digest of its ids to tell whether it still comes out.

    Where `by_hand` is set, the settings alone do not give the images (a lasso): their ids are a `ManualSelection` in
    the store, under the digest.
    """

    name: str
    settings: Settings
    dataset_key: str  # of the data it was made from
    n_images: int  # chosen
    digest: str  # of the ids, see `ids_digest`
    by_hand: bool = False
    about: str = ""  # how it was chosen, in words

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MAX_NAME_LENGTH:
            raise InputError(
                f"A kept choice must have a name of 1 to {MAX_NAME_LENGTH} characters, got {self.name[:100]!r}."
            )

    def to_mapping(self) -> dict[str, Any]:
        """Return everything as what JSON can hold."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, told: Mapping[str, Any]) -> SavedSelection:
        """Return the kept choice that `to_mapping` gave; raise `AdqError` where anything in it is not as it must be."""
        kinds = {"name": str, "settings": dict, "dataset_key": str, "n_images": int, "digest": str}
        kinds |= {"by_hand": bool, "about": str}
        for name, kind in kinds.items():
            if type(told.get(name)) is not kind:
                raise InputError(f"A kept choice must have {name} of type {kind.__name__}, got {told.get(name)!r:.60}.")
        if told["n_images"] < 0 or not is_digest(told["digest"]):
            raise InputError("A kept choice must have a count of 0 or more and a digest of 32 hex digits.")
        values = {name: told[name] for name in kinds} | {"settings": Settings.from_mapping(told["settings"])}
        return cls(**(values | {"about": told["about"][:MAX_DESCRIPTION_LENGTH]}))


@dataclass(frozen=True, eq=False)
class ManualSelection(Record):
    """Images that somebody picked by hand, such as with a lasso: their ids, for no settings would give them."""

    kind: ClassVar[str] = "handpicked"
    ids: tuple[str, ...]
    rows: Ints  # (K,) their rows in the data set of `dataset_key`, ascending
    dataset_key: str
    how: str  # they were picked, as JSON: what an archive of them says of it
    key: str  # the digest of the ids and of the data set's key

    def __post_init__(self) -> None:
        freeze_arrays(self, {"rows": (len(self.ids),)})


def manual_selection(dataset: ImageDataset, rows: Ints, *, how: Mapping[str, Any]) -> ManualSelection:
    """Return the record of these rows of a data set, by their ids; `how` is what to tell of their picking."""
    rows = np.unique(np.asarray(rows, np.int64))
    ids = ids_of(dataset, rows)
    key = picked_key(dataset.key, ids)
    return ManualSelection(ids=ids, rows=rows, dataset_key=dataset.key, how=json.dumps(how, allow_nan=False), key=key)


def rows_of(picked: ManualSelection, dataset: ImageDataset) -> Ints:
    """Return the rows, ascending, of those picked images that this data set still has, found by their ids."""
    if picked.dataset_key == dataset.key:
        return picked.rows
    import pandas as pd

    found = pd.Index(dataset.ids).get_indexer(pd.Index(picked.ids))
    return np.sort(found[found >= 0]).astype(np.int64)


def ids_of(dataset: ImageDataset, rows: Ints) -> tuple[str, ...]:
    """Return the ids of these rows."""
    if len(rows) == 0:
        return ()
    found = itemgetter(*np.asarray(rows).tolist())(dataset.ids)
    return (found,) if len(rows) == 1 else found


def ids_digest(ids: Iterable[str]) -> str:
    """Return a 32-digit hex digest of a set of ids: the same in whatever order they come."""
    told = "\0".join(sorted(ids))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def picked_key(dataset_key: str, ids: Iterable[str]) -> str:
    """Return the digest under which picked ids lie in a store: of the ids and of the data they were picked from."""
    return ids_digest([f"from {dataset_key}", *ids])


def is_digest(text: str) -> bool:
    """Return whether a text is 32 hex digits, as all digests and keys here are; others are never looked up on disk."""
    return len(text) == 32 and set(text) <= set("0123456789abcdef")
