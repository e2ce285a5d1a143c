"""The Python side of the map of groups: what the browser receives."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.components.bin_map import SHAPES, Group, GroupView, MapStore, build_store
from tests.app.components.test_bin_map import set_of, unpack

FRONTEND = Path(__file__).parents[3] / "app" / "components" / "bin_map" / "frontend"
LOOKS = [Group("a", ("#000000", "#ffffff")), Group("b", ("#111111", "#eeeeee"), "square", 1.2, 3)]


def store_of(m: int, n_bins: int = 3) -> MapStore:
    made = set_of(m, n_bins)
    return build_store(made["xy"], made["bin_of"], made["draw_position"], n_bins=n_bins, key="k")


@given(st.integers(4, 60), st.integers(1, 400), st.integers(0, 5))
def test_every_image_has_its_group_in_the_order_of_the_points(m: int, n_groups: int, seed: int) -> None:
    group_of = np.random.default_rng(seed).integers(0, n_groups, m)
    store = store_of(m)
    groups = [Group(str(number), ("#000000", "#ffffff")) for number in range(n_groups)]
    key, blob = GroupView(groups, group_of).blob(store)
    header, found = unpack(blob)
    np.testing.assert_array_equal(found["level"], group_of[store.rows])
    assert found["level"].itemsize == (1 if n_groups <= 256 else 2)
    assert (header["kind"], header["key"]) == ("groups", key)
    assert header["display"]["points_key"] == unpack(store.points)[0]["key"]


def test_the_look_of_a_group_is_sent_as_given() -> None:
    view = GroupView(LOOKS, np.array([0, 1, 1, 0]), has_legend=True, height=300, title="Class", noun="vectors")
    header, _ = unpack(view.blob(store_of(4))[1])
    assert header["groups"] == [
        {"name": "a", "colours": ["#000000", "#ffffff"], "shape": "disc", "size": 1.0, "layer": 0},
        {"name": "b", "colours": ["#111111", "#eeeeee"], "shape": "square", "size": 1.2, "layer": 3},
    ]
    assert header["has_legend"] is True
    shown = header["display"]
    assert (shown["height"], shown["title"], shown["noun"]) == (300, "Class", "vectors")


def test_the_key_changes_with_the_groups_and_with_the_map() -> None:
    store, group_of = store_of(6), np.array([0, 1, 0, 1, 0, 1])
    key = GroupView(LOOKS, group_of).blob(store)[0]
    assert GroupView(LOOKS, group_of.copy()).blob(store)[0] == key
    assert GroupView(LOOKS, 1 - group_of).blob(store)[0] != key
    assert GroupView(LOOKS[::-1], group_of).blob(store)[0] != key
    made = set_of(6, 3)
    other = build_store(made["xy"], made["bin_of"], made["draw_position"], n_bins=3, key="other")
    assert GroupView(LOOKS, group_of).blob(other)[0] != key


def test_a_group_without_images_has_no_label() -> None:
    store = store_of(8)
    header, _ = unpack(GroupView(LOOKS, np.zeros(8, int), has_labels=True).blob(store)[1])
    place, none = header["places"]
    low, high = store.xy.min(0), store.xy.max(0)
    assert (low <= place).all()
    assert (place <= high).all()
    assert none is None
    assert unpack(GroupView(LOOKS, np.zeros(8, int)).blob(store)[1])[0]["places"] == []


@pytest.mark.parametrize("group_of", [[0, 2], [-1, 0]])
def test_a_group_that_does_not_exist_is_an_error(group_of: list[int]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"group_of must be in 0 to 1, got {min(group_of)} to")):
        GroupView(LOOKS, np.array(group_of))


def test_python_and_the_browser_have_the_same_shapes() -> None:
    text = (FRONTEND / "glyphs.js").read_text(encoding="utf-8")
    (listed,) = re.findall(r"CLASS_SHAPES = \[(.*?)\];", text)
    assert tuple(re.findall(r'"(\w+)"', listed)) == SHAPES
