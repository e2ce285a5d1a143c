"""Greedy GraphCut selection, class by class and bin after bin: from vectors to `Bins`.

Published: the gain of taking x is  sum_{p in pool} k(p, x) - 2 sum_{s in S} k(s, x)  with k = 0.5 + 0.5 cos; "pool" is
what was left when the bin began, S the picks of this bin; the largest gain is taken, over and over (Dataset
Quantization, arXiv 2308.10524; its code keeps the M x M kernel and adds it up again at every pick). Both sums are
linear in x: with unit rows u, T the sum of the pool and s that of S,

    gain(x) = |pool|/2 - |S| + 0.5 <u_x, V>,    V = T - 2 s,

so a pick is the row with the largest inner product with one vector V, which then loses twice the pick's row. No kernel
is needed. `greedy.py` finds that row without looking at all of them, and proves that it is the same row.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

import joblib
import numpy as np

from .errors import InputError, SettingsError, unknown_name
from .greedy import Rows, greedy
from .greedy_loops import squared_lengths
from .progress import Progress, silent
from .records import Bins, Floats, Ints


def make_bins(
    vectors: Floats,
    labels: Ints,
    *,
    n_bins: int,
    pool: str = "class",
    schedule: str = "equal",
    kernel: str = "cosine",
    class_names: tuple[str, ...] = (),
    id_order: Ints | None = None,
    way: str = "auto",
    n_jobs: int | None = None,
    key: str = "",
    progress: Progress = silent,
) -> Bins:
    """Return the bins of the greedy that maximises the GraphCut gain, with the place and the gain of every pick.

    vectors: (M, d), finite; a row of zeros is allowed and has cosine 0 with every row, itself included. labels: (M,)
    indices into `class_names`; each class is a pool of its own unless `pool` is "all". `id_order` lists the rows in
    the order of their ids (default: as they stand): an exact tie goes to the lower id, and rows shuffled under the
    same ids get the same bins. `progress` counts picks and may be called from a worker thread, one call at a time.

    Gains fall from pick to pick within a bin only while V keeps its direction; between bins they start anew, because
    the pool is another. First bins hold the most central images, the last ones the outliers.
    Errors: `InputError` for vectors that are not finite, `SettingsError` for a class with fewer images than `n_bins`.
    """
    vectors = np.asarray(vectors)
    if vectors.dtype not in (np.float32, np.float64):
        vectors = vectors.astype(np.float32 if vectors.dtype == np.float16 else np.float64)
    for kind, name, table in (("pool", pool, POOLS), ("schedule", schedule, SCHEDULES), ("kernel", kernel, KERNELS)):
        if name not in table:
            raise unknown_name(kind, name, table)
    m = len(vectors)
    by_id = np.arange(m) if id_order is None else np.asarray(id_order)
    groups = POOLS[pool](np.asarray(labels))[by_id]
    places = np.argsort(groups, kind="stable")  # by group, and within a group by id
    counts = np.bincount(groups)
    pools = [by_id[rows] for rows in np.split(places, np.cumsum(counts)[:-1]) if len(rows)]
    for rows in pools:
        if len(rows) < n_bins:
            group = int(np.asarray(labels)[rows[0]])
            name = class_names[group] if pool == "class" and class_names else "the whole set"
            raise SettingsError(
                f"n_bins must be between 1 and {len(rows)} ({name} has {len(rows)} images), got {n_bins}. "
                "Lower n_bins, or take all images as one pool with pool = all."
            )
    bin_of, rank, gain = np.zeros(m, np.int32), np.zeros(m, np.int32), np.zeros(m, np.float64)
    counter = _Counter(m, progress)

    def cut(rows: Ints) -> None:
        counter(0)
        sizes = SCHEDULES[schedule](len(rows), n_bins)
        order, gains = KERNELS[kernel](_gather(vectors, rows), sizes, way, counter)
        taken = rows[order]
        bin_of[taken] = np.repeat(np.arange(n_bins), sizes)
        rank[taken] = np.arange(len(rows))
        gain[taken] = gains

    jobs = min(len(pools), n_jobs or os.cpu_count() or 1)
    if jobs == 1:
        for rows in pools:
            cut(rows)
    else:
        joblib.Parallel(n_jobs=jobs, prefer="threads", batch_size=1)(joblib.delayed(cut)(rows) for rows in pools)
    return Bins(bin_of=bin_of, rank=rank, gain=gain, n_bins=n_bins, key=key)


@dataclass
class _Counter:
    """Count picks over all threads, tell `progress`, and stop every thread once one call has raised."""

    total: int
    progress: Progress
    done: int = 0

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        self.raised: BaseException | None = None

    def __call__(self, picks: int) -> None:
        with self.lock:
            if self.raised is not None:
                raise self.raised
            self.done += picks
            try:
                self.progress(self.done, self.total, "bins")
            except BaseException as stop:
                self.raised = stop
                raise


def _gather(vectors: Floats, rows: Ints) -> Floats:
    """Return the rows of a pool: a view where they lie together, else a copy."""
    together = len(rows) == 0 or np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows)))
    x = vectors[rows[0] : rows[0] + len(rows)] if together else vectors[rows]
    return np.ascontiguousarray(x)


def _lengths(x: Floats) -> Floats:
    lengths2 = squared_lengths(x)
    if not np.isfinite(lengths2).all():
        raise InputError("Embeddings must be finite, got NaN or infinity. Check the file or the model that made them.")
    return lengths2


def cosine_gains(x: Floats, sizes: list[int], way: str, tick: Callable[[int], None]) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for k = 0.5 + 0.5 cos:  |pool|/2 - |S| + 0.5 <u_x, T - 2 s>."""
    lengths = np.sqrt(_lengths(x))
    weight = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    rows = Rows(x, weight, np.zeros(len(x)), (lengths > 0).astype(np.float64), 0.0)
    order, values = greedy(rows, sizes, way=way, tick=tick)
    pool, picked = _places(sizes)
    return order, pool / 2 - picked + 0.5 * values


