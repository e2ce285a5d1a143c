"""A record of the tests' own, and what a store must not do with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from adq_core.records import Floats, Record


@dataclass(frozen=True, eq=False)
class Thing(Record):
    """A record with a value of every kind."""

    kind: ClassVar[str] = "thing"
    values: Floats
    key: str
    number: float = 1.0
    words: tuple[object, ...] = ()
    maybe: Floats | None = None


def thing(key: str = "k", count: int = 3) -> Thing:
    return Thing(values=np.arange(count, dtype=float), key=key)


def never() -> Thing:
    raise AssertionError("was made again")


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.name.startswith(".")}
