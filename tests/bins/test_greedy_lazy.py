"""The lazy and the dense algorithm pick the same from larger pools, where sets are refilled many times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adq_core.bins import KERNELS
from adq_core.errors import Cancelled
from tests import oracles
from tests.bins.vector_pools import MAKERS, divide, normal, relu_like, rows_from_behind, same_bins, two_sides


@pytest.fixture
def short_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return from every compiled call after a few rows, so that the lazy algorithm resumes in the middle of bins."""
    monkeypatch.setattr("adq_core.bins.greedy.WORK_PER_CALL", 1.0)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_lazy_and_dense_pick_the_same_from_pools_of_thousands(maker: Any) -> None:
    x = maker(np.random.default_rng(7), 2500, 24).astype(np.float32)
    lazy = divide(x, 7, algorithm="lazy")
    assert same_bins(lazy, divide(x, 7, algorithm="dense"))
    assert same_bins(lazy, divide(x, 7))


@pytest.mark.usefixtures("short_calls")
@pytest.mark.parametrize("maker", [relu_like, two_sides, rows_from_behind], ids=lambda maker: maker.__name__)
def test_calls_that_return_in_the_middle_of_a_bin_change_nothing(maker: Any) -> None:
    x = maker(np.random.default_rng(3), 600, 10).astype(np.float32)
    assert same_bins(divide(x, 3, algorithm="lazy"), divide(x, 3, algorithm="dense"))


def test_the_first_picks_of_fifty_thousand_rows_follow_the_linear_form() -> None:
    x = relu_like(np.random.default_rng(0), 50_000, 16).astype(np.float32)
    bins = divide(x, 500)
    unit, order = oracles.unit_rows(x), np.argsort(bins.rank)
    v = unit.sum(axis=0)
    changing = unit @ v
    for place in range(100):
        assert order[place] == changing.argmax()
        assert bins.gain[order[place]] == pytest.approx(25_000 - place + 0.5 * changing.max(), abs=1e-6)
        changing -= 2 * unit @ unit[order[place]]
        changing[order[place]] = -np.inf


@pytest.mark.usefixtures("short_calls")
def test_cancelling_stops_a_single_pool_in_the_middle() -> None:
    def stop(done: int, total: int, what: str) -> None:
        if done > 100:
            raise Cancelled("Stopped.")

    for kernel in KERNELS:
        with pytest.raises(Cancelled):
            divide(
                normal(np.random.default_rng(0), 300, 4),
                3,
                np.arange(300) % 2,
                kernel=kernel,
                pool="all",
                progress=stop,
            )
