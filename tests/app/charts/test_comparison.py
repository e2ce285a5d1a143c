"""Figures of a comparison: the sample of points on the map."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adq_core.selection import ONLY_A
from app.charts.comparison import sample_evenly, turnover_by_bin, turnover_by_class
from app.charts.theme import LIGHT


@given(st.integers(0, 3000), st.integers(1, 50))
def test_a_sample_is_evenly_spaced_and_has_no_repetitions(n: int, max_rows: int) -> None:
    rows = np.arange(n) * 3
    sample = sample_evenly(rows, max_rows)
    assert len(sample) == min(n, max_rows)
    assert set(sample.tolist()) <= set(rows.tolist())
    assert len(set(sample.tolist())) == len(sample)
    if n > max_rows > 1:
        assert np.ptp(np.diff(sample)) <= 6, "steps differ by one row at most"
        assert (sample[0], sample[-1]) == (rows[0], rows[-1])


def test_images_only_in_a_point_up_and_images_only_in_b_point_down() -> None:
    counts = np.array([[5, 3, 1], [2, 0, 4]])  # in both, only in A, only in B
    only_a, only_b, difference = turnover_by_bin(counts, LIGHT)["data"]
    assert [only_a["name"], only_b["name"], difference["name"]] == ["only in A", "only in B", "A − B"]
    assert np.asarray(only_a["y"]).tolist() == [3, 0]
    assert np.asarray(only_b["y"]).tolist() == [-1, -4]
    assert np.asarray(difference["y"]).tolist() == [2, -4]


def test_an_axis_of_few_images_has_whole_numbers() -> None:
    few, many = np.array([[5, 1, 3]]), np.array([[5, 1, 4]])
    assert turnover_by_bin(few, LIGHT)["layout"]["yaxis"]["dtick"] == 1
    assert turnover_by_class(few, ["a"], LIGHT)[0]["layout"]["xaxis"]["dtick"] == 1
    assert "dtick" not in turnover_by_bin(many, LIGHT)["layout"]["yaxis"]
    assert "dtick" not in turnover_by_class(many, ["a"], LIGHT)[0]["layout"]["xaxis"]


def test_the_classes_that_differ_most_are_shown_in_their_order() -> None:
    counts = np.zeros((40, 3), np.int64)
    counts[:, ONLY_A] = np.arange(40)
    figure, n_shown = turnover_by_class(counts, [f"class {n}" for n in range(40)], LIGHT)
    assert n_shown == 25
    assert figure["layout"]["yaxis"]["ticktext"] == [f"class {n}" for n in range(15, 40)]
    assert np.asarray(figure["data"][0]["x"]).tolist() == list(range(15, 40))
