"""The histograms: bins of columns, conditions as bits, and ranges that a browser sends."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from adq_core.filters import Range
from app.components.histograms import HistogramColumn, encode_levels
from app.components.histograms.component import checked_range
from app.components.histograms.encoding import MAX_BINS, MISSING, bins_in_range, bins_of, conditions_blob


def decoded(blob: bytes) -> dict[str, Any]:
    length = int(np.frombuffer(blob[4:8], np.uint32)[0])
    header: dict[str, Any] = json.loads(blob[8 : 8 + length])
    at = 8 + length
    for name, kind, count in header["arrays"]:
        assert kind == "u1"
        header[name] = np.frombuffer(blob[at : at + count], np.uint8)
        at += -(-count // 4) * 4
    return header


finite = st.floats(-1e12, 1e12)


@given(npst.arrays(np.float64, st.integers(1, 300), elements=st.one_of(finite, st.just(float("nan")))))
def test_every_value_is_inside_its_bin(values: np.ndarray) -> None:
    if not np.isfinite(values).any():
        return
    blob = decoded(encode_levels([HistogramColumn("n", "N", values)], id="h", key="k", noun="images").blob)
    column = blob["columns"][0]
    lows, highs = np.array(column["lows"]), np.array(column["highs"])
    assert 1 <= column["n"] == len(lows) == len(highs) <= MAX_BINS + 2
    level = blob["level0"]
    known = np.isfinite(values)
    assert np.array_equal(level == MISSING, ~known)
    slack = 1e-9 * max(1.0, np.abs(values[known]).max())
    assert (lows[level[known]] - slack <= values[known]).all()
    assert (values[known] <= highs[level[known]] + slack).all()


def test_few_values_have_a_bin_each_and_many_have_bins_of_round_width() -> None:
    lows, highs, is_discrete = bins_of(np.array([0.1, 0.3, 0.1, np.nan, 1.0]))
    assert is_discrete
    assert lows.tolist() == highs.tolist() == [0.1, 0.3, 1.0]
    lows, highs, is_discrete = bins_of(np.linspace(0.013, 0.987, 1000))
    assert not is_discrete
    assert np.allclose(highs - lows, 0.02)
    assert lows[:3].tolist() == [0.0, 0.02, 0.04]


def test_a_range_made_of_bins_finds_these_bins_again() -> None:
    edges = bins_of(np.linspace(0, 1, 1000))
    for first, last in ((0, 5), (3, 3), (10, 40)):
        assert bins_in_range(edges, Range(edges[0][first], edges[1][last])) == [first, last]
    few = bins_of(np.array([1.0, 2.0, 5.0]))
    assert bins_in_range(few, Range(2, 2)) == [1, 1]
    assert bins_in_range(few, Range(low=1.5)) == [1, 2]
    assert bins_in_range(few, Range(high=1.5)) == [0, 0]


def test_the_conditions_are_bits_of_the_images() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random(50), rng.integers(0, 5, 50).astype(float)
    levels = encode_levels([HistogramColumn("a", "A", a), HistogramColumn("b", "B", b)], id="h", key="k", noun="images")
    base = rng.random(50) < 0.5
    blob = decoded(conditions_blob(levels, base, {"a": a, "b": b}, {"b": Range(1, 3)}, id="h"))
    assert (blob["of"], blob["bins"]) == ("k", [None, [1, 3]])
    assert np.array_equal(np.unpackbits(blob["base"], bitorder="little")[:50].astype(bool), base)
    assert np.array_equal(np.unpackbits(blob["range1"], bitorder="little")[:50].astype(bool), (b >= 1) & (b <= 3))
    assert "range0" not in blob
    other = decoded(conditions_blob(levels, base, {"a": a, "b": b}, {"b": Range(1, 2)}, id="h"))
    assert other["key"] != blob["key"]


def test_a_range_of_the_browser_is_checked() -> None:
    names = {"a": None}
    assert checked_range({"column": "a", "low": 1, "high": 2.5}, names) == ("a", Range(1, 2.5))
    assert checked_range({"column": "a", "low": None, "high": None}, names) == ("a", Range(-math.inf, math.inf))


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        "a",
        {},
        {"column": "b", "low": 1, "high": 2},
        {"column": ["a"], "low": 1, "high": 2},
        {"column": "a", "low": "1", "high": 2},
        {"column": "a", "low": True, "high": 2},
        {"column": "a", "low": 3, "high": 2},
        {"column": "a", "low": float("nan"), "high": 2},
        {"column": "a", "low": 10**400, "high": None},
        {"column": "a", "low": {}, "high": 2},
    ],
)
def test_a_forged_range_counts_as_nothing(sent: object) -> None:
    assert checked_range(sent, {"a": None}) is None
