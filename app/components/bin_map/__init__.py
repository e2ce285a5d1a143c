"""Our own component: the map that answers without a round trip, and whose lit points are the exported subset.

`build_store` packs what is constant, `MapView` says the rest, `bin_map` shows both and returns a `MapState`.
"""

from .component import bin_map, held_state
from .encoding import Column, MapStore, build_store, greedy_order, label_places, thumbnail_sheet
from .protocol import MapState, MapView, QuotaSteps, alpha_sentence, inside, read_state, rows_inside

__all__ = [
    "Column",
    "MapState",
    "MapStore",
    "MapView",
    "QuotaSteps",
    "alpha_sentence",
    "bin_map",
    "build_store",
    "greedy_order",
    "held_state",
    "inside",
    "label_places",
    "read_state",
    "rows_inside",
    "thumbnail_sheet",
]
