"""Our own component: the map that answers without a round trip, and whose lit points are the exported subset.

store = build_store(xy, bin_of, draw_position, n_bins=10, key=..., columns={"class": Column("Class", labels, names)})
view = MapView(quotas=QuotaTable(alphas, table), alpha=0.65, bin_colours=(light, dark))
state = bin_map(store, view, key="map")
rows_inside(state.polygon, store.xy)
"""

from .component import bin_map, held_state
from .contract import MapState, MapView, QuotaTable, alpha_sentence, inside, read_state, rows_inside
from .packing import Column, MapStore, build_store, greedy_order, label_places, thumbnail_sheet

__all__ = [
    "Column",
    "MapState",
    "MapStore",
    "MapView",
    "QuotaTable",
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
