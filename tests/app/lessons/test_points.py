"""The points that a browser sends: any message is possible, and only valid points are used."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lessons import Limits, read_points

PLANE = Limits((0.0, 0.0, 12.0, 9.0), 2, 4)
CIRCLE = Limits((-1.0, -1.0, 1.0, 1.0), 2, 4, "circle")


def message(**changes: Any) -> dict[str, Any]:
    return {"place": "Bins/One", "serial": 3, "points": [[1, 2], [3.5, 4]], **changes}


def test_valid_points_are_returned_with_their_serial() -> None:
    moved = read_points(message(), "Bins/One", PLANE)
    assert moved is not None
    assert moved.serial == 3
    np.testing.assert_array_equal(moved.points, [[1, 2], [3.5, 4]])


def test_points_outside_are_moved_to_the_border_or_to_the_circle() -> None:
    moved = read_points(message(points=[[-5, 100], [13, 4]]), "Bins/One", PLANE)
    assert moved is not None
    np.testing.assert_array_equal(moved.points, [[0, 9], [12, 4]])
    on_circle = read_points(message(points=[[3, 4], [0, -2]]), "Bins/One", CIRCLE)
    assert on_circle is not None
    np.testing.assert_allclose(on_circle.points, [[0.6, 0.8], [0, -1]])


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "text",
        message(place="Bins/Two"),
        message(serial=-1),
        message(serial=1.5),
        message(serial=True),
        message(serial=2**60),
        message(points=[[1, 2]]),
        message(points=[[1, 2]] * 5),
        message(points=[[1, 2], [1, 2, 3]]),
        message(points=[[1, 2], [math.nan, 0]]),
        message(points=[[1, 2], [math.inf, 0]]),
        message(points=[[1, 2], [10**400, 0]]),
        message(points=[[1, 2], ["1", 0]]),
        message(points=[[1, 2], [True, 0]]),
        message(points={"a": 1}),
    ],
)
def test_invalid_messages_are_ignored(raw: object) -> None:
    assert read_points(raw, "Bins/One", PLANE) is None


def test_a_vector_without_direction_is_refused() -> None:
    assert read_points(message(points=[[0, 0], [1, 0]]), "Bins/One", CIRCLE) is None


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3))
)
def test_any_points_are_read_without_an_error(points: object) -> None:
    moved = read_points(message(points=points), "Bins/One", PLANE)
    assert moved is None or (np.isfinite(moved.points).all() and 2 <= len(moved.points) <= 4)
