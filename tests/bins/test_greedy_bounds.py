"""The bounds of the lazy greedy, on pools in which a bound that is slightly too low changes a pick."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.bins import _compiled_loops, candidates, greedy
from adq_core.bins.schedules import equal_sizes
from tests import oracles
from tests.bins.vector_pools import TIGHT_MAKERS, Maker, divide, fan, parallel, rows_from_behind, two_fans


@settings(max_examples=25)
@given(
    st.sampled_from(TIGHT_MAKERS),
    st.integers(0, 2**32 - 1),
    st.integers(150, 400),
    st.sampled_from([2, 3, 5, 17]),
    st.sampled_from([np.float32, np.float64]),
    st.integers(1, 6),
)
def test_lazy_dense_and_the_oracle_pick_the_same_where_bounds_are_reached(
    maker: Maker, seed: int, n: int, d: int, kind: type, m: int
) -> None:
    x = maker(np.random.default_rng(seed), n, d).astype(kind)
    lazy, dense = divide(x, m, algorithm="lazy"), divide(x, m, algorithm="dense")
    assert np.array_equal(lazy.rank, dense.rank)
    assert np.array_equal(lazy.gain, dense.gain)
    unit = oracles.unit_rows(x)
    assert oracles.mistakes(0.5 + 0.5 * unit @ unit.T, equal_sizes(n, m), np.argsort(lazy.rank)) == []
    distances = [divide(x, m, kernel="euclidean", algorithm=algorithm) for algorithm in ("lazy", "dense")]
    assert np.array_equal(distances[0].rank, distances[1].rank)


@pytest.mark.parametrize("maker", TIGHT_MAKERS, ids=lambda maker: maker.__name__)
def test_lazy_and_dense_pick_the_same_from_thousands_of_rows_where_sets_are_refilled(maker: Maker) -> None:
    x = maker(np.random.default_rng(11), 3000, 6).astype(np.float32)
    lazy = divide(x, 4, algorithm="lazy")
    assert np.array_equal(lazy.rank, divide(x, 4, algorithm="dense").rank)
    assert np.array_equal(lazy.rank, divide(x, 4).rank)


# --- a bound made too low in one place changes picks ---


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Run the lazy algorithm in plain Python, so that a part of it can be replaced."""
    for name in ("_split", "store_projection", "refresh_directions", "_bound_outside", "_bound_rows"):
        monkeypatch.setattr(_compiled_loops, name, getattr(_compiled_loops, name).py_func)
    for name in ("_evaluate_candidates", "_take_best", "pick_from_active"):
        monkeypatch.setattr(_compiled_loops, name, getattr(_compiled_loops, name).py_func)
    for name in ("pick_from_active", "store_projection", "refresh_directions"):
        monkeypatch.setattr(candidates, name, getattr(_compiled_loops, name))
    return monkeypatch


def across_of_v_halved(patch: pytest.MonkeyPatch) -> None:
    split = _compiled_loops._split
    patch.setattr(_compiled_loops, "_split", lambda *given: (split(*given)[0], 0.5 * split(*given)[1]))


def across_of_rows_halved(patch: pytest.MonkeyPatch) -> None:
    store = _compiled_loops.store_projection

    def halve(rows: Any, members: Any, places: Any, values: Any, v: Any, n: Any, along: Any, across: Any) -> None:
        store(rows, members, places, values, v, n, along, across)
        across[places] *= 0.5

    patch.setattr(_compiled_loops, "store_projection", halve)
    patch.setattr(candidates, "store_projection", halve)


def bound_outside_too_low(patch: pytest.MonkeyPatch) -> None:
    select = candidates.select_members

    def lower(*given: Any) -> tuple[int, float, float]:
        n, total, across = select(*given)
        return n, total - 0.3 * abs(total), across

    patch.setattr(candidates, "select_members", lower)


def across_outside_too_low(patch: pytest.MonkeyPatch) -> None:
    select = candidates.select_members
    patch.setattr(candidates, "select_members", lambda *given: (*select(*given)[:2], 0.5 * select(*given)[2]))


def no_tolerance(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_compiled_loops, "ERROR_FACTOR", 0.0)
    patch.setattr(_compiled_loops, "TIE_SCALE", np.inf)


@pytest.mark.parametrize(
    ("spoil", "maker"),
    [
        (across_of_v_halved, fan),
        (across_of_v_halved, two_fans),
        (across_of_rows_halved, fan),
        (bound_outside_too_low, fan),
        (across_outside_too_low, rows_from_behind),
        (no_tolerance, parallel),
    ],
    ids=lambda part: part.__name__,
)
def test_a_part_that_is_too_low_changes_picks(uncompiled: pytest.MonkeyPatch, spoil: Any, maker: Maker) -> None:
    x = maker(np.random.default_rng(1), 300, 5)
    right = divide(x, 3, algorithm="dense")
    assert np.array_equal(right.rank, divide(x, 3, algorithm="lazy").rank)
    spoil(uncompiled)
    try:
        picks = divide(x, 3, algorithm="lazy").rank
    except (IndexError, ValueError):  # there is no contender
        return
    assert not np.array_equal(right.rank, picks)


# --- when the kernel is computed ---


def kernel_sizes(monkeypatch: pytest.MonkeyPatch, x: np.ndarray, n_bins: int) -> list[int]:
    """Return the number of rows of the kernel at each dense call of "auto"."""
    sizes, dense = [], greedy.pick_densely

    def record(rows: Any, state: Any, members: Any, *given: Any) -> int:
        sizes.append(len(members))
        stop: int = dense(rows, state, members, *given)
        return stop

    monkeypatch.setattr(greedy, "DENSE_BELOW", 50)
    monkeypatch.setattr(greedy, "WORK_PER_CALL", 1e5)
    monkeypatch.setattr(greedy, "pick_densely", record)
    divide(x, n_bins)
    return sizes


def test_the_kernel_is_computed_if_bounds_save_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(2000, 32)).astype(np.float32)
    assert kernel_sizes(monkeypatch, x, 4)[0] > 1400


def test_the_kernel_is_not_computed_where_bounds_are_bad_only_at_the_end_of_a_bin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    x = np.maximum(1 + 0.5 * rng.normal(size=(2000, 32)), 0).astype(np.float32)
    assert kernel_sizes(monkeypatch, x, 2)[0] < 700
