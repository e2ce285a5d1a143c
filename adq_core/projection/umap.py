"""The map by UMAP.

The functions used of umap-learn are not its public interface, which reports no progress and cannot be cancelled.
Therefore its version is below 0.6 in requirements.txt, and a test checks that the functions exist.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adq_core.linalg import exact_knn
from adq_core.progress import Progress

N_NEIGHBORS = 15  # umap-learn's default
MIN_DIST = 0.1  # umap-learn's default
SMALL_MAP = 10_000  # images up to which umap-learn lays out the map; for more, our own loops in threads
EXACT_KNN_MAX = 200_000  # images up to which neighbours are exact: beyond, nearest-neighbour descent takes less time
EPOCHS, EPOCHS_LARGE = 200, 150


def umap_map(components: NDArray[np.float32], seed: int, progress: Progress) -> NDArray[np.float32]:
    """Return UMAP's layout of the rows of `components` (M, k), (M, 2) float32.

    15 neighbours, min_dist 0.1, initial layout from the first two components, 200 epochs up to 10,000 images and 150
    for more. Up to 10,000 images umap-learn optimises the layout in one thread; for more, `optimize_layout` does, in
    threads. A seed gives the same bytes on one machine, on any number of cores.

    How it misleads: it preserves neighbours, not distances. The sizes of clusters, the gaps between them and their
    densities mean little, and every layout looks clustered, even that of random points.
    Reference: McInnes, Healy and Melville 2018, https://arxiv.org/abs/1802.03426.
    """
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set

    random = np.random.RandomState(seed)  # the generator that umap-learn accepts
    indices, distances = nearest_with_distances(components, random, progress)
    graph, _, _ = fuzzy_simplicial_set(
        components, N_NEIGHBORS, random, "euclidean", knn_indices=indices, knn_dists=distances
    )
    curve = find_ab_params(1.0, MIN_DIST)
    start = _initial_layout(components, random)
    if len(components) <= SMALL_MAP:
        return _small_layout(components, graph, curve, start, random, progress)
    from .layout import optimize_layout

    start -= start.min(axis=0)
    start *= 10 / start.max(axis=0)  # as umap-learn scales it
    return optimize_layout(start, graph, curve, EPOCHS_LARGE, seed, progress)


def _small_layout(
    components: NDArray[np.float32],
    graph: Any,
    curve: tuple[float, float],
    start: NDArray[np.float32],
    random: np.random.RandomState,
    progress: Progress,
) -> NDArray[np.float32]:
    """Return the layout that umap-learn optimises from `start` in one thread, (M, 2) float32."""
    from umap.umap_ import simplicial_set_embedding

    xy, _ = simplicial_set_embedding(
        components,
        graph,
        n_components=2,
        initial_alpha=1.0,
        a=curve[0],
        b=curve[1],
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=EPOCHS,
        init=start,
        random_state=random,
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        tqdm_kwds=_reporting(EPOCHS, progress),
    )
    return np.ascontiguousarray(xy, np.float32)


def _initial_layout(components: NDArray[np.float32], random: np.random.RandomState) -> NDArray[np.float32]:
    """Return the first two components with a little noise, which separates duplicates."""
    xy = np.zeros((len(components), 2), np.float32)
    xy[:, : components.shape[1]] = components[:, :2]
    xy += random.normal(scale=1e-4 * np.abs(xy).max(), size=xy.shape).astype(np.float32)
    return xy


def nearest_with_distances(
    components: NDArray[np.float32], random: np.random.RandomState, progress: Progress
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the 15 nearest points of every point, itself first, (M, 15), and their Euclidean distances (M, 15)."""
    m = len(components)
    if m > EXACT_KNN_MAX:
        from umap.umap_ import nearest_neighbors

        progress(0, 1, "map: neighbours")
        indices, distances, _ = nearest_neighbors(components, N_NEIGHBORS, "euclidean", {}, False, random, n_jobs=1)
        return indices, distances
    if m > SMALL_MAP:
        from .neighbours import exact_neighbours

        return exact_neighbours(components, N_NEIGHBORS, progress)
    indices = np.empty((m, N_NEIGHBORS), np.int32)
    distances = np.empty((m, N_NEIGHBORS), np.float32)
    for rows, nearest in exact_knn(components, np.arange(m), N_NEIGHBORS - 1):
        indices[rows, 0], distances[rows, 0] = rows, 0
        indices[rows, 1:] = nearest
        distances[rows, 1:] = np.linalg.norm(components[rows, None] - components[nearest], axis=2)
        progress(int(rows[-1]) + 1, m, "map: neighbours")
    return indices, distances


class _EpochFile:
    """A text file for tqdm that passes the number of the epoch to `progress`, which may raise `Cancelled`."""

    def __init__(self, n_epochs: int, progress: Progress) -> None:
        self.n_epochs, self.progress = n_epochs, progress

    def write(self, text: str) -> None:
        number = text.strip()
        if not number.isdigit():
            return
        try:
            self.progress(int(number), self.n_epochs, "map")
        except BaseException:
            from tqdm.auto import tqdm

            # While tqdm writes, it holds a lock that all progress bars of the process share, and it does not release
            # the lock if writing fails: bars in other threads would then wait for ever.
            with suppress(RuntimeError, AssertionError, ValueError):
                tqdm.get_lock().release()  # type: ignore[no-untyped-call]
            raise

    def flush(self) -> None:
        """Do nothing: the text is not buffered."""


def _reporting(n_epochs: int, progress: Progress) -> dict[str, object]:
    """Return the options of umap-learn's progress bar with which it reports every epoch to `progress`."""
    return {
        "file": _EpochFile(n_epochs, progress),
        "bar_format": "{n_fmt}",
        "disable": False,
        "leave": False,
        "mininterval": 0,
        "miniters": 1,
        "maxinterval": 1e9,
    }
