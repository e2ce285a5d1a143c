"""Pools of vectors that several tests of the greedy share, from usual to awkward, and the shortest way to bins."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from adq_core.bins import make_bins
from adq_core.records import Bins

seeds = st.integers(0, 2**32 - 1)


def normal(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d))


def relu_like(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    centres = rng.normal(size=(4, d))
    return np.maximum(1 + centres[rng.integers(4, size=n)] + 0.5 * rng.normal(size=(n, d)), 0)


def duplicated(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(max(1, n // 4), d))[rng.integers(max(1, n // 4), size=n)]


def rescaled(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return duplicated(rng, n, d) * 2.0 ** rng.integers(-30, 30, size=(n, 1))


def with_zeros(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=(n, d)) * (rng.random((n, 1)) < 0.6)


def near_parallel(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.normal(size=d) + 1e-6 * rng.normal(size=(n, d))


def one_hot(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return np.eye(d)[rng.integers(d, size=n)] * rng.choice([-1, 1], size=(n, 1))


def signs(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=(n, d))


def two_sides(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """V falls to zero and turns round in the middle of a bin: every bound goes bad at once."""
    x = near_parallel(rng, n, d) + 0.1 * rng.normal(size=(n, d))
    x[rng.random(n) < 0.4] *= -1
    return x


def late_bloomers(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Rows at right angles to the mean come from far behind, once the picks have pushed V to one side."""
    mean, side = np.eye(d)[0], np.eye(d)[min(1, d - 1)]
    x = mean + 0.05 * rng.normal(size=(n, d)) + np.where(rng.random((n, 1)) < 0.5, 0.9, -0.02) * side
    x[rng.random(n) < 0.1] -= 1.9 * side
    return x


MAKERS = [
    normal,
    relu_like,
    duplicated,
    rescaled,
    with_zeros,
    near_parallel,
    one_hot,
    signs,
    two_sides,
    late_bloomers,
]
made = st.builds(
    lambda maker, seed, n, d, kind: MAKERS[maker](np.random.default_rng(seed), n, d).astype(kind),
    st.integers(0, len(MAKERS) - 1),
    seeds,
    st.integers(1, 60),
    st.sampled_from([1, 2, 3, 8, 70]),
    st.sampled_from([np.float32, np.float64]),
)


def cut(x: np.ndarray, n_bins: int, labels: np.ndarray | None = None, **keywords: Any) -> Bins:
    return make_bins(x, np.zeros(len(x), np.int64) if labels is None else labels, n_bins=n_bins, **keywords)


def same(one: Bins, other: Bins, rows: np.ndarray | slice = slice(None)) -> bool:
    return all(np.array_equal(getattr(one, name)[rows], getattr(other, name)) for name in ("bin_of", "rank", "gain"))
