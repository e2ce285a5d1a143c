"""Bin sizes of a pool."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adq_core.bins.schedules import equal_sizes, geometric_sizes


@given(st.integers(1, 400), st.integers(1, 40), st.floats(0, 1))
def test_no_scheduled_bin_is_empty(n: int, m: int, fraction: float) -> None:
    m = min(m, n)
    for sizes in (equal_sizes(n, m), geometric_sizes(n, m, fraction)):
        assert len(sizes) == m
        assert sum(sizes) == n
        assert min(sizes) >= 1
    assert np.ptp(equal_sizes(n, m)) <= 1
    assert equal_sizes(n, m) == sorted(equal_sizes(n, m), reverse=True)


@given(st.integers(1, 40), st.integers(1, 60), st.floats(0, 1))
def test_a_pool_smaller_than_the_bins_fills_the_first_ones_with_one_image_each(n: int, m: int, fraction: float) -> None:
    m = max(m, n + 1)
    for sizes in (equal_sizes(n, m), geometric_sizes(n, m, fraction)):
        assert sizes == [1] * n + [0] * (m - n)


def test_published_geometric_sizes() -> None:
    assert geometric_sizes(5000, 10) == [500, 450, 405, 364, 328, 295, 266, 239, 215, 1938]
    assert equal_sizes(23, 10) == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]


def test_the_published_equal_sizes_leave_nothing_for_the_last_bin_of_small_classes() -> None:
    rest = {n: n - 9 * round(n / 10) for n in range(10, 2000)}
    none = {15: -3, 16: -2, 17: -1, 18: 0, 26: -1, 27: 0, 35: -1, 36: 0}
    assert {n: left for n, left in rest.items() if left <= 0} == none
    assert all(min(equal_sizes(n, 10)) >= 1 for n in rest)
