"""Greedy GraphCut selection, pool by pool and bin after bin: from vectors to `Bins`.

Published: the gain of taking x is  sum_{p in pool} k(p, x) - 2 sum_{s in S} k(s, x)  with k = 0.5 + 0.5 cos, where
"pool" is what was left when the bin began and S the picks of this bin; the largest gain is taken, over and over
(Dataset Quantization, arXiv 2308.10524; its code keeps the M x M kernel and adds it up again at every pick). Both sums
are linear in x: with unit rows u, T the sum of the pool and s that of S,

    gain(x) = |pool|/2 - |S| + 0.5 <u_x, V>,    V = T - 2 s,

so a pick is the row with the largest inner product with one vector V, which then loses twice the pick's row; the next
bin begins with T - s. No kernel is needed. `greedy.py` finds that row without looking at all of them, and says why it
is the same row; `gradients.py` has the kernel of last-layer gradients. (Other libraries weigh the two sums otherwise.)
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from adq_core.data import release_pages

from .errors import InputError, SettingsError, unknown_name
from .gradients import fit_class_scores, gradient_factors, greedy_by_factors, loss_gradients
from .greedy import Tick, greedy
from .greedy_loops import Rows, squared_lengths
from .progress import Progress, no_progress
from .records import Bins, Floats, Ints

NOT_FINITE = "Embeddings must be finite, got NaN or infinity. Check the file or the model that made them."


def make_bins(
    vectors: Floats,
    labels: Ints,
    *,
    n_bins: int,
    pool: str = "class",
    schedule: str = "equal",
    fraction: float = 0.0,
    kernel: str = "cosine",
    softmax: str = "once",
    logits: Floats | None = None,
    class_names: tuple[str, ...] = (),
    id_order: Ints | None = None,
    way: str = "auto",
    n_jobs: int | None = None,
    key: str = "",
    progress: Progress = no_progress,
) -> Bins:
    """Return the bins of the greedy that maximises the GraphCut gain, with the place and the gain of every pick.

    vectors: (M, d), finite; a row of zeros is allowed and has cosine 0 with every row, itself included. labels: (M,)
    indices into `class_names`; each class is a pool of its own unless `pool` is "all". `id_order` lists the rows in
    the order of their ids (default: as they stand): an exact tie goes to the lower id, and rows shuffled under the
    same ids get the same bins. `way`, the number of threads and the machine change nothing either (`greedy.py`).
    kernel: "cosine" as published on embeddings; "euclidean", the squared distances of the paper; "gradient", cosine
    of last-layer gradients, as published, from `logits` (M, C) or else those of a logistic head fitted here, with
    the softmax in the loss taken "once" or, as the published code does, "twice".
    `progress` counts picks and may be called from worker threads, one call at a time; if it raises, all work stops.

    Gains of two bins do not compare: the pool is another. The first bins hold the most central images, the last ones
    the outliers. Images in the middle change bins easily: a small change of the vectors moves many by one bin.
    Errors: `InputError` for vectors that are not finite, `SettingsError` for a pool with fewer images than `n_bins`.
    """
    for kind, name, table in (
        ("pool", pool, POOLS),
        ("schedule", schedule, SCHEDULES),
        ("kernel", kernel, KERNELS),
        ("softmax", softmax, SOFTMAX),
        ("way", way, WAYS),
    ):
        if name not in table:
            raise unknown_name(kind, name, table)
    labels, m = np.asarray(labels), len(vectors)
    rows_by_pool = _rows_by_pool(POOLS[pool](labels), id_order)
    smallest = min(rows_by_pool, key=len, default=np.empty(0, np.int64))
    if not 1 <= n_bins <= len(smallest):
        name = f"class {class_names[labels[smallest[0]]]}" if pool == "class" and class_names else "the smallest group"
        merge = "Lower n_bins, merge classes, or set pool to all."
        raise SettingsError(
            f"n_bins must be between 1 and {len(smallest)} ({name} has {len(smallest)} images), got {n_bins}. "
            + (merge if pool == "class" else "Lower n_bins."),
            "n_bins",
            "pool",
        )
    b = _loss_gradients(vectors, labels, logits, softmax) if kernel == "gradient" else None
    bin_of, rank, gain = np.zeros(m, np.int32), np.zeros(m, np.int32), np.zeros(m, np.float64)
    counter = _Counter(m, progress)

    def cut(rows: Ints) -> None:
        counter(0)
        sizes = SCHEDULES[schedule](len(rows), n_bins, fraction)
        x = _gather(vectors, rows)
        order, gains = KERNELS[kernel](x, None if b is None else b[rows], sizes, way, counter)
        taken = rows[order]
        bin_of[taken] = np.repeat(np.arange(n_bins), sizes)
        rank[taken] = np.arange(len(rows))
        gain[taken] = gains
        release_pages(vectors)

    jobs = max(1, min(len(rows_by_pool), n_jobs or os.cpu_count() or 1))
    if jobs == 1:
        for rows in rows_by_pool:
            cut(rows)
    else:
        with threadpool_limits(1, user_api="blas"):  # the threads are the classes' already
            joblib.Parallel(n_jobs=jobs, prefer="threads", batch_size=1)(joblib.delayed(cut)(r) for r in rows_by_pool)
    return Bins(bin_of=bin_of, rank=rank, gain=gain, n_bins=n_bins, key=key)


def _rows_by_pool(groups: Ints, id_order: Ints | None) -> list[Ints]:
    """Return the rows of each pool in the order of their ids."""
    by_id = np.arange(len(groups)) if id_order is None else np.asarray(id_order)
    together = by_id[np.argsort(groups[by_id], kind="stable")]
    return [rows for rows in np.split(together, np.flatnonzero(np.diff(groups[together])) + 1) if len(rows)]


def _loss_gradients(vectors: Floats, labels: Ints, logits: Floats | None, softmax: str) -> Floats:
    if not np.isfinite(vectors).all() or (logits is not None and not np.isfinite(logits).all()):
        raise InputError(NOT_FINITE)
    if logits is None:
        logits, labels = fit_class_scores(vectors, labels), np.unique(labels, return_inverse=True)[1]
    return loss_gradients(logits, labels, double_softmax=SOFTMAX[softmax])


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
    """Return the rows of a pool as a read-only array of float32 or float64: a view where they lie together."""
    if np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        x = np.asarray(vectors[rows[0] : rows[0] + len(rows)]).view()
    else:
        x = np.asarray(vectors[rows])
    if x.dtype not in (np.float32, np.float64):
        x = x.astype(np.float32 if x.dtype == np.float16 else np.float64)
    x = np.ascontiguousarray(x)
    x.flags.writeable = False
    return x


def _squared_lengths(x: Floats) -> Floats:
    lengths2: Floats = squared_lengths(x)
    if not np.isfinite(lengths2).all():
        if not np.isfinite(x).all():
            raise InputError(NOT_FINITE)
        raise InputError("Embeddings must be shorter than 1e150, or float64 overflows. Scale them down.")
    return lengths2


def cosine_gains(x: Floats, b: None, sizes: list[int], way: str, tick: Tick) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for k = 0.5 + 0.5 cos:  |pool|/2 - |S| + 0.5 <u_x, T - 2 s>."""
    lengths = np.sqrt(_squared_lengths(x))
    weight = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    rows = Rows(x, weight, np.zeros(len(x)), (lengths > 0).astype(np.float64), 0.0)
    order, values = greedy(rows, sizes, way=way, tick=tick)
    pool, picked = _places(sizes)
    return order, pool / 2 - picked + 0.5 * values


