"""Saved selections: a name, the settings or the ids that reproduce the subset, and the digest of its ids."""

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
JSON_KEYS = {"manual": "by_hand", "description": "about"}  # browsers hold saved selections with these keys


@dataclass(frozen=True)
class SavedSelection:
    """A named subset: its settings, and the digest of its ids, which shows whether the settings still give it.

    If `manual` is true, the images were selected manually (with a lasso) and the settings do not reproduce them. Their
    ids are a `ManualSelection` in the store, under the digest. Raises `InputError` for an empty or too long name.
    """

    name: str
    settings: Settings
    dataset_key: str  # of the data it was made from
    n_images: int  # selected
    digest: str  # of the ids, see `ids_digest`
    manual: bool = False
    description: str = ""  # of how the images were selected

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MAX_NAME_LENGTH:
            raise InputError(
                f"The name of a saved selection must have 1 to {MAX_NAME_LENGTH} characters, got {self.name[:100]!r}."
            )

    def to_mapping(self) -> dict[str, Any]:
        """Return the selection as values that JSON can represent, with the keys of `JSON_KEYS`."""
        return {JSON_KEYS.get(name, name): value for name, value in asdict(self).items()}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> SavedSelection:
        """Return the selection of which `to_mapping` returned this mapping; raise `AdqError` for any invalid value."""
        kinds = {"name": str, "settings": dict, "dataset_key": str, "n_images": int, "digest": str}
        kinds |= {"by_hand": bool, "about": str}
        for name, kind in kinds.items():
            if type(mapping.get(name)) is not kind:
                raise InputError(
                    f"{name} of a saved selection must be of type {kind.__name__}, got {mapping.get(name)!r:.60}."
                )
        if mapping["n_images"] < 0 or not is_digest(mapping["digest"]):
            raise InputError("A saved selection must have a count of 0 or more and a digest of 32 hex digits.")
        return cls(
            name=mapping["name"],
            settings=Settings.from_mapping(mapping["settings"]),
            dataset_key=mapping["dataset_key"],
            n_images=mapping["n_images"],
            digest=mapping["digest"],
            manual=mapping["by_hand"],
            description=mapping["about"][:MAX_DESCRIPTION_LENGTH],
        )


@dataclass(frozen=True, eq=False)
class ManualSelection(Record):
    """Manually selected images, for example with a lasso: their ids, because no settings reproduce them."""

    kind: ClassVar[str] = "handpicked"
    ids: tuple[str, ...]
    rows: Ints  # (K,) their rows in the data set of `dataset_key`, ascending
    dataset_key: str
    how: str  # JSON description of how they were selected, for the archive; stores on disk hold this name
    key: str  # the digest of the ids and of the data set's key

    def __post_init__(self) -> None:
        freeze_arrays(self, {"rows": (len(self.ids),)})


def manual_selection(dataset: ImageDataset, rows: Ints, *, how: Mapping[str, Any]) -> ManualSelection:
    """Return the record of these rows of a data set; `how` describes how they were selected, in values of JSON."""
    rows = np.unique(np.asarray(rows, np.int64))
    ids = ids_of(dataset, rows)
    key = manual_key(dataset.key, ids)
    return ManualSelection(ids=ids, rows=rows, dataset_key=dataset.key, how=json.dumps(how, allow_nan=False), key=key)


def rows_of(selection: ManualSelection, dataset: ImageDataset) -> Ints:
    """Return the rows, ascending, of the images that this data set contains, found by their ids."""
    if selection.dataset_key == dataset.key:
        return selection.rows
    import pandas as pd

    rows = pd.Index(dataset.ids).get_indexer(pd.Index(selection.ids))  # -1: not in the data set
    return np.sort(rows[rows >= 0]).astype(np.int64)


def ids_of(dataset: ImageDataset, rows: Ints) -> tuple[str, ...]:
    """Return the ids of these rows."""
    if len(rows) == 0:
        return ()
    ids = itemgetter(*np.asarray(rows).tolist())(dataset.ids)
    return (ids,) if len(rows) == 1 else ids


def ids_digest(ids: Iterable[str]) -> str:
    """Return a 32-digit hex digest of a set of ids; it does not depend on their order."""
    text = "\0".join(sorted(ids))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def manual_key(dataset_key: str, ids: Iterable[str]) -> str:
    """Return the key of a manual selection in a store: the digest of its ids and of the key of their data set."""
    return ids_digest([f"from {dataset_key}", *ids])


def is_digest(text: str) -> bool:
    """Return whether a text is 32 hex digits, as all digests and keys are; other texts never become file names."""
    return len(text) == 32 and set(text) <= set("0123456789abcdef")
