"""Subsets by difficulty: the out-of-fold margin of an image, small for images that are hard, ambiguous or mislabelled.

How many of the hardest images are left out is chosen by a probe inside the candidates; test images have no part in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from adq_core.probes import RidgeFit, choose_penalty, correct_predictions, stratified_folds
from adq_core.records import Bools, Floats, Ints

from .candidates import Candidates, first_of_each_class
from .draws import Draw, draw_by_priority
from .random_draws import adq_subset_without, balanced_subset_without

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the images, that may be left out as too hard
DRAWS = 3  # subsets that decide about a share
STRATA = 50  # of equal width, as in the experiments of CCS
WINDOW_STEP = 0.05  # share of the images between the starts of two windows


def margin_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return a class-balanced random subset of the images that remain without the hardest share.

    The share is the one of 0, 5, 10, 20, 30 and 50 % whose subsets teach a ridge probe best, tested on one fifth of the
    candidates from which the subsets are not drawn.
    """
    share = margin_share(candidates, n)
    draw = balanced_subset_without(candidates, n, seed, hardest(candidates, share, n))
    return replace(draw, share=share, margin=candidates.margin)


def adq_margin_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return the subset of ADQ from the images that remain without the hardest share of each class.

    The share is the same as for `margin`. Bins keep their classes in the proportions of the set, because ADQ does not
    balance classes itself.
    """
    share = margin_share(candidates, n)
    draw = adq_subset_without(candidates, n, seed, hardest_of_each_class(candidates, share, n))
    return replace(draw, share=share, margin=candidates.margin)


def ccs_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return a coverage-centric subset: equally many images of each level of difficulty, without the hardest share.

    The remaining images are divided into 50 strata of equal width in difficulty; each gives the same number of random
    images, small strata first, which give what they have. The share is chosen as for `margin`. Classes are not
    balanced. Reference: Zheng et al. 2023, "CCS", arXiv 2210.15809, with the area under the margin of a full training
    as difficulty; here it is the out-of-fold margin.
    """
    share = candidates.keep(("ccs", n), lambda: _best_share(candidates, n, _stratified))
    draw = _stratified(candidates, n, seed, hardest(candidates, share, n))
    return replace(draw, share=share, margin=candidates.margin)


