"""The gains of all candidates agree with the picks and gains of `make_bins`, and with the sums of the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.bins import greedy_steps, make_bins
from adq_core.errors import InputError, SettingsError


@pytest.mark.parametrize("kernel", ["cosine", "euclidean"])
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(4, 30), m=st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_the_largest_gain_is_the_pick_of_the_greedy(kernel: str, seed: int, n: int, m: int) -> None:
    x = np.random.default_rng(seed).normal(3, 1, (n, 2)).astype(np.float32)
    bins = make_bins(x, np.zeros(n, np.int64), n_bins=m, pool="all", kernel=kernel)
    steps = greedy_steps(x, bins, kernel)
    picked = steps.gain[np.arange(n), steps.order]
    np.testing.assert_allclose(picked, bins.gain[steps.order], rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(picked, np.nanmax(steps.gain, axis=1), rtol=1e-6, atol=1e-5)
    assert [int(np.isnan(row).sum()) for row in steps.gain] == list(range(n))


def test_the_sums_are_those_of_the_definition() -> None:
    x = np.array([[0, 0], [1, 0], [3, 0], [0, 2]], np.float32)
    bins = make_bins(x, np.zeros(4, np.int64), n_bins=2, pool="all", kernel="euclidean")
    steps = greedy_steps(x, bins, "euclidean")
    assert steps.order.tolist()[0] == 1, "its squared distances 1 + 4 + 5 are the smallest sum"
    np.testing.assert_allclose(steps.to_pool[0], [-14, -10, -26, -22])
    np.testing.assert_allclose(steps.to_selected[0], 0)
    np.testing.assert_allclose(steps.to_selected[1], [-1, np.nan, -4, -5])
    np.testing.assert_allclose(steps.to_selected[2, steps.order[2:]], 0, err_msg="a new bin has taken nothing yet")


def test_large_pools_and_other_kernels_are_refused() -> None:
    x = np.ones((201, 2), np.float32)
    bins = make_bins(x, np.zeros(201, np.int64), n_bins=2, pool="all")
    with pytest.raises(InputError) as too_many:
        greedy_steps(x, bins, "cosine")
    assert str(too_many.value) == "The gains of all candidates are for at most 200 vectors, got 201."
    with pytest.raises(SettingsError, match="kernel"):
        greedy_steps(x[:3], bins, "gradient")
