"""Vectors to the plane: the map.

The map shows the geometry that the greedy works in: vectors of length one, in which the Euclidean distance orders
pairs as the cosine does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from adq_core.errors import unknown_name
from adq_core.linalg import fix_signs, one_blas_thread, principal_axes
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Ints, Projection

N_NEIGHBORS = 15  # umap-learn's own default
MIN_DIST = 0.1
COMPONENTS = 50  # UMAP's input is cut to this many principal components
EXACT_KNN_MAX = 10_000  # images up to which neighbours are exact; beyond, nearest-neighbour descent
RECALL_SAMPLE = 2000  # images whose neighbours are compared beyond that
BLOCK = 1024


def project(
    vectors: Floats, *, method: str = "umap", seed: int = 0, key: str = "", progress: Progress = no_progress
) -> Projection:
    """Return one point in the plane an image, (M, 2) float32; the same bytes for the same vectors and seed.

    The axes have no unit. How it misleads: see `pca` and `umap`; `mean_knn_recall` says by how much. Where UMAP
    has too little to work on, the picture is PCA's and `note` says why.
    """
    if method not in PROJECTIONS:
        raise unknown_name("projection", method, PROJECTIONS)
    note = ""
    if method == "umap" and len(vectors) <= N_NEIGHBORS:
        method, note = "pca", f"UMAP needs more than {N_NEIGHBORS} images, so these {len(vectors)} are shown by PCA."
    unit = unit_rows(vectors)
    mean, axes = fit_axes(unit, 2 if method == "pca" else COMPONENTS)
    if method == "umap" and axes.shape[1] == 0:
        method, note = "pca", "All vectors point the same way, so there is nothing for UMAP to spread out."
    parts = np.empty((len(unit), axes.shape[1]), np.float32)
    for start in range(0, len(unit), BLOCK):
        parts[start : start + BLOCK] = (unit[start : start + BLOCK] - mean) @ axes
    xy = PROJECTIONS[method](parts, seed, progress)
    return Projection(xy=xy, method=method, key=key, note=note)


def pca(parts: NDArray[np.float32], seed: int, progress: Progress) -> NDArray[np.float32]:
    """Return the first two principal components, (M, 2) float32: the flat shadow with the largest spread.

    Distances never grow under it, so far on the map is far indeed; near may still be far in the other dimensions.
    """
    del seed
    xy = np.zeros((len(parts), 2), np.float32)
    xy[:, : parts.shape[1]] = parts[:, :2]
    progress(1, 1, "map")
    return xy


def umap(parts: NDArray[np.float32], seed: int, progress: Progress) -> NDArray[np.float32]:
    """Return UMAP's layout, (M, 2) float32 (McInnes, Healy and Melville 2018, arXiv 1802.03426).

    15 neighbours, min_dist 0.1, started from the PCA picture, 200 epochs up to 10,000 images and 100 beyond, one thread
    so that a seed gives the same bytes on one machine.

    How it misleads: it keeps neighbours, not distances. Sizes of islands, gaps between them and their density say next
    to nothing, and a layout always looks clustered, noise too.
    """
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

    m = len(parts)
    epochs = 200 if m <= EXACT_KNN_MAX else 100
    random = np.random.RandomState(seed)  # what umap-learn takes
    indices, distances = _neighbours(parts, random, progress)
    graph, _, _ = fuzzy_simplicial_set(
        parts, N_NEIGHBORS, random, "euclidean", knn_indices=indices, knn_dists=distances
    )
    start = np.zeros((m, 2), np.float32)
    start[:, : parts.shape[1]] = parts[:, :2]
    start += random.normal(scale=1e-4 * np.abs(start).max(), size=start.shape).astype(np.float32)  # parts duplicates
    a, b = find_ab_params(1.0, MIN_DIST)
    xy, _ = simplicial_set_embedding(
        parts,
        graph,
        n_components=2,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=epochs,
        init=start,
        random_state=random,
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        tqdm_kwds=_counted(epochs, progress),
    )
    return np.ascontiguousarray(xy, np.float32)


class _Epochs:
    """A text file to tqdm: passes the epoch number it is told on to `progress`, which may raise `Cancelled`."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.total, self.progress = total, progress

    def write(self, text: str) -> None:
        number = text.strip()
        if not number.isdigit():
            return
        try:
            self.progress(int(number), self.total, "map")
        except BaseException:
            from tqdm.auto import tqdm

            # tqdm holds its lock, which all bars of the process share, while it writes, and does not give it back when
            # writing fails: every later bar in another thread would wait for ever.
            with suppress(RuntimeError, AssertionError, ValueError):
                tqdm.get_lock().release()  # type: ignore[no-untyped-call]
            raise

    def flush(self) -> None:
        """Do nothing: nothing is held back."""


def _counted(epochs: int, progress: Progress) -> dict[str, object]:
    """Return the keywords that make umap-learn's progress bar report to us; it offers no other way in."""
    return {
        "file": _Epochs(epochs, progress),
        "bar_format": "{n_fmt}",
        "disable": False,
        "leave": False,
        "mininterval": 0,
        "miniters": 1,
        "maxinterval": 1e9,
    }


