"""The map of all images: points in a browser canvas.

`build_store` encodes the data. There are two maps of it: `bin_map` draws a `MapView`, in which the selected images are
bright, and returns a `MapEvent`; `group_map` draws a `GroupView`, in which every image has the colour of its group.
"""

from .alpha_effect import alpha_sentence
from .component import bin_map, group_map, user_changes
from .encoding import Column, MapStore, build_store, thumbnail_sheet
from .groups import SHAPES, Group, GroupView
from .playback import greedy_order
from .polygon import points_in_polygon, rows_in_polygon
from .protocol import Focus, MapEvent, MapView, QuotaSteps, Requests, changed_values, read_event, read_requests

__all__ = [
    "SHAPES",
    "Column",
    "Focus",
    "Group",
    "GroupView",
    "MapEvent",
    "MapStore",
    "MapView",
    "QuotaSteps",
    "Requests",
    "alpha_sentence",
    "bin_map",
    "build_store",
    "changed_values",
    "greedy_order",
    "group_map",
    "points_in_polygon",
    "read_event",
    "read_requests",
    "rows_in_polygon",
    "thumbnail_sheet",
    "user_changes",
]
