"""The bounds of the lazy greedy: sets on which a bound that is a little too low shows, and bounds made too low."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.bins import greedy, greedy_lazy, greedy_loops
from adq_core.bins.graphcut import equal_sizes, make_bins
from adq_core.bins.greedy_loops import Rows
from adq_core.bins.greedy_short import shorten, values_at
from adq_core.records import Bins
from tests import oracles

Maker = Callable[[np.random.Generator, int, int], np.ndarray]


def fan(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """All rows in one plane: what is left of a row and what is left of V are parallel, so every bound is reached."""
    angle = rng.normal(0, 0.5, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) @ np.linalg.qr(rng.normal(size=(d, 2)))[0].T


def even_fan(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """The same with equal angles and both sides alike: ties at every pick but for rounding."""
    angle = rng.permutation(np.concatenate([np.linspace(-1.2, 1.2, n - n // 4), np.zeros(n // 4)]))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) @ np.eye(2, d)


def two_fans(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """A large group goes first and pushes V away from itself until the small one, far outside all sets, is ahead."""
    angle = np.where(rng.random(n) < 0.8, 0.3, -0.9) + rng.normal(0, 0.05, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) @ np.eye(2, d) + 1e-3 * rng.normal(size=(n, d))


def spiral(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Rows on a long bow through all coordinates: V wanders, and another stretch of the bow is ahead each time."""
    t = np.sort(rng.random(n))[:, None] * np.pi
    return np.concatenate([np.cos(k * t / 2) / (k + 1) for k in range(d)], axis=1) + 1e-6 * rng.normal(size=(n, d))


