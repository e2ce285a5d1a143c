"""The greedy for last-layer gradients, from two small factors per image instead of the gradients themselves.

The gradient of the loss with respect to the last layer (weights and bias) is g = [b ; b (x) e] with b = dL/d(logits),
C values, and e the embedding, d values: 5,130 values for 10 classes and ResNet-18, 769,000 for ImageNet and a ViT-B.
Because of the outer product <g_i, g_j> = <b_i, b_j> (1 + <e_i, e_j>), so with beta = b/|b| and eps = (1, e)/|(1, e)|

    cos(g_i, g_j) = <beta_i, beta_j> <eps_i, eps_j>

and a kernel entry costs C + d + 1 multiplications. For small pools the float64 kernel is held (8 N^2 bytes); for larger
ones the row of each pick is computed when it is needed, O(N (C + d)) memory. The columns of the kernel are summed once;
then each pick subtracts its row, and the sums for the next bin are (P + (P - 2 S))/2, with P and S the sums over the
pool and over the picks. All values are float64 with errors near 1e-12. Gains are compared in steps of 2^-30, so that
ties go to the lower row except where a step lies between two rounded values. Copies of a row share one value exactly.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from ..checking import check_two_classes
from ..records import Floats, Ints

TIE_SCALE = 2.0**30  # gains are compared in steps of 1/TIE_SCALE
KERNEL_BYTES = 256 * 2**20  # the largest kernel that is held
SOFTMAX = {"once": False, "twice": True}  # name: whether the loss takes a second softmax


def fit_class_scores(vectors: Floats, labels: Ints) -> Floats:
    """Return (M, C) float64 logits of a logistic head fitted on the standardised vectors (L2 penalty 1, 200 steps).

    vectors: (M, d). C is the number of different labels. The head scores the images on which it was fitted, as in the
    published recipe, so the scores are better than on new images. Raises `SettingsError` for fewer than two classes.
    """
    classes = np.unique(labels)
    check_two_classes(len(classes))
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    x = np.asarray(vectors, np.float64)
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the recipe stops after 200 steps, converged or not
        head = LogisticRegression(C=1.0, max_iter=200).fit(x, labels)
    scores = np.asarray(head.decision_function(x))
    return np.stack([-scores / 2, scores / 2], axis=1) if scores.ndim == 1 else scores


def loss_gradients(logits: Floats, labels: Ints, *, double_softmax: bool) -> Floats:
    """Return (M, C) b = dL/d(logits) of the cross-entropy at each image's own label (a column of `logits`).

    One softmax: b = p - y with p = softmax(logits). Two (the loss of the published code takes softmax(logits) as its
    logits): b = p * (r - <p, r>) with r = softmax(p) - y; this reduces the norm of the gradient for confident images
    and changes the direction for the others. logits: (M, C); labels: (M,) columns of `logits`.
    """
    p = _softmax(np.asarray(logits, np.float64))
    y = np.eye(p.shape[1])[labels]
    if not double_softmax:
        return p - y
    r = _softmax(p) - y
    return np.asarray(p * (r - (p * r).sum(axis=1, keepdims=True)))


def _softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def gradient_factors(vectors: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return beta (N, C) and eps (N, d + 1), float64 rows of length 1 (beta 0 where b is 0)."""
    eps = np.empty((len(vectors), vectors.shape[1] + 1))
    eps[:, 0], eps[:, 1:] = 1.0, vectors
    eps /= np.linalg.norm(eps, axis=1, keepdims=True)
    length = np.linalg.norm(b, axis=1, keepdims=True)
    return np.divide(b, length, out=np.zeros_like(b), where=length > 0), eps


def greedy_by_factors(
    beta: Floats,
    eps: Floats,
    sizes: list[int],
    *,
    algorithm: str = "auto",
    on_picks: Callable[[int], None] = lambda picks: None,
) -> tuple[Ints, Floats]:
    """Return (order, values) of the pool: the rows as picked, and sum_pool cos - 2 sum_S cos at that time.

    beta: (N, C), eps: (N, d + 1), from `gradient_factors`. order: (N,) int64, values: (N,) float64. algorithm: "dense"
    holds the kernel, "lazy" does not, "auto" holds it up to `KERNEL_BYTES`; the picks are the same.
    """
    n = len(beta)
    first = _first_copies(beta, eps)
    kernel = np.empty((0, 0))
    if algorithm == "dense" or (algorithm == "auto" and 8 * n * n <= KERNEL_BYTES):
        kernel = eps @ eps.T
        kernel *= beta @ beta.T
        kernel = kernel[np.ix_(first, first)] if (first != np.arange(n)).any() else kernel
        sums = kernel.sum(axis=1)
    else:
        sums = ((eps @ (eps.T @ beta)) * beta).sum(axis=1)[first]
    values, taken = sums.copy(), np.zeros(n, np.bool_)
    order, gains, done = np.empty(n, np.int64), np.empty(n), 0
    stride = max(1, int(3e8 / n / (len(beta[0]) + len(eps[0]) if not kernel.size else 8)))
    for size in sizes:
        left = np.flatnonzero(~taken)
        if len(left) <= 256:  # cheap enough to compute the sums again, without the rounding errors of subtractions
            b, e = beta[first[left]], eps[first[left]]
            sums[left] = ((b @ b.T) * (e @ e.T)).sum(axis=1)
        values[left] = sums[left]
        end = done + size
        while done < end:
            stop = min(end, done + stride)
            _pick(kernel, beta, eps, first, values, taken, order[done:stop], gains[done:stop])
            on_picks(stop - done)
            done = stop
        sums = (sums + values) / 2  # (P + (P - 2 S)) / 2 = P - S
    return order, gains


def _first_copies(beta: Floats, eps: Floats) -> Ints:
    """Return for each row the first row that equals it."""
    first_row: dict[bytes, int] = {}
    return np.array(
        [first_row.setdefault(b.tobytes() + e.tobytes(), i) for i, (b, e) in enumerate(zip(beta, eps, strict=True))]
    )


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "nnan"})  # type: ignore[untyped-decorator]
def _dot(a: Any, b: Any) -> float:  # not that of `_compiled_loops.py`: numba's cache ignores edits of other files
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i] * b[i]
    return total


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _pick(kernel: Any, beta: Any, eps: Any, first: Any, values: Any, taken: Any, order: Any, gains: Any) -> None:
    """Fill `order` and `gains` with the next picks and update `values`; `kernel` may be empty."""
    n = values.shape[0]
    row = np.empty(n)
    for k in range(order.shape[0]):
        best, best_step = -1, -np.inf
        for i in range(n):
            if not taken[i] and values[i] * TIE_SCALE > best_step:  # otherwise its rounded value cannot be larger
                step = np.rint(values[i] * TIE_SCALE)
                if best < 0 or step > best_step:
                    best, best_step = i, step
        order[k], gains[k], taken[best] = best, values[best], True
        if kernel.shape[0] > 0:
            row[:] = kernel[best]
        else:
            f = first[best]
            for i in range(n):
                if first[i] != i:
                    row[i] = row[first[i]]
                else:
                    row[i] = _dot(beta[i], beta[f]) * _dot(eps[i], eps[f])
        for i in range(n):
            values[i] -= 2 * row[i]
