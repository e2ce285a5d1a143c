"""A record for the tests of storage, and helpers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from adq_core.records import Floats, Record


@dataclass(frozen=True, eq=False)
class ExampleRecord(Record):
    """A record with a value of every kind."""

    kind: ClassVar[str] = "example"
    values: Floats
    key: str
    number: float = 1.0
    words: tuple[object, ...] = ()
    maybe: Floats | None = None


def example_record(key: str = "k", count: int = 3) -> ExampleRecord:
    return ExampleRecord(values=np.arange(count, dtype=float), key=key)


def must_not_compute() -> ExampleRecord:
    raise AssertionError("computed again")


def temporary_files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.name.startswith(".")}
