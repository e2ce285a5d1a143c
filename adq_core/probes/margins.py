"""Out-of-fold margins: how clearly a probe that has not seen an image gives it its own class."""

from __future__ import annotations

import numpy as np

from adq_core.errors import InputError
from adq_core.progress import Progress, no_progress
from adq_core.records import Floats, Ints

from .ridge import RidgeFit, choose_penalty

FOLDS = 5


def stratified_folds(labels: Ints, n_folds: int = FOLDS, seed: int = 0) -> Ints:
    """Return the fold of each image, (M,) int64 in 0 .. n_folds - 1; each class is spread evenly over the folds."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), np.int64)
    fold[order] = np.arange(len(labels)) % n_folds  # continues over the classes, so that small classes fill all folds
    return fold


def out_of_fold_margins(
    features: Floats,
    labels: Ints,
    n_classes: int,
    *,
    n_folds: int = FOLDS,
    seed: int = 0,
    progress: Progress = no_progress,
) -> tuple[Floats, Ints]:
    """Return the margin of each image, (M,) float64, and the other class that the probe prefers, (M,) int64.

    The margin is the score of the own class minus the largest other score, by a ridge probe that was fitted on the
    other four fifths of the images. Scores estimate probabilities, so margins are about -1 to 1. Small or negative: the
    image is hard, ambiguous or has a wrong label; a margin cannot tell which.

    features: (M, d) from `probe_features`. Raises `InputError` for fewer than two classes or fewer images than folds.
    Reference: Northcutt et al. 2021, "Confident Learning", arXiv 1911.00068, uses out-of-fold probabilities likewise.
    """
    m = len(labels)
    if n_classes < 2 or m < n_folds:
        raise InputError(f"Margins need two classes and {n_folds} images, got {n_classes} and {m}.")
    fold = stratified_folds(labels, n_folds, seed)
    penalty = choose_penalty(features, labels, n_classes, m - m // n_folds, seed)
    margin, other = np.empty(m), np.empty(m, np.int64)
    for number in range(n_folds):
        progress(number, n_folds, "margins")
        rows = np.flatnonzero(fold == number)
        known = np.flatnonzero(fold != number)
        scores = RidgeFit.fit(features[known], labels[known], n_classes, penalty).scores(features[rows])
        own = scores[np.arange(len(rows)), labels[rows]].astype(np.float64)
        scores[np.arange(len(rows)), labels[rows]] = -np.inf
        other[rows] = scores.argmax(axis=1)
        margin[rows] = own - scores.max(axis=1)
    return margin, other
