"""Error bounds of computed scores, so that scores that are equal up to rounding count as equal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adq_core.records import Floats

EPS = float(np.finfo(np.float64).eps)
PRODUCT_TERMS = 1024  # of the inner products that make a vector, in the bound `vector_error`


def merge_equal(values: Floats, errors: Floats) -> Floats:
    """Return the values, where values that are equal up to rounding are replaced by their mean.

    values (m,); errors (m,): bounds on the absolute error of each. Two neighbours in ascending order are equal if their
    intervals value +- error have a number in common, and so are chains of such neighbours. All other values are
    returned unchanged.
    """
    values, errors = np.asarray(values, np.float64), np.asarray(errors, np.float64)
    order = np.argsort(values, kind="stable")
    ascending, error = values[order], errors[order]
    with np.errstate(invalid="ignore"):  # two infinite values are equal
        differs = ~(np.diff(ascending) <= error[1:] + error[:-1]) & (ascending[1:] != ascending[:-1])
    group = np.concatenate([[0], np.cumsum(differs)])
    merged = values.copy()
    for number in np.flatnonzero(np.bincount(group) > 1):
        inside = ascending[group == number]
        merged[order[group == number]] = (
            inside[0] if inside[0] == inside[-1] else np.clip(inside.mean(), inside[0], inside[-1])
        )
    return merged


def mean_error(sizes: NDArray[np.integer], scale: Floats, value_error: float) -> Floats:
    """Return bounds on the errors of means of N values, (m,): value_error + (N + 1) eps `scale`.

    sizes (m,): N; scale (m,): mean absolute value; value_error: bound on the absolute error of a single value.
    Reference: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 4.2 (summation).
    """
    return value_error + (np.asarray(sizes) + 1) * EPS * scale


def vector_error(dtype: np.dtype, n_terms: int) -> float:
    """Return a bound on the error of the direction of computed vectors, and of the mean of their unit vectors.

    sqrt(1024) eps(dtype) + n_terms eps(float64). The first term is the error of the vectors themselves, which are made
    by inner products of about a thousand rounded terms; rounding errors add up like a random walk. The second term is
    the error of the sums over `n_terms` numbers that follow. Vectors of whole numbers are exact.
    Reference: Higham and Mary 2019, "A new approach to probabilistic rounding error analysis".
    """
    of_vectors = 0.0
    if np.issubdtype(dtype, np.floating):
        of_vectors = float(np.sqrt(PRODUCT_TERMS)) * min(float(np.finfo(dtype).eps), float(np.finfo(np.float32).eps))
    return of_vectors + n_terms * EPS


def square_error(square: float, of_mean: float) -> float:
    """Return a bound on the error of |v|^2 for a vector v with an error of length `of_mean`: 2 |v| e + e^2."""
    return 2 * float(np.sqrt(max(square, 0.0))) * of_mean + of_mean**2


def entropy_error(of_vectors: float, rank: int) -> float:
    """Return a bound on the error of the entropy of the eigenvalues of a mean of u u^T, for unit vectors u.

    of_vectors: the error e of each u. Each u u^T moves by a trace distance of at most e, so their mean does too, and
    the entropy by at most T log(rank - 1) - T log T - (1 - T) log(1 - T) with T = e.
    Reference: Audenaert 2007, "A sharp continuity estimate for the von Neumann entropy".
    """
    t = min(of_vectors, 0.5)
    return float(t * np.log(max(rank - 1, 1)) - t * np.log(t) - (1 - t) * np.log1p(-t)) if t > 0 else 0.0
