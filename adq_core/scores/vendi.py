"""The Vendi score of unit vectors, and its standard error from a jackknife."""

from __future__ import annotations

import numpy as np

from adq_core.linalg import one_blas_thread
from adq_core.records import Floats, Ints

N_FOLDS = 10  # of the jackknife
SMALLEST_EIGENVALUE = 1e-12  # smaller ones are rounding errors and do not count


def jackknife_vendi(unit: Floats, labels: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Return the Vendi score of unit vectors (V, N, d) and its standard error from ten random groups of the N images.

    labels (N,): every class is spread evenly over the groups, so that the error is that of other images of the same
    classes, because a bin has a fixed share of every class. The error is nan for fewer than ten images. The moments of
    a group are subtracted from the sum over all, so that leaving out a group costs one decomposition.
    """
    n_views, n, d = unit.shape
    flat = unit.reshape(-1, d)
    if n < N_FOLDS:
        return vendi_score(flat), np.nan
    place = np.empty(n, np.int64)
    place[np.lexsort((rng.permutation(n), labels))] = np.arange(n)
    fold = np.tile(place % N_FOLDS, n_views)
    with one_blas_thread():
        if len(flat) >= d:
            moments = [flat[fold == f].T @ flat[fold == f] for f in range(N_FOLDS)]
            total = np.sum(moments, axis=0)
            reduced = [total - moment for moment in moments]
        else:
            total = flat @ flat.T  # X X^T and X^T X have the same nonzero eigenvalues
            reduced = [total[np.ix_(fold != f, fold != f)] for f in range(N_FOLDS)]
        counts = len(flat) - np.bincount(fold, minlength=N_FOLDS)
        score = spectrum_score(total / len(flat))
        without = np.array([spectrum_score(m / count) for m, count in zip(reduced, counts.tolist(), strict=True)])
    error = np.sqrt((N_FOLDS - 1) / N_FOLDS * ((without - without.mean()) ** 2).sum())
    return score, float(error)


def vendi_score(unit: Floats) -> float:
    """Return exp(-sum of l log l) over the eigenvalues l of the mean of u u^T, for unit rows u of (N, d).

    Runs on one BLAS thread, so that the last digit does not depend on the number of threads.
    """
    tall = unit if len(unit) >= unit.shape[1] else unit.T  # X^T X and X X^T have the same nonzero eigenvalues
    with one_blas_thread():
        return spectrum_score(tall.T @ tall / len(unit))


def spectrum_score(moment: Floats) -> float:
    """Return exp(-sum of l log l) over the eigenvalues l of a symmetric matrix."""
    values = np.linalg.eigvalsh(moment)
    values = values[values > SMALLEST_EIGENVALUE]
    return float(np.exp(-(values * np.log(values)).sum()))
