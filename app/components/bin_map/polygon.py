"""Points in a polygon."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bools, Floats, Ints


def points_in_polygon(polygon: Floats, xy: Floats) -> Bools:
    """Return (M,) whether each point lies inside the polygon (K, 2), by the even-odd rule; the polygon is closed.

    A point on an edge may count either way, but the browser (`hit_test.js`) finds the same points: both count the edges
    that a ray to the right crosses, in float64, with the same expression.
    """
    x, y = xy[:, 0].astype(np.float64), xy[:, 1].astype(np.float64)
    inside = np.zeros(len(xy), bool)
    near = np.flatnonzero((x >= polygon[:, 0].min()) & (x <= polygon[:, 0].max()))
    near = near[(y[near] >= polygon[:, 1].min()) & (y[near] <= polygon[:, 1].max())]
    x, y, odd = x[near], y[near], np.zeros(len(near), bool)
    for (xi, yi), (xj, yj) in zip(polygon, np.roll(polygon, 1, axis=0), strict=True):
        if yi == yj:
            continue  # a horizontal ray never crosses a horizontal edge
        odd ^= ((yi > y) != (yj > y)) & (x < (xj - xi) * (y - yi) / (yj - yi) + xi)
    inside[near] = odd
    return inside


def rows_in_polygon(polygon: Floats | None, xy: Floats) -> Ints:
    """Return the rows, ascending, of the points inside the polygon; none without a polygon."""
    return np.flatnonzero(points_in_polygon(polygon, xy)) if polygon is not None else np.empty(0, np.int64)
