"""The gain of every candidate at every step of the greedy, by definition: for small pools that a page shows whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adq_core.errors import InputError, unknown_name
from adq_core.linalg import unit_rows
from adq_core.records import Bins, Floats, Ints

MAX_ROWS = 200  # the result holds N^2 gains


class GreedySteps(NamedTuple):
    """Every step of the greedy on one pool of N rows: step t picks row `order[t]`."""

    order: Ints  # (N,) rows as picked
    to_pool: Floats  # (N, N) sum of k(p, x) over the pool of the step's bin; row t, candidate x; nan if x is taken
    to_selected: Floats  # (N, N) sum of k(s, x) over the rows that this bin has taken before step t

    @property
    def gain(self) -> Floats:
        """Return the gain of each candidate at each step, (N, N): to_pool - 2 to_selected; nan if it is taken."""
        return np.asarray(self.to_pool - 2 * self.to_selected)


def greedy_steps(vectors: Floats, bins: Bins, kernel: str) -> GreedySteps:
    """Return the gains of all candidates at each step of `bins`, made from these vectors with the pool "all".

    gain(x) = sum_{p in pool} k(p, x) - 2 sum_{s in S} k(s, x), with k = 0.5 + 0.5 cos for "cosine". For "euclidean",
    k = -|p - x|^2, which gives the distances of the paper:
    sum_{s in S} |s - x|^2 - sum_{p in pool without S} |p - x|^2.
    Cost O(N^2 d). `make_bins` finds the same picks without these tables. Raises `InputError` for more than
    200 rows and `SettingsError` for another kernel.
    """
    if kernel not in PAIR_KERNELS:
        raise unknown_name("kernel", kernel, PAIR_KERNELS)
    n = len(vectors)
    if n > MAX_ROWS:
        raise InputError(f"The gains of all candidates are for at most {MAX_ROWS} vectors, got {n}.")
    k = PAIR_KERNELS[kernel](np.asarray(vectors, np.float64))
    order = np.argsort(bins.rank, kind="stable")
    to_pool, to_selected = np.full((n, n), np.nan), np.full((n, n), np.nan)
    pool_sum, selected_sum, number = np.zeros(n), np.zeros(n), -1
    for step, row in enumerate(order.tolist()):
        if bins.bin_of[row] != number:  # a new bin: its pool is the rows that are in no earlier bin
            number = int(bins.bin_of[row])
            pool_sum, selected_sum = k[bins.bin_of >= number].sum(axis=0), np.zeros(n)
        left = order[step:]
        to_pool[step, left], to_selected[step, left] = pool_sum[left], selected_sum[left]
        selected_sum += k[row]
    return GreedySteps(order, to_pool, to_selected)


def cosine_pairs(x: Floats) -> Floats:
    """Return 0.5 + 0.5 cos of every pair of rows, (N, N); a zero row has cosine 0 with every row."""
    unit = unit_rows(x)
    return np.asarray(0.5 + 0.5 * (unit @ unit.T))


def euclidean_pairs(x: Floats) -> Floats:
    """Return minus the squared distance of every pair of rows, (N, N)."""
    return -np.asarray(((x[:, None] - x[None, :]) ** 2).sum(axis=2))


PAIR_KERNELS: dict[str, Callable[[Floats], Floats]] = {"cosine": cosine_pairs, "euclidean": euclidean_pairs}
