"""Diversity of a bin: how little the views of its images resemble each other."""

from __future__ import annotations

import numpy as np

from .records import Floats, Ints


def bin_diversity(views: Floats, bin_of: Ints, n_bins: int) -> tuple[Floats, Floats]:
    """Return Div_n = 1/|mean unit vector|^2 and the mean off-diagonal cosine of every bin, each (n_bins,).

    views: (V, M, d), V views of each of M images. Div tends to the number of vectors where cosines average zero.
    """
    unit = views / np.maximum(np.linalg.norm(views, axis=2, keepdims=True), 1e-12)
    div, cosine = np.empty(n_bins), np.empty(n_bins)
    for number in range(n_bins):
        z = unit[:, bin_of == number].reshape(-1, views.shape[2]).astype(np.float64)
        square = float((z.mean(axis=0) ** 2).sum())
        div[number] = 1 / square if square > 0 else np.inf
        cosine[number] = (len(z) * square - 1) / max(len(z) - 1, 1)
    return div, cosine
