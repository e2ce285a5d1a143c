"""The lazy greedy is the dense one on larger pools, where sets are chosen, dropped and chosen again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adq_core.bins import greedy_lazy, greedy_loops
from adq_core.bins.graphcut import KERNELS
from adq_core.errors import Cancelled
from tests import oracles
from tests.bins.vector_pools import MAKERS, cut, late_bloomers, normal, relu_like, same, two_sides


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop for breath after every few rows, so that the lazy way starts over in the middle of bins."""
    monkeypatch.setattr("adq_core.bins.greedy.BREATH", 1.0)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_lazy_is_dense_on_pools_of_thousands(maker: Any) -> None:
    x = maker(np.random.default_rng(7), 2500, 24).astype(np.float32)
    lazy = cut(x, 7, way="lazy")
    assert same(lazy, cut(x, 7, way="dense"))
    assert same(lazy, cut(x, 7))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("maker", [relu_like, two_sides, late_bloomers], ids=lambda maker: maker.__name__)
def test_pauses_in_the_middle_of_a_bin_change_nothing(maker: Any) -> None:
    x = maker(np.random.default_rng(3), 600, 10).astype(np.float32)
    assert same(cut(x, 3, way="lazy"), cut(x, 3, way="dense"))


def test_a_bound_that_is_too_low_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    x = relu_like(np.random.default_rng(1), 300, 16).astype(np.float32)
    right = cut(x, 4, way="dense")
    assert same(right, cut(x, 4, way="lazy"))
    along = greedy_lazy._along.py_func

    def too_low(n: Any, v: Any, length2: float) -> Any:
        a, b = along(n, v, length2)
        return a, 0.2 * b

    monkeypatch.setattr(greedy_lazy, "_along", too_low)
    for name in ("dot", "value_of", "take_best"):
        monkeypatch.setattr(greedy_lazy, name, getattr(greedy_lazy, name).py_func)
    for name in ("_keep", "_pass_over", "_threshold", "_choose_below", "_bounds", "pick_lazily"):
        monkeypatch.setattr(greedy_lazy, name, getattr(greedy_lazy, name).py_func)
    monkeypatch.setattr(greedy_loops, "dot", np.dot)
    monkeypatch.setattr("adq_core.bins.greedy.pick_lazily", greedy_lazy.pick_lazily)
    assert not np.array_equal(right.rank, cut(x, 4, way="lazy").rank)


def test_the_first_picks_of_fifty_thousand_follow_the_linear_form() -> None:
    x = relu_like(np.random.default_rng(0), 50_000, 16).astype(np.float32)
    bins = cut(x, 500)
    unit, order = oracles.unit_rows(x), np.argsort(bins.rank)
    v = unit.sum(axis=0)
    changing = unit @ v
    for place in range(100):
        assert order[place] == changing.argmax()
        assert bins.gain[order[place]] == pytest.approx(25_000 - place + 0.5 * changing.max(), abs=1e-6)
        changing -= 2 * unit @ unit[order[place]]
        changing[order[place]] = -np.inf


@pytest.mark.usefixtures("hurried")
def test_a_single_pool_can_be_stopped_in_the_middle() -> None:
    def stop(done: int, total: int, what: str) -> None:
        if done > 100:
            raise Cancelled("Stopped.")

    for kernel in KERNELS:
        with pytest.raises(Cancelled):
            cut(
                normal(np.random.default_rng(0), 300, 4),
                3,
                np.arange(300) % 2,
                kernel=kernel,
                pool="all",
                progress=stop,
            )