def scaled_copies(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """A third are copies of the others in other lengths: their values tie but for rounding, and the lower row wins."""
    x = 1 + 0.3 * rng.normal(size=(n, d))
    copies = rng.permutation(n)[: n // 3]
    x[copies] = x[rng.integers(n, size=n // 3)] * rng.uniform(0.1, 10, (n // 3, 1))
    return x


def long_and_short(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """A tight group around the mean, a few rows far from it, and zeros."""
    x = np.eye(1, d) + 0.02 * rng.normal(size=(n, d))
    x[rng.random(n) < 0.05] = rng.normal(size=d)
    x[rng.random(n) < 0.05] = 0
    return x


def spiked(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Rows that differ by less than a step of their short copies: one coordinate of each is large, and V wanders."""
    x = 1e-4 * rng.normal(size=(n, d))
    x[np.arange(n), rng.integers(d, size=n) * (rng.random(n) < 0.7)] += 1
    return x


def parallel(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """One vector in many lengths: all values tie but for rounding, and nothing is left of V beside the first V."""
    return rng.uniform(0.1, 10, (n, 1)) * rng.normal(size=d)


MAKERS: list[Maker] = [fan, even_fan, two_fans, spiral, scaled_copies, long_and_short, spiked, parallel]


def cut(x: np.ndarray, n_bins: int, **keywords: Any) -> Bins:
    return make_bins(x, np.zeros(len(x), np.int64), n_bins=n_bins, **keywords)


@settings(max_examples=25)
@given(
    st.sampled_from(MAKERS),
    st.integers(0, 2**32 - 1),
    st.integers(150, 400),
    st.sampled_from([2, 3, 5, 17]),
    st.sampled_from([np.float32, np.float64]),
    st.integers(1, 6),
)
def test_dense_lazy_and_the_obvious_way_pick_the_same_where_bounds_are_reached(
    maker: Maker, seed: int, n: int, d: int, kind: type, m: int
) -> None:
    x = maker(np.random.default_rng(seed), n, d).astype(kind)
    lazy, dense = cut(x, m, way="lazy"), cut(x, m, way="dense")
    assert np.array_equal(lazy.rank, dense.rank)
    assert np.array_equal(lazy.gain, dense.gain)
    unit = oracles.unit_rows(x)
    assert oracles.mistakes(0.5 + 0.5 * unit @ unit.T, equal_sizes(n, m), np.argsort(lazy.rank)) == []
    distances = [cut(x, m, kernel="euclidean", way=way) for way in ("lazy", "dense")]
    assert np.array_equal(distances[0].rank, distances[1].rank)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_nor_do_they_differ_on_thousands_where_whole_sets_are_used_up(maker: Maker) -> None:
    x = maker(np.random.default_rng(11), 3000, 6).astype(np.float32)
    lazy = cut(x, 4, way="lazy")
    assert np.array_equal(lazy.rank, cut(x, 4, way="dense").rank)
    assert np.array_equal(lazy.rank, cut(x, 4).rank)


# --- bounds made too low, each in one place, are found out ---


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Run the lazy way in plain Python, so that a part of it can be replaced."""
    compiled = "dot", "value_of", "take_best"  # not values_at, which sends for rows
    for name in (*compiled, "_along", "_keep", "_pass_over", "_threshold", "_choose_below", "_bounds", "pick_lazily"):
        monkeypatch.setattr(greedy_lazy, name, getattr(greedy_lazy, name).py_func)
    monkeypatch.setattr(greedy_loops, "dot", np.dot)
    monkeypatch.setattr(greedy, "pick_lazily", greedy_lazy.pick_lazily)
    return monkeypatch


def across_too_short(patch: pytest.MonkeyPatch) -> None:
    along = greedy_lazy._along
    patch.setattr(greedy_lazy, "_along", lambda *given: (along(*given)[0], 0.5 * along(*given)[1]))


def rows_too_thin(patch: pytest.MonkeyPatch) -> None:
    keep = greedy_lazy._keep

    def thin(rows: Any, sets: Any, k: int, places: Any, *given: Any) -> float:
        off: float = keep(rows, sets, k, places, *given)
        sets.p[k, places] *= 0.5
        return off

    patch.setattr(greedy_lazy, "_keep", thin)


def outside_too_low(patch: pytest.MonkeyPatch) -> None:
    choose = greedy_lazy._choose_below

    def low(rows: Any, short: Any, state: Any, sets: Any, k: int, *given: Any) -> int:
        looked: int = choose(rows, short, state, sets, k, *given)
        sets.h[k] -= 0.3 * abs(sets.h[k])
        return looked

    patch.setattr(greedy_lazy, "_choose_below", low)


def no_room_for_rounding(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(greedy_lazy, "SLACK", 0.0)
    patch.setattr(greedy_lazy, "GRID", np.inf)


def short_rows_taken_for_exact(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(greedy, "shorten", lambda rows, v: shorten(rows, v)._replace(blur=0.0))


@pytest.mark.parametrize(
    ("spoil", "maker"),
    [
        (across_too_short, fan),
        (across_too_short, two_fans),
        (rows_too_thin, fan),
        (outside_too_low, fan),
        (no_room_for_rounding, parallel),
        (short_rows_taken_for_exact, spiked),
    ],
    ids=lambda part: part.__name__,
)
def test_a_part_that_is_too_low_changes_picks(uncompiled: pytest.MonkeyPatch, spoil: Any, maker: Maker) -> None:
    x = maker(np.random.default_rng(1), 300, 5)
    right = cut(x, 3, way="dense")
    assert np.array_equal(right.rank, cut(x, 3, way="lazy").rank)
    spoil(uncompiled)
    try:
        picks = cut(x, 3, way="lazy").rank
    except IndexError:  # not even the best row is near the best
        return
    assert not np.array_equal(right.rank, picks)


# --- what the two ways are made of ---


@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 13),
    st.sampled_from([1, 15, 16, 17, 255, 256, 257, 600]),
    st.sampled_from([np.float32, np.float64]),
    st.sampled_from([1e-30, 1e-6, 1.0, 1e30]),
    st.booleans(),
)
def test_values_from_short_rows_are_as_near_as_they_say(
    seed: int, count: int, d: int, kind: type, scale: float, spiky: bool
) -> None:
    rng = np.random.default_rng(seed)
    x = 1 + rng.normal(size=(20, d)) if not spiky else rng.normal(size=(20, d)) ** 9
    x[rng.random(20) < 0.1] = 0
    x = (x * scale).astype(kind)
    x.flags.writeable = False
    weight = rng.random(20) / np.maximum(1e-200, np.linalg.norm(x.astype(np.float64), axis=1))
    extra, exact = rng.normal(size=20), weight[:, None] * x.astype(np.float64)
    rows = Rows(x, weight, extra, (exact**2).sum(axis=1) + extra**2, -0.5)
    begin, v = (rng.normal(size=d + 1) * 1000 for _ in range(2))
    v[:-1] += rng.choice([0.0, 1.0, 30.0]) * begin[:-1]
    members, out = rng.permutation(20), np.full(20, np.nan)
    places = rng.permutation(20)[:count]
    short = shorten(rows, begin)
    fuzz = values_at(rows, short, members, places, v, out)
    chosen, longest, length = members[places], np.sqrt(rows.square.max()), np.linalg.norm(v)
    off = np.abs(out[places] - (exact[chosen] @ v[:-1] + extra[chosen] * v[-1]))
    assert (off <= fuzz + 10 * (d + 16) * 2.0**-53 * longest * length).all()
    assert fuzz <= (1e-4 * np.sqrt(d) + d * 2.0**-22) * longest * length  # or the copies are of no use
    assert np.isnan(np.delete(out, places)).all()


def test_short_rows_of_a_pool_without_a_direction() -> None:
    x = np.zeros((5, 3), np.float32)
    x.flags.writeable = False
    short = shorten(Rows(x, np.zeros(5), np.zeros(5), np.zeros(5), 0.0), np.zeros(4))
    out = np.full(5, np.nan)
    assert (
        values_at(
            Rows(x, np.zeros(5), np.zeros(5), np.zeros(5), 0.0), short, np.arange(5), np.arange(5), np.ones(4), out
        )
        < 1e-9
    )
    assert (out == 0).all()


def kernels_made(monkeypatch: pytest.MonkeyPatch, x: np.ndarray, n_bins: int) -> list[int]:
    """Return how many rows each dense stretch of "auto" held a kernel of."""
    held, dense = [], greedy.pick_densely

    def told(rows: Any, state: Any, members: Any, *given: Any) -> int:
        held.append(len(members))
        stop: int = dense(rows, state, members, *given)
        return stop

    monkeypatch.setattr(greedy, "DENSE_BELOW", 50)
    monkeypatch.setattr(greedy, "BREATH", 1e5)
    monkeypatch.setattr(greedy, "pick_densely", told)
    cut(x, n_bins)
    return held


def test_the_kernel_is_made_where_no_bound_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(2000, 32)).astype(np.float32)
    assert kernels_made(monkeypatch, x, 4)[0] > 1400


def test_the_kernel_waits_where_bounds_are_bad_only_at_the_end_of_a_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x = np.maximum(1 + 0.5 * rng.normal(size=(2000, 32)), 0).astype(np.float32)
    assert kernels_made(monkeypatch, x, 2)[0] < 700
