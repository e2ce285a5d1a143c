"""Greedy strategies against slow versions of their definitions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.strategies import STRATEGIES, coverage
from tests.strategies.candidates import make_candidates


def farthest_first(x: np.ndarray, n: int) -> list[int]:
    taken = [int(np.argmax(x @ x.mean(axis=0)))]
    while len(taken) < n:
        distance = np.array([min(np.sum((row - x[other]) ** 2) for other in taken) for row in x])
        distance[taken] = -1
        taken.append(int(np.argmax(distance)))
    return taken


def herding(x: np.ndarray, n: int) -> list[int]:
    taken: list[int] = []
    while len(taken) < n:
        direction = (len(taken) + 1) * x.mean(axis=0) - x[taken].sum(axis=0)
        value = x @ direction
        value[taken] = -np.inf
        taken.append(int(np.argmax(value)))
    return taken


def facility_location(x: np.ndarray, n: int) -> list[int]:
    similarity = np.maximum(x @ x.T, 0)
    taken: list[int] = []
    while len(taken) < n:
        value = [-np.inf if row in taken else similarity[[*taken, row]].max(axis=0).sum() for row in range(len(x))]
        taken.append(int(np.argmax(value)))
    return taken


@pytest.mark.parametrize(
    ("name", "oracle"),
    [("k-centre", farthest_first), ("herding", herding)],
)
@settings(max_examples=15)
@given(seed=st.integers(0, 999), n=st.integers(1, 12))
def test_the_picks_are_those_of_the_definition(
    name: str, oracle: Callable[[np.ndarray, int], list[int]], seed: int, n: int
) -> None:
    candidates = make_candidates(15, 1, d=4, seed=seed)
    unit = candidates.vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert STRATEGIES[name].select(candidates, n, 0).tolist() == sorted(oracle(unit, n))


@settings(max_examples=15)
@given(seed=st.integers(0, 999), n=st.integers(1, 14))
def test_facility_location_reaches_the_sum_of_the_plain_greedy(seed: int, n: int) -> None:
    """Late gains are equal up to rounding, so the sums are compared and not the picks."""
    candidates = make_candidates(15, 1, d=4, seed=seed)
    unit = candidates.vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    similarity = np.maximum(unit @ unit.T, 0)
    sums = [
        similarity[rows].max(axis=0).sum()
        for rows in (STRATEGIES["facility-location"].select(candidates, n, 0), facility_location(unit, n))
    ]
    assert sums[0] == pytest.approx(sums[1], rel=1e-5)


@pytest.mark.parametrize("name", ["k-centre", "herding", "facility-location"])
def test_subsets_of_different_sizes_nest_and_classes_are_independent(name: str) -> None:
    candidates = make_candidates()
    large = STRATEGIES[name].select(candidates, 60, 0)
    small = STRATEGIES[name].select(candidates, 21, 0)
    assert set(small) < set(large)
    alone = make_candidates()
    assert STRATEGIES[name].select(alone, 21, 0).tolist() == small.tolist(), "the order of the requests has no effect"


@pytest.mark.parametrize("name", ["k-centre", "herding"])
def test_similarities_that_do_not_fit_into_memory_give_the_same_picks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = STRATEGIES[name].select(make_candidates(), 30, 0)
    monkeypatch.setattr(coverage, "MAX_SIMILARITIES", 10)
    assert STRATEGIES[name].select(make_candidates(), 30, 0).tolist() == expected.tolist()


def test_facility_location_on_a_part_of_the_images_still_covers_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = make_candidates(200, 1, spread=0.1)
    centres = np.eye(5, 6)
    candidates.vectors[:] = centres[np.arange(200) % 5] + 0.05 * candidates.vectors
    monkeypatch.setattr(coverage, "MAX_SIMILARITIES", 200 * 40)
    rows = STRATEGIES["facility-location"].select(candidates, 5, 0)
    assert sorted(rows % 5) == [0, 1, 2, 3, 4]


def test_equal_vectors_are_no_problem() -> None:
    candidates = make_candidates()
    candidates.vectors[:] = 1
    for name in ("k-centre", "herding", "facility-location"):
        assert len(STRATEGIES[name].select(candidates, 50, 0)) == 50
