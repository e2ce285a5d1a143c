"""The table of all checks."""

from __future__ import annotations

from collections.abc import Callable, Collection

from adq_core.errors import unknown_name

from .arithmetic import check_arithmetic
from .balance import check_balance
from .coverage import check_coverage
from .hand_lists import check_lists
from .label_doubts import check_labels
from .quality import check_quality
from .redundancy import check_redundancy
from .stability import check_stability
from .subject import Subject
from .verdict import Verdict

# A new check is one function, one line here and a test with a planted fault.
CHECKS: dict[str, Callable[[Subject], list[Verdict]]] = {
    "arithmetic": check_arithmetic,
    "balance": check_balance,
    "coverage": check_coverage,
    "redundancy": check_redundancy,
    "labels": check_labels,
    "stability": check_stability,
    "quality": check_quality,
    "lists": check_lists,
}


def run_checks(subject: Subject, names: Collection[str] | None = None) -> list[Verdict]:
    """Return the verdicts of these checks (default: all), in the order of the table. `SettingsError`: unknown name."""
    for name in names or ():
        if name not in CHECKS:
            raise unknown_name("check", name, CHECKS)
    return [verdict for name, check in CHECKS.items() if names is None or name in names for verdict in check(subject)]
