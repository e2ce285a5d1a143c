"""The Python side of the map: encoding, polygons, and events from the browser."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adq_core.quotas.rules import make_quotas
from adq_core.selection.draw_orders import draw_order, select
from app.components.bin_map import (
    Column,
    build_store,
    greedy_order,
    points_in_polygon,
    rows_in_polygon,
    thumbnail_sheet,
)
from tests.app.components.map_data import set_of, unpack, view_of


@given(st.integers(4, 60), st.integers(1, 4), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_points_are_sorted_by_bin_and_draw_position(m: int, n_bins: int, seed: int) -> None:
    made = set_of(m, n_bins, seed=seed)
    store = build_store(made["xy"], made["bin_of"], made["draw_position"], n_bins=n_bins, key="k")
    header, found = unpack(store.points)
    rows = found["row"]
    assert sorted(rows) == list(range(m))
    keys = [(made["bin_of"][row], made["draw_position"][row]) for row in rows]
    assert keys == sorted(keys)
    assert header["capacity"] == np.bincount(made["bin_of"], minlength=n_bins).tolist()
    np.testing.assert_array_equal(np.stack([found["x"], found["y"]], 1), made["xy"][rows])


def test_a_point_has_twelve_bytes() -> None:
    sizes = []
    for m in (1000, 2000):
        made = set_of(m, 4)
        store = build_store(made["xy"], made["bin_of"], made["draw_position"], n_bins=4, key="k")
        sizes.append(len(store.points))
    assert sizes[1] - sizes[0] == pytest.approx(12 * 1000, abs=64)


@given(st.floats(0, 1), st.floats(0.05, 1), st.sampled_from(["budget", "uniform"]), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_the_quotas_select_the_images_of_the_exported_selection(
    alpha: float, keep_ratio: float, rule: str, seed: int
) -> None:
    made = set_of(60, 4, seed=seed)
    store = build_store(made["xy"], made["bin_of"], made["draw_position"], n_bins=4, key="k")
    importance = np.array([0.1, 0.4, 1.0, 1.7])
    quotas = make_quotas(importance, store.capacity, rule=rule, alpha=alpha, keep_ratio=keep_ratio)
    order = draw_order(made["bin_of"], made["labels"], made["rank"], n_bins=4, texture=np.zeros(60))
    chosen = select(order, made["bin_of"], quotas, key="")
    np.testing.assert_array_equal(store.selected_rows(quotas.quota), chosen.indices)


def test_columns_are_rounded_to_one_step_and_classes_are_exact() -> None:
    made = set_of(50, 4)
    level = np.random.default_rng(1).normal(size=50)
    columns = {
        "texture": Column("Texture", level, unit=" px"),
        "class": Column("Class", made["labels"], ("a", "b", "<i>")),
        "flat": Column("Flat", np.full(50, 2.5)),
    }
    store = build_store(made["xy"], made["bin_of"], made["draw_position"], n_bins=4, key="k", columns=columns)
    header, found = unpack(store.columns["texture"])
    decoded = header["low"] + found["values"] / 65_535 * (header["high"] - header["low"])
    np.testing.assert_allclose(decoded, level[store.rows], atol=(level.max() - level.min()) / 65_535)
    header, found = unpack(store.columns["class"])
    assert header["names"] == ["a", "b", "<i>"]
    np.testing.assert_array_equal(found["values"], made["labels"][store.rows])
    header, found = unpack(store.columns["flat"])
    assert (header["low"], header["high"], found["values"].max()) == (2.5, 2.5, 0)


def test_keys_change_with_the_data() -> None:
    made = set_of(20, 4)
    arguments = (made["xy"], made["bin_of"], made["draw_position"])
    one = build_store(*arguments, n_bins=4, key="k", columns={"t": Column("T", np.arange(20.0))})
    two = build_store(*arguments, n_bins=4, key="k", columns={"t": Column("T", np.arange(20.0) + 1)})
    assert one.column_keys["t"] != two.column_keys["t"]
    moved = build_store(made["xy"] + 1, *arguments[1:], n_bins=4, key="k2")
    assert one.map_key == two.map_key == unpack(one.points)[0]["map_key"] != unpack(moved.points)[0]["map_key"]
    assert view_of(4).quotas.key == view_of(4).quotas.key != view_of(5).quotas.key


@given(
    arrays(np.float64, st.tuples(st.integers(3, 9), st.just(2)), elements=st.floats(-5, 5, width=16)),
    arrays(np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-6, 6, width=16)),
)
@settings(max_examples=150, deadline=None)
def test_points_in_a_polygon_are_those_of_the_oracle(polygon: np.ndarray, xy: np.ndarray) -> None:
    from tests.oracles import point_in_polygon

    expected = [point_in_polygon(float(x), float(y), polygon.tolist()) for x, y in xy]
    np.testing.assert_array_equal(points_in_polygon(polygon, xy), expected)


def test_points_in_a_square_and_in_a_polygon_that_crosses_itself() -> None:
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4]], float)
    xy = np.array([[2, 2], [5, 2], [-1, 2], [2, 5]], np.float32)
    assert rows_in_polygon(square, xy).tolist() == [0]
    bow = np.array([[0, 0], [4, 4], [4, 0], [0, 4]], float)
    assert points_in_polygon(bow, np.array([[1, 2], [3, 2], [2, 1], [2, 3]], np.float32)).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert rows_in_polygon(None, xy).tolist() == []


@given(st.integers(3, 80), st.integers(1, 4), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_the_playback_takes_bin_after_bin_and_keeps_the_greedy_order_within_a_class(
    m: int, n_bins: int, seed: int
) -> None:
    made = set_of(m, n_bins, seed=seed)
    place = greedy_order(made["bin_of"], made["rank"], made["labels"])
    order = np.argsort(place)
    assert (np.diff(made["bin_of"][order]) >= 0).all()
    for c in range(3):
        assert (np.diff(made["rank"][order[made["labels"][order] == c]]) > 0).all()


def test_a_sheet_names_its_rows_and_is_a_webp() -> None:
    thumbnails = np.zeros((90, 8, 8, 3), np.uint8)
    header, found = unpack(thumbnail_sheet(thumbnails, [3, 80, 41], key="k", side=16))
    assert found["row"].tolist() == [3, 80, 41]
    assert (header["of"], header["across"], header["side"]) == ("points-k", 3, 16)
    assert bytes(found["image"][8:12].tobytes()) == b"WEBP"
