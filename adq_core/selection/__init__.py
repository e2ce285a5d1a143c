"""Selection: the draw order within each bin, the selected subset, saved selections, comparison of two."""

from .comparison import BOTH, ONLY_A, ONLY_B, Comparison, compare, random_rows
from .copies import all_but_one
from .draw_orders import class_offsets, draw_order, rows_of_bin, select, selected_first
from .hand_lists import HandLists, IdList, hand_lists, id_list, rows_of_ids
from .list_files import SUFFIXES as LIST_SUFFIXES
from .list_orders import ORDERS
from .lists import ForeignSelection, read_selection
from .saved import (
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    ManualSelection,
    SavedSelection,
    ids_digest,
    ids_of,
    is_digest,
    manual_selection,
    rows_of,
)
from .similarity import (
    cosines_to,
    cosines_with,
    most_similar_rows,
    near_duplicate_threshold,
    nearest_cosine_sample,
    random_pair_cosines,
    same_pixels,
)

__all__ = [
    "BOTH",
    "LIST_SUFFIXES",
    "MAX_DESCRIPTION_LENGTH",
    "MAX_NAME_LENGTH",
    "ONLY_A",
    "ONLY_B",
    "ORDERS",
    "Comparison",
    "ForeignSelection",
    "HandLists",
    "IdList",
    "ManualSelection",
    "SavedSelection",
    "all_but_one",
    "class_offsets",
    "compare",
    "cosines_to",
    "cosines_with",
    "draw_order",
    "hand_lists",
    "id_list",
    "ids_digest",
    "ids_of",
    "is_digest",
    "manual_selection",
    "most_similar_rows",
    "near_duplicate_threshold",
    "nearest_cosine_sample",
    "random_pair_cosines",
    "random_rows",
    "read_selection",
    "rows_of",
    "rows_of_bin",
    "rows_of_ids",
    "same_pixels",
    "select",
    "selected_first",
]
