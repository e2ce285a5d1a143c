"""Greedy GraphCut selection, class by class and bin after bin: from vectors to `Bins`."""

from __future__ import annotations

import numpy as np

from .errors import InputError, SettingsError
from .progress import Progress, silent
from .records import Bins, Floats, Ints


def make_bins(
    vectors: Floats,
    labels: Ints,
    *,
    n_bins: int,
    pool: str = "class",
    schedule: str = "equal",
    class_names: tuple[str, ...] = (),
    key: str = "",
    progress: Progress = silent,
) -> Bins:
    """Return the bins of the greedy that maximises the GraphCut gain, ties to the lower row.

    gain(x) = |pool|/2 - |S| + 0.5 <u_x, T - 2 s>  with unit rows u, T the sum of the pool and s that of the picks S:
    the published sum_pool k - 2 sum_S k with k = 0.5 + 0.5 cos, without its kernel.
    """
    if not np.isfinite(vectors).all():
        raise InputError("Embeddings must be finite, got NaN or infinity. Check the file or the model that made them.")
    m = len(vectors)
    bin_of = np.zeros(m, np.int32)
    rank = np.zeros(m, np.int32)
    gain = np.zeros(m, np.float64)
    groups = np.zeros(m, np.int64) if pool == "all" else np.asarray(labels)
    present = np.unique(groups)
    for step, group in enumerate(present):
        rows = np.flatnonzero(groups == group)
        if len(rows) < n_bins:
            name = class_names[group] if pool == "class" and class_names else "the whole set"
            raise SettingsError(
                f"n_bins must be between 1 and {len(rows)} ({name} has {len(rows)} images), got {n_bins}. "
                "Lower n_bins, or take all images as one pool with pool = all."
            )
        sizes = SCHEDULES[schedule](len(rows), n_bins)
        order, bins, gains = _greedy(np.asarray(vectors[rows], np.float64), sizes)
        bin_of[rows[order]] = bins
        rank[rows[order]] = np.arange(len(rows))
        gain[rows[order]] = gains
        progress(step + 1, len(present), "bins")
    return Bins(bin_of=bin_of, rank=rank, gain=gain, n_bins=n_bins, key=key)


def _greedy(x: Floats, sizes: list[int]) -> tuple[Ints, Ints, Floats]:
    """Return the order of the picks, their bins and gains for one pool. x: (N, d) float64."""
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    unit = np.divide(x, norm, out=np.zeros_like(x), where=norm > 0)
    left = np.arange(len(x))
    order, bins, gains = [], [], []
    for number, size in enumerate(sizes):
        rows = unit[left]
        changing = rows @ rows.sum(axis=0)  # <u_x, T - 2 s>
        pool_size = len(left)
        for picked in range(size):
            best = int(np.argmax(changing))
            order.append(int(left[best]))
            bins.append(number)
            gains.append(pool_size / 2 - picked + 0.5 * changing[best])
            changing -= 2 * (rows @ rows[best])
            changing[best] = -np.inf
        left = left[np.isfinite(changing)]
    return np.array(order), np.array(bins), np.array(gains)


def equal_sizes(n: int, n_bins: int) -> list[int]:
    """Return bin sizes that differ by at most one, larger ones first."""
    return [n // n_bins + (number < n % n_bins) for number in range(n_bins)]


def geometric_sizes(n: int, n_bins: int) -> list[int]:
    """Return sizes that take round(1/n_bins of what is left) each time; the last bin takes the rest."""
    sizes: list[int] = []
    for _ in range(n_bins - 1):
        sizes.append(max(1, round((n - sum(sizes)) / n_bins)))
    return [*sizes, n - sum(sizes)]


SCHEDULES = {"equal": equal_sizes, "geometric": geometric_sizes}
