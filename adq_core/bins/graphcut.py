"""Greedy GraphCut selection, pool by pool and bin after bin: from vectors to `Bins`.

`docs/exact-greedy.md` derives the linear form of the gain that makes it fast, and proves that the picks are exact.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from adq_core.checking import check_finite, check_labels, check_n_bins, check_row_order, check_vectors
from adq_core.data import release_pages
from adq_core.errors import unknown_name
from adq_core.progress import Progress, no_progress
from adq_core.records import Bins, Floats, Ints

from .gains import KERNELS
from .gradients import SOFTMAX, fit_class_scores, loss_gradients
from .greedy import ALGORITHMS
from .schedules import SCHEDULES

POOLS: dict[str, Callable[[Ints], Ints]] = {"class": lambda labels: labels, "all": np.zeros_like}


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
    algorithm: str = "auto",
    n_jobs: int | None = None,
    key: str = "",
    progress: Progress = no_progress,
) -> Bins:
    """Return the bins of the greedy that maximises the GraphCut gain, with the position and the gain of every pick.

    The gain of x is sum_{p in pool} k(p, x) - 2 sum_{s in S} k(s, x); "pool" is the images left when the bin began and
    S the picks of this bin (Zhou et al., Dataset Quantization, arXiv 2308.10524; code: its GraphCut with lambda = 1).

    vectors: (M, d), finite; a zero row has cosine 0 with every row. labels: (M,) indices into `class_names`; each class
    is a pool unless `pool` is "all". kernel: "cosine" (published, on embeddings), "euclidean" (squared distances, in
    the paper) or "gradient" (cosine of last-layer gradients, published) from `logits` (M, C) or a logistic head fitted
    here, with one softmax in the loss or, as in the published code, two. id_order: (M,) the rows in the order of their
    ids (default: as they are). `progress` counts picks, from any thread, one call at a time.
    Of two images with equal gains the one with the lower id is picked; section 6 of the document defines "equal".
    `algorithm`, `n_jobs`, the machine and the order of the rows change nothing. Gains of two bins do not compare,
    because their pools differ. A small change of the vectors moves many images in the middle by one bin.
    A pool of n < n_bins images fills the first n bins with one image each: the greedy takes them one by one, and
    nothing is left for the later bins.
    Raises `InputError` for arrays that do not fit, `SettingsError` for unknown names and for more bins than the largest
    pool has images, because a bin would be empty.
    """
    vectors, labels = np.asarray(vectors), np.asarray(labels)
    _check_names(pool=pool, schedule=schedule, kernel=kernel, softmax=softmax, algorithm=algorithm)
    check_vectors(vectors)
    check_labels(labels, len(vectors), len(class_names) or None)
    pools = _rows_by_pool(POOLS[pool](labels), id_order)
    check_n_bins(n_bins, [len(rows) for rows in pools], pool)
    b = _loss_gradients(vectors, labels, logits, softmax) if kernel == "gradient" else None
    counter, m = _Counter(len(vectors), progress), len(vectors)
    bin_of, rank, gain = np.zeros(m, np.int32), np.zeros(m, np.int32), np.zeros(m, np.float64)

    def divide(rows: Ints) -> None:
        counter(0)
        sizes = SCHEDULES[schedule](len(rows), n_bins, fraction)[: len(rows)]  # the others are empty
        x = _rows_of_pool(vectors, rows)
        order, gains = KERNELS[kernel](x, None if b is None else b[rows], sizes, algorithm, counter)
        taken = rows[order]
        bin_of[taken], rank[taken], gain[taken] = np.repeat(np.arange(len(sizes)), sizes), np.arange(len(rows)), gains
        release_pages(vectors)

    _for_each(pools, divide, n_jobs)
    return Bins(bin_of=bin_of, rank=rank, gain=gain, n_bins=n_bins, key=key)


def _check_names(**names: str) -> None:
    """Raise `SettingsError` for a name that is not in its table."""
    tables: dict[str, Collection[str]] = {
        "pool": POOLS,
        "schedule": SCHEDULES,
        "kernel": KERNELS,
        "softmax": SOFTMAX,
        "algorithm": ALGORITHMS,
    }
    for kind, name in names.items():
        if name not in tables[kind]:
            raise unknown_name(kind, name, tables[kind])


def _rows_by_pool(groups: Ints, id_order: Ints | None) -> list[Ints]:
    """Return the rows of each pool in the order of their ids."""
    by_id = np.arange(len(groups)) if id_order is None else np.asarray(id_order)
    check_row_order(by_id, len(groups))
    together = by_id[np.argsort(groups[by_id], kind="stable")]
    return np.split(together, np.flatnonzero(np.diff(groups[together])) + 1)


def _for_each(pools: list[Ints], divide: Callable[[Ints], None], n_jobs: int | None) -> None:
    """Call `divide` for each pool, on several threads if there are several pools."""
    jobs = max(1, min(len(pools), n_jobs or os.cpu_count() or 1))
    if jobs == 1:
        for rows in pools:
            divide(rows)
    else:
        with threadpool_limits(1, user_api="blas"):  # the pools' threads use the cores already
            joblib.Parallel(n_jobs=jobs, prefer="threads", batch_size=1)(joblib.delayed(divide)(r) for r in pools)


def _loss_gradients(vectors: Floats, labels: Ints, logits: Floats | None, softmax: str) -> Floats:
    """Return (M, C) dL/d(logits) for the given logits, or for those of a logistic head fitted here."""
    check_finite(vectors)
    if logits is None:
        logits, labels = fit_class_scores(vectors, labels), np.unique(labels, return_inverse=True)[1]
    else:
        logits = np.asarray(logits)
        check_vectors(logits, "Logits")
        check_finite(logits, "Logits")
        check_labels(labels, len(logits), logits.shape[1])
    return loss_gradients(logits, labels, double_softmax=SOFTMAX[softmax])


@dataclass
class _Counter:
    """Count picks over all threads, report them to `progress`, and stop every thread once one call has raised."""

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


def _rows_of_pool(vectors: Floats, rows: Ints) -> Floats:
    """Return these rows as a read-only array of float32 or float64: a view if they are consecutive."""
    if np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        x = vectors[rows[0] : rows[0] + len(rows)].view()
    else:
        x = vectors[rows]
    if x.dtype not in (np.float32, np.float64):
        x = x.astype(np.float32 if x.dtype == np.float16 else np.float64)
    x = np.ascontiguousarray(x)
    x.flags.writeable = False
    return x
