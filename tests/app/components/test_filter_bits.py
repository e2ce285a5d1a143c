"""The filter of a map: bits in the order of the points, and no blob where every image matches."""

from __future__ import annotations

import json

import numpy as np

from app.components.bin_map.encoding import Column, build_store
from app.components.bin_map.filter_bits import filter_blob


def test_bits_are_in_the_order_of_the_points() -> None:
    rng = np.random.default_rng(0)
    m = 37
    store = build_store(rng.normal(size=(m, 2)), rng.integers(0, 3, m), rng.permutation(m), n_bins=3, key="k")
    shown = rng.random(m) < 0.3
    found = filter_blob(store, shown)
    assert found is not None
    key, blob = found
    length = int(np.frombuffer(blob[4:8], np.uint32)[0])
    header = json.loads(blob[8 : 8 + length])
    assert (header["kind"], header["key"]) == ("filter", key)
    bits = np.frombuffer(blob[8 + length :], np.uint8)
    assert np.array_equal(np.unpackbits(bits, bitorder="little")[:m].astype(bool), shown[store.rows])
    other = shown.copy()
    other[5] = ~other[5]
    assert filter_blob(store, other)[0] != key
    assert filter_blob(store, shown.copy())[0] == key


def test_there_is_no_blob_where_every_image_matches() -> None:
    store = build_store(np.zeros((3, 2)), np.zeros(3, int), np.arange(3), n_bins=1, key="k")
    assert filter_blob(store, None) is None
    assert filter_blob(store, np.ones(3, bool)) is None
    assert filter_blob(store, np.zeros(3, bool)) is not None


def test_a_missing_value_has_level_0_and_the_lowest_value_has_not() -> None:
    values = np.array([2.0, np.nan, 4.0, 3.0])
    columns = {"a": Column("A", values), "b": Column("B", np.array([2.0, 5.0, 4.0, 3.0]))}
    store = build_store(np.zeros((4, 2)), np.zeros(4, int), np.arange(4), n_bins=1, key="k", columns=columns)
    found = {}
    for name, blob in store.columns.items():
        length = int(np.frombuffer(blob[4:8], np.uint32)[0])
        header = json.loads(blob[8 : 8 + length])
        level = np.frombuffer(blob[8 + length :], np.uint16)[:4]
        found[name] = (header["first"], header["low"], header["high"], level.tolist())
    assert found["a"] == (256, 2.0, 4.0, [256, 0, 65535, 32896])
    assert found["b"][0] == 0
    assert found["b"][3][0] == 0