def _neighbours(
    parts: NDArray[np.float32], random: np.random.RandomState, progress: Progress
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the 15 nearest of every point, itself first, (M, 15), and their Euclidean distances."""
    m = len(parts)
    if m > EXACT_KNN_MAX:
        from umap.umap_ import nearest_neighbors

        progress(0, 1, "map: neighbours")
        indices, distances, _ = nearest_neighbors(parts, N_NEIGHBORS, "euclidean", {}, False, random, n_jobs=1)
        return indices, distances
    indices = np.empty((m, N_NEIGHBORS), np.int32)
    distances = np.empty((m, N_NEIGHBORS), np.float32)
    for rows, near in exact_knn(parts, np.arange(m), N_NEIGHBORS - 1):
        indices[rows, 0], distances[rows, 0] = rows, 0
        indices[rows, 1:] = near
        distances[rows, 1:] = np.linalg.norm(parts[rows, None] - parts[near], axis=2)
        progress(int(rows[-1]) + 1, m, "map: neighbours")
    return indices, distances


def exact_knn(points: Floats, rows: Ints, k: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield (rows, (B, k) indices of their k nearest other points, nearest first), a block of `rows` at a time.

    By squared Euclidean distance, computed in float64 and compared in float32; of equally near points the lower index
    comes first. k must be below the number of points.
    """
    points = np.asarray(points, np.float64)
    square = np.einsum("ij,ij->i", points, points)
    block = max(1, min(BLOCK, 16_000_000 // len(points)))  # an eighth of a GB of distances at most
    for start in range(0, len(rows), block):
        part = np.asarray(rows[start : start + block])
        far = (square[None, :] + square[part, None] - 2 * (points[part] @ points.T)).astype(np.float32)
        far[np.arange(len(part)), part] = np.inf
        limit = np.partition(far, k - 1, axis=1)[:, k - 1]
        which, near = np.nonzero(far <= limit[:, None])  # at least k a row, more where some tie
        which, near = (column[np.lexsort((near, far[which, near], which))] for column in (which, near))
        first = np.searchsorted(which, np.arange(len(part)))
        yield part, near[first[:, None] + np.arange(k)]


def knn_recall(vectors: Floats, xy: Floats, rows: Ints, k: int = 10) -> Floats:
    """Return, for each of `rows`, the share of its k nearest neighbours in the embedding that are so on the map too.

    (len(rows),) float64 in [0, 1]; k is cut to the number of other images. Neighbours in the embedding are those by
    cosine. 1: the map can be trusted around this image; k/(M-1), about, is what points strewn at random would reach.
    """
    k = min(k, len(xy) - 1)
    if k < 1:
        return np.ones(len(rows))
    unit = unit_rows(vectors)
    shares = [
        (inside[:, :, None] == shown[:, None, :]).any(axis=2).mean(axis=1)
        for (_, inside), (_, shown) in zip(exact_knn(unit, rows, k), exact_knn(xy, rows, k), strict=True)
    ]
    return np.concatenate(shares) if shares else np.empty(0)


def mean_knn_recall(vectors: Floats, xy: Floats, k: int = 10) -> float:
    """Return the mean of `knn_recall` over all images, or over 2,000 drawn with a fixed seed beyond 10,000.

    In [0, 1]. It judges small surroundings only: a map may keep every neighbour and still put islands anywhere.
    """
    m = len(xy)
    rows = np.arange(m)
    if m > EXACT_KNN_MAX:
        rows = np.sort(np.random.default_rng(0).choice(m, RECALL_SAMPLE, replace=False))
    return float(knn_recall(vectors, xy, rows, k).mean())


def unit_rows(vectors: Floats) -> NDArray[np.float32]:
    """Return the rows at length one, (M, d) float32; a row of zeros stays what it is."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.zeros(vectors.shape, np.float32)
    np.divide(vectors, length, out=unit, where=length > 0, casting="same_kind")
    return unit


def fit_axes(unit: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the rows' mean (d,) and their axes of largest variance (d, k), k <= count, in float64.

    Fitted on 8,192 rows at most, drawn with a fixed seed; on 2,048 where there are more dimensions than that.
    """
    m, d = unit.shape
    most = 2048 if d > 2048 else 8192
    rows = np.arange(m) if m <= most else np.sort(np.random.default_rng(0).choice(m, most, replace=False))
    sample = np.asarray(unit[rows], np.float64)
    mean = sample.mean(axis=0)
    sample -= mean
    with one_blas_thread():
        if len(sample) >= d:
            _, axes = principal_axes(sample.T @ sample, count)
        else:
            _, places = principal_axes(sample @ sample.T, count)
            axes = sample.T @ places
            axes = fix_signs(axes / np.linalg.norm(axes, axis=0))
    return mean, axes


def compile_umap(large: bool = False) -> None:
    """Import umap-learn and have numba compile what a map needs, on a hundred points: ten seconds when it is cold.

    The app calls it from a thread at its start, so that the first map does not wait. `large` also compiles the search
    for neighbours that maps of more than 10,000 images need, which takes most of a minute.
    """
    points = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
    project(points)
    if large:
        from umap.umap_ import nearest_neighbors

        nearest_neighbors(points, N_NEIGHBORS, "euclidean", {}, False, np.random.RandomState(0), n_jobs=1)


PROJECTIONS: dict[str, Callable[[NDArray[np.float32], int, Progress], NDArray[np.float32]]] = {
    "umap": umap,
    "pca": pca,
}
