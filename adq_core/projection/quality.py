"""The quality of a map: the share of nearest neighbours in the embedding that are nearest neighbours on the map."""

from __future__ import annotations

import numpy as np

from adq_core.linalg import exact_knn, unit_rows
from adq_core.records import Floats, Ints

EXACT_KNN_MAX = 10_000  # images up to which all are compared; for more, a sample
RECALL_SAMPLE = 2000
SAMPLE_SEED = 0


def knn_recall(vectors: Floats, xy: Floats, rows: Ints, k: int = 10) -> Floats:
    """Return, for each of `rows`, the share of its k nearest neighbours in the embedding that are so on the map.

    (len(rows),) float64 in [0, 1]; k is at most the number of other images. Neighbours in the embedding are those of
    highest cosine, on the map those of smallest Euclidean distance. About k/(M-1) for random coordinates.
    """
    k = min(k, len(xy) - 1)
    if k < 1:
        return np.ones(len(rows))
    unit = unit_rows(vectors, np.float32)
    shares = [
        (embedded[:, :, None] == mapped[:, None, :]).any(axis=2).mean(axis=1)
        for (_, embedded), (_, mapped) in zip(exact_knn(unit, rows, k), exact_knn(xy, rows, k), strict=True)
    ]
    return np.concatenate(shares) if shares else np.empty(0)


def mean_knn_recall(vectors: Floats, xy: Floats, k: int = 10) -> float:
    """Return the mean of `knn_recall`, in [0, 1], over all images or, for more than 10,000, a sample of 2,000.

    The sample is drawn with a fixed seed. How it misleads: it measures small neighbourhoods only; a map can preserve
    every neighbour and still place groups of images anywhere.
    """
    m = len(xy)
    rows = np.arange(m)
    if m > EXACT_KNN_MAX:
        rows = np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, RECALL_SAMPLE, replace=False))
    return float(knn_recall(vectors, xy, rows, k).mean())
