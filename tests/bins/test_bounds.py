"""The inequalities and constants of docs/exact-greedy.md, one by one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.bins import _compiled_loops, _compiled_set_loops, greedy
from adq_core.bins._compiled_loops import ERROR_FACTOR, TIE_SCALE, ActiveSet, KernelRows, OutsideSets
from adq_core.bins.schedules import equal_sizes
from tests import oracles
from tests.bins.flat_greedy import flat_lazy_greedy
from tests.bins.vector_pools import MAKERS, TIGHT_MAKERS, Maker, divide, normal, relu_like, seeds

DOCUMENT = (Path(__file__).parents[2] / "docs" / "exact-greedy.md").read_text(encoding="utf-8")
ALL_MAKERS = st.sampled_from([*MAKERS, *TIGHT_MAKERS])


def kernel_rows(x: np.ndarray) -> KernelRows:
    unit = oracles.unit_rows(x)
    unit.flags.writeable = False  # as in the product, so that no further version is compiled
    return KernelRows(unit, np.ones(len(x)), np.zeros(len(x)), (unit**2).sum(axis=1), 1.0, 0.0)


def error_unit(rows: KernelRows, v: np.ndarray) -> float:
    return len(v) * 2.0**-53 * rows.longest * float(np.linalg.norm(v)) + 16 * 2.0**-53 * float(np.linalg.norm(v))


def later_v(rows: KernelRows, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """V after some picks."""
    picked = rng.permutation(len(rows.x))[: rng.integers(0, len(rows.x))]
    return v - np.append(2 * rows.x[picked].sum(axis=0), 0)


@settings(max_examples=60)
@given(ALL_MAKERS, seeds, st.sampled_from([2, 3, 17]))
def test_no_row_has_a_value_above_its_bound(maker: Maker, seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    rows = kernel_rows(maker(rng, 60, d))
    n, v = len(rows.x), np.append(rows.x.sum(axis=0), 0)
    values, along, across, direction = np.empty(n), np.empty(n), np.empty(n), np.empty(d + 1)
    _compiled_loops.evaluate(rows, np.arange(n), np.arange(n), v, values)
    _compiled_loops.store_projection(rows, np.arange(n), np.arange(n), values, v, direction, along, across)
    v = later_v(rows, v, rng)
    a, b = _compiled_loops._split(direction, v, float(v @ v))
    bound = np.empty(n)
    largest = _compiled_loops._bound_rows(along, across, np.zeros(n, int), np.array([a]), np.array([b]), bound)
    exact = rows.x @ v[:-1]
    assert (exact <= bound + 9 * error_unit(rows, v)).all()
    assert largest == bound.max()
    assert a**2 + b**2 >= v @ v
    assert (along**2 + across**2 >= rows.square).all()
    assert (bound <= np.abs(exact) + 2 * across * b + 1e-6).all(), "a bound far above every value saves no work"


@settings(max_examples=60)
@given(ALL_MAKERS, seeds, st.sampled_from([2, 3, 17]), st.floats(0, 2.8), st.integers(1, 60))
def test_no_row_outside_a_set_has_a_value_above_the_bound_of_the_set(
    maker: Maker, seed: int, d: int, weight: float, target: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = kernel_rows(maker(rng, 60, d))
    n, v = len(rows.x), np.append(rows.x.sum(axis=0), 0)
    values, along, across, direction = np.empty(n), np.empty(n), np.empty(n), np.empty((1, d + 1))
    _compiled_loops.evaluate(rows, np.arange(n), np.arange(n), v, values)
    _compiled_loops.store_projection(rows, np.arange(n), np.arange(n), values, v, direction[0], along, across)
    below = np.empty(n, int), np.empty(n), np.empty(n)
    size, total, largest = _compiled_set_loops.select_members(np.arange(n), along, across, weight, target, *below)
    outside = OutsideSets(
        direction, np.array([weight]), np.array([total]), np.array([largest]), np.empty(1), np.ones(1)
    )
    v = later_v(rows, v, rng)
    bound = _compiled_loops._bound_outside(outside, v, float(v @ v))
    others = np.setdiff1d(np.arange(n), below[0][:size])
    assert (below[1][:size] == along[below[0][:size]]).all()
    assert (below[2][:size] == across[below[0][:size]]).all()
    if len(others) == 0:
        assert bound == -np.inf
    else:
        assert ((rows.x @ v[:-1])[others] <= bound + 9 * error_unit(rows, v)).all()


def test_the_threshold_leaves_about_the_target_size() -> None:
    totals = np.random.default_rng(0).normal(size=10_000)
    for target in (16, 300, 5000):
        assert target <= (totals >= _compiled_set_loops._threshold(totals, target)).sum() <= target + 400
    assert _compiled_set_loops._threshold(totals, 10_000) == -np.inf
    assert _compiled_set_loops._threshold(np.ones(5), 2) == -np.inf


@given(seeds, st.sampled_from([1, 3, 64, 65, 300]), st.integers(1, 9), st.sampled_from([np.float32, np.float64]))
def test_evaluate_fills_only_the_places_and_is_within_the_error(seed: int, d: int, count: int, kind: type) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(12, d)).astype(kind)
    x.flags.writeable = False
    weight, last = rng.random(12) / np.linalg.norm(x.astype(float), axis=1), rng.normal(size=12)
    rows = KernelRows(x, weight, last, np.ones(12), 4.0, 0.0)
    v, out, members, places = (
        rng.normal(size=d + 1),
        np.full(12, np.nan),
        rng.permutation(12),
        rng.permutation(12)[:count],
    )
    _compiled_loops.evaluate(rows, members, places, v, out)
    chosen = members[places]
    exact = weight[chosen] * (x[chosen].astype(float) @ v[:-1]) + last[chosen] * v[-1]
    assert np.abs(out[places] - exact).max() <= 2 * error_unit(rows, v)
    assert np.isnan(np.delete(out, places)).all()


def test_refreshed_rows_have_the_present_direction() -> None:
    rng = np.random.default_rng(0)
    rows = kernel_rows(relu_like(rng, 40, 5))
    v = np.append(rows.x.sum(axis=0), 0)
    for old, number in ((np.arange(40) % 3 == 0, 1), (np.arange(40) % 3 > 0, 0)):  # few and many with other directions
        active = ActiveSet(
            np.arange(40),
            np.zeros(40),
            np.zeros(40),
            np.where(old, 5, 0),
            np.zeros((_compiled_loops.DIRECTIONS, 6)),
            np.array([40, _compiled_loops.DIRECTIONS]),
            np.empty(40),
            np.empty(40, int),
        )
        refreshed = old if number else np.ones(40, bool)
        assert _compiled_loops.refresh_directions(rows, active, v) == refreshed.sum()
        assert (active.direction_of[refreshed] == number).all()
        np.testing.assert_allclose(active.directions[number], v / np.linalg.norm(v))
        np.testing.assert_allclose(active.along[refreshed], (rows.x @ v[:-1])[refreshed] / np.linalg.norm(v))
        assert active.counts.tolist() == [40, number + 1]


# --- constants ---


def totals_of_the_document() -> dict[str, int]:
    """Add up each table of errors; its first heading names it."""
    totals = {}
    for name, body in re.findall(r"\| (\w+) \| error \|\n\|---\|---\|\n((?:\|.*\n)+)", DOCUMENT):
        *terms, total = [int(line.rstrip(" |").rsplit("|", 1)[1]) for line in body.splitlines()]
        assert sum(terms) == total, name
        totals[name] = total
    return totals


def test_the_error_factor_covers_every_table_of_errors() -> None:
    totals = totals_of_the_document()
    assert set(totals) == {"lazy", "dense", "squares"}
    assert max(totals.values()) <= ERROR_FACTOR
    assert f"F = {ERROR_FACTOR:.0f} covers all three" in DOCUMENT
    assert f"2^{np.log2(TIE_SCALE):.0f} D(x)" in DOCUMENT


def test_updates_between_two_evaluations_have_at_most_the_error_of_the_dense_table() -> None:
    assert 2 * 1.12 * _compiled_loops.REFRESH / 17 <= 9


def test_the_document_uses_the_names_of_the_code() -> None:
    section = DOCUMENT.split("## 2. Symbols")[1].split("## 3.")[0]
    source = Path(_compiled_loops.__file__).read_text(encoding="utf-8")
    cells = [cell for cell in re.findall(r"`([^`]+)`", section) if not cell.endswith(".py")]
    names = {name for cell in cells for name in re.findall(r"[A-Za-z_]\w+", cell)}
    assert len(names) > 15
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", source)] == []
    for function in re.findall(r"\(`(_\w+)`\)", DOCUMENT):
        assert hasattr(_compiled_loops, function)


@settings(max_examples=20)
@given(seeds, st.sampled_from([1, 3, 100, 700]))
def test_kernel_entries_are_within_their_error(seed: int, d: int) -> None:
    x = oracles.unit_rows(np.random.default_rng(seed).normal(size=(50, d)))
    short = x.astype(np.float32)
    assert np.abs(short @ short.T - x @ x.T).max() <= greedy.kernel_entry_error(d)
    assert greedy.kernel_entry_error(d) >= (d + 2) * 2.0**-24


# --- ties ---


@pytest.mark.parametrize("kernel", ["cosine", "euclidean"])
@pytest.mark.parametrize("algorithm", ["lazy", "dense"])
def test_of_identical_rows_the_one_with_the_lower_id_is_picked_first(kernel: str, algorithm: str) -> None:
    rng = np.random.default_rng(0)
    x = relu_like(rng, 1000, 40).astype(np.float32)
    rank = divide(np.concatenate([x, x]), 3, kernel=kernel, algorithm=algorithm).rank
    assert (rank[:1000] < rank[1000:]).all()
    order = rng.permutation(2000)
    shuffled = divide(
        np.concatenate([x, x])[order], 3, kernel=kernel, algorithm=algorithm, id_order=np.argsort(order)
    ).rank
    assert np.array_equal(shuffled, rank[order])


def test_of_rows_that_differ_by_a_power_of_two_the_lower_id_is_picked_first() -> None:
    x = relu_like(np.random.default_rng(1), 1000, 40).astype(np.float32)
    rank = divide(np.concatenate([x, x * 2 ** np.arange(-10, 10).repeat(50)[:, None].astype(np.float32)]), 3).rank
    assert (rank[:1000] < rank[1000:]).all()


@pytest.mark.parametrize("algorithm", ["lazy", "dense"])
@pytest.mark.parametrize(("steps", "first"), [(0.45, 0), (0.55, 1)])
def test_values_that_round_to_the_same_step_tie(algorithm: str, steps: float, first: int) -> None:
    half = steps / 2 / TIE_SCALE
    x = np.array([[1 - half], [1 + half]])  # the values are 2 - steps and 2 + steps, in steps
    x.flags.writeable = False
    rows = KernelRows(x, np.ones(2), np.zeros(2), np.ones(2), 1.0, 0.0)
    order, _ = greedy.greedy(rows, [2], algorithm=algorithm)
    assert order[0] == first


# --- the flat form ---


@settings(max_examples=20)
@given(st.sampled_from([normal, relu_like]), seeds, st.integers(1, 5))
def test_the_flat_form_picks_the_same(maker: Maker, seed: int, n_bins: int) -> None:
    x, sizes = maker(np.random.default_rng(seed), 200, 20), equal_sizes(200, n_bins)
    order, n_evaluated = flat_lazy_greedy(oracles.unit_rows(x), sizes)
    assert np.argsort(divide(x, n_bins, algorithm="lazy").rank).tolist() == order
    if maker is relu_like:
        assert n_evaluated < 0.3 * 200 * 200, "bounds save most of the work"
