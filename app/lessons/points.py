"""The points that a browser sends, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .lesson import Limits, Points

MAX_SERIAL = 2**53


class Moved(NamedTuple):
    """Points that the user has moved, with the number of the message that contained them."""

    points: Points
    serial: int


def read_points(raw: object, place: str, limits: Limits) -> Moved | None:
    """Return the points that a browser sent for a place (lesson and case), or None if they are invalid.

    A browser can send anything. The number of points must be within the limits; positions outside of the box are moved
    to its border.
    """
    if not isinstance(raw, Mapping) or raw.get("place") != place:
        return None
    serial, sent = raw.get("serial"), raw.get("points")
    if not isinstance(serial, int) or isinstance(serial, bool) or not 0 <= serial <= MAX_SERIAL:
        return None
    if not isinstance(sent, list) or not limits.fewest <= len(sent) <= limits.most:
        return None
    if not all(isinstance(pair, list) and len(pair) == 2 and all(map(_is_number, pair)) for pair in sent):
        return None
    points = np.array(sent, np.float64).reshape(-1, 2)
    if limits.movement == "circle":
        lengths = np.hypot(points[:, 0], points[:, 1])
        if not (lengths > 1e-9).all():
            return None
        return Moved(points / lengths[:, None], serial)
    return Moved(np.clip(points, limits.box[:2], limits.box[2:]), serial)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e9 and math.isfinite(value)
