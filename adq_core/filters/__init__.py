"""Filters: which images of a set a page shows, as a value with a text form for links and one sentence per part."""

from .filter import ALL_IMAGES, Filter, Range, matching_rows
from .link_text import read_filter, write_filter
from .sentences import PartOfFilter, describe_filter, parts_of

__all__ = [
    "ALL_IMAGES",
    "Filter",
    "PartOfFilter",
    "Range",
    "describe_filter",
    "matching_rows",
    "parts_of",
    "read_filter",
    "write_filter",
]
