"""Selection: the draw order within each bin, the selected subset, saved selections, comparison of two."""

from .comparison import BOTH, ONLY_A, ONLY_B, Comparison, compare, random_rows
from .draw_orders import class_offsets, draw_order, select
from .saved import (
    LONGEST_ABOUT,
    LONGEST_NAME,
    HandPicked,
    KeptChoice,
    hand_picked,
    ids_digest,
    ids_of,
    is_digest,
    rows_of,
)
from .similarity import cosines_to, duplicate_cosine, nearest, same_pixels, usual_cosines, usual_nearest

__all__ = [
    "BOTH",
    "LONGEST_ABOUT",
    "LONGEST_NAME",
    "ONLY_A",
    "ONLY_B",
    "Comparison",
    "HandPicked",
    "KeptChoice",
    "class_offsets",
    "compare",
    "cosines_to",
    "draw_order",
    "duplicate_cosine",
    "hand_picked",
    "ids_digest",
    "ids_of",
    "is_digest",
    "nearest",
    "random_rows",
    "rows_of",
    "same_pixels",
    "select",
    "usual_cosines",
    "usual_nearest",
]