def window_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return the best window of difficulty: consecutive images of each class in the order of their margins.

    Windows start at every 5 % of the order. The window whose ridge probe is best on all candidates is taken. The seed
    has no effect. Reference: Choi et al. 2024, "BWS", arXiv 2406.03057, with a kernel ridge regression likewise.
    """
    draw: Draw = candidates.keep(("window", n), lambda: _best_window(candidates, n))
    return replace(draw, margin=candidates.margin)


def margin_share(candidates: Candidates, n: int) -> float:
    """Return the share of the hardest images that `margin` leaves out for subsets of n images."""
    return float(candidates.keep(("margin", n), lambda: _best_share(candidates, n, balanced_subset_without)))


def hardest(candidates: Candidates, share: float, n: int) -> Bools:
    """Return the images to leave out, (M,) bool: this share, those of smallest margin.

    Each class keeps at least the images that it gives to a balanced subset of n.
    """
    spare = candidates.class_counts - candidates.class_quotas(n)
    return (_ranks(candidates.margin) < round(share * len(candidates))) & _among_first(candidates, spare)


def hardest_of_each_class(candidates: Candidates, share: float, n: int) -> Bools:
    """Return the images to leave out, (M,) bool: this share of each class, so that at least n remain in all."""
    share = min(share, 1 - n / len(candidates))
    return _among_first(candidates, np.floor(share * candidates.class_counts).astype(np.int64))


def _ranks(values: Floats) -> Ints:
    """Return the position of each value in ascending order; equal values in the order of the rows."""
    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks


def _among_first(candidates: Candidates, counts: Ints) -> Bools:
    """Return which images are among the `counts[c]` of smallest margin of their class, (M,) bool."""
    among = np.zeros(len(candidates), np.bool_)
    among[first_of_each_class(candidates.margin, candidates.labels, counts)] = True
    return among


def _best_share(candidates: Candidates, n: int, draw: Callable[[Candidates, int, int, Bools], Draw]) -> float:
    """Return the share whose subsets teach a ridge probe best; the smallest of equal ones."""
    fold = candidates.keep("fold", lambda: stratified_folds(candidates.labels, seed=candidates.seed))
    test = np.flatnonzero(fold == 0)
    size = max(1, min(round(n * (1 - len(test) / len(candidates))), len(candidates) - len(test)))
    penalty = penalty_for(candidates, n)
    in_test = fold == 0
    results = []
    for number, share in enumerate(SHARES):
        candidates.progress(number, len(SHARES), "share to leave out")
        excluded = hardest(candidates, share, n) | in_test
        if (~excluded).sum() < size:
            break
        results.append(
            np.mean(
                [
                    _accuracy(candidates, draw(candidates, size, seed, excluded).rows, test, penalty)
                    for seed in range(DRAWS)
                ]
            )
        )
    return SHARES[int(np.argmax(results))] if results else 0.0


def _best_window(candidates: Candidates, n: int) -> Draw:
    quotas, everything = candidates.class_quotas(n), np.arange(len(candidates))
    easiest_first = np.lexsort((everything, -candidates.margin, candidates.labels))
    counts = candidates.class_counts
    place = np.empty(len(candidates), np.int64)
    place[easiest_first] = everything - (np.cumsum(counts) - counts)[candidates.labels[easiest_first]]
    penalty = penalty_for(candidates, n)
    best, best_accuracy = None, -1.0
    for start in np.arange(0.0, 1.0, WINDOW_STEP):
        candidates.progress(round(100 * start), 100, "windows")
        first = np.minimum(np.floor(start * counts).astype(np.int64), counts - quotas)  # the last window ends the order
        after = place - first[candidates.labels]
        draw = draw_by_priority(np.where(after >= 0, after, np.inf), candidates.labels, quotas)
        accuracy = _accuracy(candidates, draw.rows, everything, penalty)
        if accuracy > best_accuracy:
            best, best_accuracy = draw, accuracy
    assert best is not None, "there is at least one window"
    return best


def penalty_for(candidates: Candidates, n: int) -> float:
    """Return the penalty of the ridge probe for subsets of n images, the same for all strategies."""
    return float(
        candidates.keep(
            ("penalty", n),
            lambda: choose_penalty(candidates.features, candidates.labels, candidates.n_classes, n, candidates.seed),
        )
    )


def _accuracy(candidates: Candidates, rows: Ints, test: Ints, penalty: float) -> float:
    x, y = candidates.features, candidates.labels
    fit = RidgeFit.fit(x[rows], y[rows], candidates.n_classes, penalty)
    return float(correct_predictions(fit, x[test], y[test]).mean())


def _stratified(candidates: Candidates, n: int, seed: int, excluded: Bools) -> Draw:
    """Return n of the images that are not excluded, equally many of each stratum of the margin."""
    rows = np.flatnonzero(~excluded)
    margin = candidates.margin[rows]
    stratum = _strata(margin)
    size = np.bincount(stratum, minlength=STRATA)
    budget, left = np.zeros(STRATA, np.int64), n
    filled = np.argsort(size, kind="stable")
    for number, index in enumerate(filled):
        budget[index] = min(size[index], left // (STRATA - number))
        left -= budget[index]
    for index in filled[::-1]:  # the rest of the divisions
        more = min(left, size[index] - budget[index])
        budget[index] += more
        left -= more
    order = np.where(excluded, np.inf, np.random.default_rng(seed).random(len(candidates)))
    group = np.zeros(len(candidates), np.int64)
    group[rows] = stratum
    return draw_by_priority(order, group, budget)


def _strata(values: Floats) -> Ints:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(len(values), np.int64)
    return np.minimum(((values - low) / (high - low) * STRATA).astype(np.int64), STRATA - 1)
