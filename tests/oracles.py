"""Slow, obvious versions of what adq_core computes; nothing here comes from adq_core."""

from __future__ import annotations

# --- the map ---------------------------------------------------------------------------------------------------------


def point_in_polygon(x: float, y: float, polygon: list[list[float]]) -> bool:
    """Count how often a ray to the right crosses an edge, one edge at a time; odd is inside."""
    crossings = 0
    for n in range(len(polygon)):
        (x1, y1), (x2, y2) = polygon[n - 1], polygon[n]
        if (y1 > y) == (y2 > y):
            continue  # both ends on one side of the ray
        at = (x1 - x2) * (y - y2) / (y1 - y2) + x2
        if x < at:
            crossings += 1
    return crossings % 2 == 1
