"""Greedy subsets that cover the embedding, class by class: k-centre, herding and facility location.

Each class has one greedy order, and a subset takes its first images. So subsets of different sizes nest, and the seed
has no effect.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from adq_core.linalg import unit_rows
from adq_core.records import Floats, Ints

from .candidates import Candidates
from .draws import Draw, draw_by_priority

PICKS_PER_MESSAGE = 16  # of the progress
MAX_SIMILARITIES = 2**25  # similarities in memory, 128 MB: all pairs of classes of up to 5,792 images


def k_centre_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return a subset whose largest distance from an image to the nearest selected one of its class is small.

    Farthest-first traversal from the image nearest to the mean of the class: at most twice the smallest possible
    distance. How it misleads: it takes the outliers first, also wrong labels. Reference: Sener and Savarese 2018, arXiv
    1708.00489; there the first images are random.
    """
    return _first_images(candidates, n, "k-centre", _farthest_first)


def herding_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return a subset whose mean vector in each class is close to that of the class.

    How it misleads: it takes typical images and no borders. Reference: Welling 2009, "Herding dynamical weights to
    learn"; without replacement as in iCaRL (Rebuffi et al. 2017, arXiv 1611.07725).
    """
    return _first_images(candidates, n, "herding", _herding)


def facility_location_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return a subset with a large sum, over the images, of the cosine with the most similar selected one of the class.

    Greedy with lazy evaluation: exact picks of the greedy algorithm, at least 63 % of the best possible sum. In classes
    of more than 5,792 images the sum is over a random part of them. Reference: Mirzasoleiman et al. 2020, "CRAIG",
    arXiv 1906.01827; Minoux 1978 for the lazy evaluation.
    """
    return _first_images(candidates, n, "facility-location", _facility_location)


def _first_images(
    candidates: Candidates, n: int, name: str, order_of: Callable[[NDArray[np.float32], int], Iterator[int]]
) -> Draw:
    """Return the first images of the greedy order of each class; orders are continued when a larger subset needs it."""
    quotas, done = candidates.class_quotas(n), 0
    priority = np.full(len(candidates), np.inf)
    for label in np.flatnonzero(quotas):
        candidates.progress(done, n, name)
        rows, taken, rest = candidates.keep((name, int(label)), partial(_begin, candidates, int(label), order_of))
        while len(taken) < quotas[label]:
            if len(taken) % PICKS_PER_MESSAGE == 0:
                candidates.progress(done + len(taken), n, name)
            taken.append(next(rest))
        priority[rows[taken]] = np.arange(len(taken))
        done += int(quotas[label])
    return draw_by_priority(priority, candidates.labels, quotas)


def _begin(
    candidates: Candidates, label: int, order_of: Callable[[NDArray[np.float32], int], Iterator[int]]
) -> tuple[Ints, list[int], Iterator[int]]:
    rows = np.flatnonzero(candidates.labels == label)
    return rows, [], order_of(unit_rows(candidates.known_vectors[rows], np.float32), candidates.seed)


def _similarity_rows(x: NDArray[np.float32]) -> Callable[[int], Floats]:
    """Return a function that returns the cosines of row i with all rows, (n,); computed at once if they fit."""
    if len(x) ** 2 > MAX_SIMILARITIES:
        return lambda row: x @ x[row]
    similarities = x @ x.T
    return lambda row: similarities[row]


def _farthest_first(x: NDArray[np.float32], seed: int) -> Iterator[int]:
    similarity = _similarity_rows(x)
    nearest = np.full(len(x), -np.inf, np.float32)  # cosine with the nearest image that was taken
    row = int(np.argmax(x @ x.mean(axis=0)))
    for _ in range(len(x)):
        yield row
        np.maximum(nearest, similarity(row), out=nearest)
        nearest[row] = np.inf
        row = int(np.argmin(nearest))


def _herding(x: NDArray[np.float32], seed: int) -> Iterator[int]:
    similarity = _similarity_rows(x)
    towards_mean = (x @ x.mean(axis=0)).astype(np.float64)
    value = towards_mean.copy()
    for _ in range(len(x)):
        row = int(np.argmax(value))
        yield row
        value += towards_mean - similarity(row)
        value[row] = -np.inf


def _facility_location(x: NDArray[np.float32], seed: int) -> Iterator[int]:
    n = len(x)
    clients = np.arange(n)
    if n**2 > MAX_SIMILARITIES:
        clients = np.random.default_rng(seed).choice(n, max(1, MAX_SIMILARITIES // n), replace=False)
    similarities = np.maximum(x @ x[clients].T, 0.0)  # (n, clients)
    best = np.zeros(len(clients), np.float32)
    heap = [(-gain, row) for row, gain in enumerate(similarities.sum(axis=1, dtype=np.float64).tolist())]
    heapq.heapify(heap)
    while heap:
        _, row = heapq.heappop(heap)
        gain = float(np.maximum(similarities[row] - best, 0.0).sum(dtype=np.float64))
        if heap and (-gain, row) > heap[0]:
            heapq.heappush(heap, (-gain, row))
            continue
        yield row
        np.maximum(best, similarities[row], out=best)
