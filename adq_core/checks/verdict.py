"""The verdict of a check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adq_core.records import Ints, freeze_arrays

LEVELS = ("unknown", "good", "watch", "bad")  # from harmless to harmful


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a check found: a number beside its reference, and what follows."""

    check: str  # stable name, for example "coverage.mean_distance"
    level: str  # good, watch, bad, or unknown: the check could not be made, the sentence says why
    value: float  # nan: no number
    reference: str  # what the number is compared with, for example "at most 3 images"
    sentence: str  # what was found, one sentence
    action: str = ""  # one thing to do; empty if there is nothing to do
    settings: Mapping[str, Any] = field(default_factory=dict)  # settings whose change does that; empty: none does
    rows: Ints = field(default_factory=lambda: np.zeros((0, 1), np.int64))  # (K, 1) images or (K, 2) pairs, worst first

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {self.level}.")
        freeze_arrays(self, {"rows": (None, None)})

    def content(self, ids: tuple[str, ...]) -> dict[str, Any]:
        """Return the verdict as it is written to JSON; images are named by their ids."""
        return {
            "check": self.check,
            "level": self.level,
            "value": None if not np.isfinite(self.value) else float(self.value),
            "reference": self.reference,
            "sentence": self.sentence,
            "action": self.action,
            "settings": dict(self.settings),
            "images": [[ids[row] for row in group] for group in self.rows.tolist()],
        }


def worst_level(verdicts: Iterable[Verdict]) -> str:
    """Return the most harmful level among verdicts; "unknown" if there are none."""
    return max((verdict.level for verdict in verdicts), key=LEVELS.index, default="unknown")
