"""Vectors to points of the plane, by name from `PROJECTIONS`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adq_core.checking import check_finite, check_vectors
from adq_core.errors import unknown_name
from adq_core.linalg import unit_rows
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Projection

from .pca import components_of, fit_axes, pca_map
from .umap import N_NEIGHBORS, umap_map

N_COMPONENTS = 50  # UMAP's input is reduced to this many principal components


def project(
    vectors: Floats, *, method: str = "umap", seed: int = 0, key: str = "", progress: Progress = no_progress
) -> Projection:
    """Return one point per image, (M, 2) float32, by the method of this name; equal input and seed give equal bytes.

    The vectors are scaled to length 1, so that Euclidean distances order pairs as cosines do, and reduced to principal
    components. If UMAP cannot be computed, the map is computed by PCA and `note` gives the reason. Raises
    `SettingsError` for an unknown method and `InputError` for vectors that are not (M, d) and finite.

    How it misleads: the axes have no unit; see `pca_map` and `umap_map`. `mean_knn_recall` measures how many neighbours
    are preserved.
    """
    if method not in PROJECTIONS:
        raise unknown_name("projection", method, PROJECTIONS)
    check_vectors(vectors)
    check_finite(vectors)
    note = ""
    if method == "umap" and len(vectors) <= N_NEIGHBORS:
        method, note = "pca", f"UMAP needs more than {N_NEIGHBORS} images, so these {len(vectors)} are shown by PCA."
    unit = unit_rows(vectors, np.float32)
    mean, axes = fit_axes(unit, 2 if method == "pca" else N_COMPONENTS)
    if method == "umap" and axes.shape[1] == 0:
        method, note = "pca", "All vectors have the same direction, so UMAP cannot arrange them. The map is PCA's."
    xy = PROJECTIONS[method](components_of(unit, mean, axes), seed, progress)
    return Projection(xy=xy, method=method, key=key, note=note)


def compile_umap() -> None:
    """Import umap-learn and compile its numba functions on a hundred points; takes about ten seconds the first time.

    The app calls this in a thread at its start, so that the first map does not wait for it.
    """
    project(np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32))


PROJECTIONS: dict[str, Callable[[NDArray[np.float32], int, Progress], NDArray[np.float32]]] = {
    "umap": umap_map,
    "pca": pca_map,
}