def euclidean_gains(x: Floats, b: None, sizes: list[int], way: str, tick: Tick) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for the squared distances of the paper (DQ, eq. 1).

    P(x) = sum_{p in S} |p - x|^2 - sum_{p in pool\\S} |p - x|^2
         = 2 Q_S - Q_pool + 2 (<x, T - 2 s> + (|S| - |pool|/2) |x|^2),    Q a sum of |p|^2;
    the rows are centred (distances do not change) and scaled by a power of two. Needs a float64 copy of the pool.
    """
    _squared_lengths(x)
    y = x.astype(np.float64)
    y -= y.mean(axis=0)
    scale = 2.0 ** np.ceil(np.log2(max(np.sqrt(squared_lengths(y).max()), 2.0**-1000)))
    y /= scale
    y.flags.writeable = False  # one compiled version for all
    lengths2 = squared_lengths(y)
    rows = Rows(y, np.ones(len(y)), lengths2, lengths2 + lengths2**2, -0.5)
    order, values = greedy(rows, sizes, way=way, tick=tick)
    taken = lengths2[order]
    before = np.concatenate([np.cumsum(part) - part for part in np.split(taken, np.cumsum(sizes)[:-1])])
    all_left = np.repeat(np.cumsum(taken[::-1])[::-1][np.cumsum([0, *sizes[:-1]])], sizes)
    return order, scale**2 * (2 * before - all_left + 2 * values)


def gradient_gains(x: Floats, b: Floats, sizes: list[int], way: str, tick: Tick) -> tuple[Ints, Floats]:
    """Return (order, gain) of the picks for k = 0.5 + 0.5 cos of the last-layer gradients with b = dL/d(logits)."""
    order, values = greedy_by_factors(*gradient_factors(x, b), sizes, way=way, tick=tick)
    pool, picked = _places(sizes)
    return order, pool / 2 - picked + 0.5 * values


def _places(sizes: list[int]) -> tuple[Ints, Ints]:
    """Return, for every pick, |pool| when its bin began and |S| before it."""
    starts = np.cumsum([0, *sizes[:-1]])
    return np.repeat(sum(sizes) - starts, sizes), np.arange(sum(sizes)) - np.repeat(starts, sizes)


def equal_sizes(n: int, n_bins: int, fraction: float = 0.0) -> list[int]:
    """Return bin sizes that differ by at most one, larger ones first (the published round(n/m) can leave one empty)."""
    return [n // n_bins + (number < n % n_bins) for number in range(n_bins)]


def geometric_sizes(n: int, n_bins: int, fraction: float = 0.0) -> list[int]:
    """Return sizes that each take round(`fraction` of what is left), 1/n_bins where it is 0; the last takes the rest.

    No bin is left empty. 5,000 in ten: 500, 450, 405, 364, 328, 295, 266, 239, 215, 1938, as published.
    """
    sizes: list[int] = []
    for later in range(n_bins - 1, 0, -1):
        left = n - sum(sizes)
        sizes.append(max(1, min(round(left * (fraction or 1 / n_bins)), left - later)))
    return [*sizes, n - sum(sizes)]


SCHEDULES = {"equal": equal_sizes, "geometric": geometric_sizes}
POOLS: dict[str, Callable[[Ints], Ints]] = {"class": lambda labels: labels, "all": np.zeros_like}
KERNELS: dict[str, Callable[..., tuple[Ints, Floats]]] = {
    "cosine": cosine_gains,
    "euclidean": euclidean_gains,
    "gradient": gradient_gains,
}
SOFTMAX = {"once": False, "twice": True}
WAYS = ("auto", "lazy", "dense")
