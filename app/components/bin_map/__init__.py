"""The map of all images: points in a browser canvas, whose bright points are the selected images.

`build_store` encodes the data, `MapView` holds everything small, `bin_map` draws both and returns a `MapEvent`.
"""

from .alpha_text import alpha_sentence
from .component import bin_map, user_changes
from .encoding import Column, MapStore, build_store, thumbnail_sheet
from .playback import greedy_order
from .polygon import points_in_polygon, rows_in_polygon
from .protocol import Focus, MapEvent, MapView, QuotaSteps, changed_values, read_event

__all__ = [
    "Column",
    "Focus",
    "MapEvent",
    "MapStore",
    "MapView",
    "QuotaSteps",
    "alpha_sentence",
    "bin_map",
    "build_store",
    "changed_values",
    "greedy_order",
    "points_in_polygon",
    "read_event",
    "rows_in_polygon",
    "thumbnail_sheet",
    "user_changes",
]
