"""Pools of vectors that the tests of the bins share, from usual to difficult, and a short call of make_bins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from adq_core.bins import make_bins
from adq_core.records import Bins

Maker = Callable[[np.random.Generator, int, int], np.ndarray]
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
    """V falls to zero and reverses in the middle of a bin, so that all bounds become bad at once."""
    x = near_parallel(rng, n, d) + 0.1 * rng.normal(size=(n, d))
    x[rng.random(n) < 0.4] *= -1
    return x


def rows_from_behind(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Rows orthogonal to the mean: their values are small at first, and large when the picks have turned V."""
    mean, side = np.eye(d)[0], np.eye(d)[min(1, d - 1)]
    x = mean + 0.05 * rng.normal(size=(n, d)) + np.where(rng.random((n, 1)) < 0.5, 0.9, -0.02) * side
    x[rng.random(n) < 0.1] -= 1.9 * side
    return x


# --- pools in which a bound that is a little too low changes a pick ---


def fan(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """All rows in one plane: the remainders of a row and of V are parallel, so every bound is reached."""
    angle = rng.normal(0, 0.5, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) @ np.linalg.qr(rng.normal(size=(d, 2)))[0].T


def even_fan(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """The same with equal angles on both sides: ties at every pick, except for rounding."""
    angle = rng.permutation(np.concatenate([np.linspace(-1.2, 1.2, n - n // 4), np.zeros(n // 4)]))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) @ np.eye(2, d)


def two_fans(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """A large group is picked first and turns V until a small group, far outside all sets, has the largest values."""
    angle = np.where(rng.random(n) < 0.8, 0.3, -0.9) + rng.normal(0, 0.05, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) @ np.eye(2, d) + 1e-3 * rng.normal(size=(n, d))


def spiral(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Rows on a curve through all coordinates: V turns, and other parts of the curve are picked in turn."""
    t = np.sort(rng.random(n))[:, None] * np.pi
    return np.concatenate([np.cos(k * t / 2) / (k + 1) for k in range(d)], axis=1) + 1e-6 * rng.normal(size=(n, d))


def scaled_copies(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """A third of the rows are scaled copies of the others: their values tie, except for rounding."""
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
    """Rows with one large coordinate each and very small others, so that V often changes its direction."""
    x = 1e-4 * rng.normal(size=(n, d))
    x[np.arange(n), rng.integers(d, size=n) * (rng.random(n) < 0.7)] += 1
    return x


def parallel(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """One vector in many lengths: all values tie, except for rounding, and V keeps its direction."""
    return rng.uniform(0.1, 10, (n, 1)) * rng.normal(size=d)


MAKERS: list[Maker] = [
    normal,
    relu_like,
    duplicated,
    rescaled,
    with_zeros,
    near_parallel,
    one_hot,
    signs,
    two_sides,
    rows_from_behind,
]
TIGHT_MAKERS: list[Maker] = [fan, even_fan, two_fans, spiral, scaled_copies, long_and_short, spiked, parallel]
pools_of_vectors = st.builds(
    lambda maker, seed, n, d, kind: MAKERS[maker](np.random.default_rng(seed), n, d).astype(kind),
    st.integers(0, len(MAKERS) - 1),
    seeds,
    st.integers(1, 60),
    st.sampled_from([1, 2, 3, 8, 70]),
    st.sampled_from([np.float32, np.float64]),
)


def divide(x: np.ndarray, n_bins: int, labels: np.ndarray | None = None, **keywords: Any) -> Bins:
    return make_bins(x, np.zeros(len(x), np.int64) if labels is None else labels, n_bins=n_bins, **keywords)


def same_bins(one: Bins, other: Bins, rows: np.ndarray | slice = slice(None)) -> bool:
    return all(np.array_equal(getattr(one, name)[rows], getattr(other, name)) for name in ("bin_of", "rank", "gain"))