def euclidean_gains(x: Floats, sizes: list[int], way: str, tick: Callable[[int], None]) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for the squared distances of the paper (DQ, eq. 1).

    P(x) = sum_{p in S} |p - x|^2 - sum_{p in pool\\S} |p - x|^2
         = 2 Q_S - Q_pool + 2 (<x, T - 2 s> + (|S| - |pool|/2) |x|^2),    Q a sum of |p|^2;
    the rows are centred (distances do not change) and scaled by a power of two. Needs a float64 copy of the pool.
    """
    _lengths(x)
    y = x.astype(np.float64)
    y -= y.mean(axis=0)
    scale = 2.0 ** np.ceil(np.log2(max(np.sqrt(squared_lengths(y).max()), 2.0**-1000)))
    y /= scale
    lengths2 = squared_lengths(y)
    rows = Rows(y, np.ones(len(y)), lengths2, lengths2 + lengths2**2, -0.5)
    order, values = greedy(rows, sizes, way=way, tick=tick)
    taken = lengths2[order]
    before = np.concatenate([np.cumsum(part) - part for part in np.split(taken, np.cumsum(sizes)[:-1])])
    all_left = np.repeat(np.cumsum(taken[::-1])[::-1][np.cumsum([0, *sizes[:-1]])], sizes)
    return order, scale**2 * (2 * before - all_left + 2 * values)


def _places(sizes: list[int]) -> tuple[Ints, Ints]:
    """Return, for every pick, |pool| when its bin began and |S| before it."""
    starts = np.cumsum([0, *sizes[:-1]])
    return np.repeat(sum(sizes) - starts, sizes), np.arange(sum(sizes)) - np.repeat(starts, sizes)


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
POOLS: dict[str, Callable[[Ints], Ints]] = {"class": lambda labels: labels, "all": np.zeros_like}
KERNELS = {"cosine": cosine_gains, "euclidean": euclidean_gains}
