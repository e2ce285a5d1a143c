"""Vectors to the plane: the map."""

from __future__ import annotations

import numpy as np

from .progress import Progress, silent
from .records import Floats, Projection


def project(
    vectors: Floats, *, method: str = "umap", seed: int = 0, key: str = "", progress: Progress = silent
) -> Projection:
    """Return one point an image, (M, 2) float32."""
    from sklearn.decomposition import PCA

    xy = PCA(2, random_state=seed).fit_transform(np.asarray(vectors, np.float64)).astype(np.float32)
    progress(1, 1, "map")
    return Projection(xy=xy, method=method, key=key)
