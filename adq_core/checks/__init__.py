"""Checks of a selection: each returns verdicts with a number, a reference, one sentence and one thing to do."""

from .duplicates import DuplicateGroups, find_duplicates, image_hashes
from .list_effect import ListEffect
from .subject import Subject
from .table import CHECKS, run_checks
from .verdict import LEVELS, Verdict, worst_level

__all__ = [
    "CHECKS",
    "LEVELS",
    "DuplicateGroups",
    "ListEffect",
    "Subject",
    "Verdict",
    "find_duplicates",
    "image_hashes",
    "run_checks",
    "worst_level",
]
