"""Random subsets, of all images or of each class, and the draws of ADQ and of uniform bins."""

from __future__ import annotations

import numpy as np

from adq_core.quotas import make_quotas
from adq_core.records import Bools
from adq_core.selection import draw_order

from .candidates import Candidates
from .draws import Draw, draw_by_priority


def random_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return n random images, without regard to classes."""
    place = np.empty(len(candidates), np.int64)
    place[np.random.default_rng(seed).permutation(len(candidates))] = np.arange(len(candidates))
    return Draw(group=np.zeros(len(candidates), np.int64), place=place, quota=np.array([n]))


def balanced_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return n random images, from each class its share: the baseline that a method has to beat."""
    priority = np.random.default_rng(seed).random(len(candidates))
    return draw_by_priority(priority, candidates.labels, candidates.class_quotas(n))


def balanced_subset_without(candidates: Candidates, n: int, seed: int, excluded: Bools) -> Draw:
    """Return n random images, from each class its share, of those that are not excluded."""
    priority = np.random.default_rng(seed).random(len(candidates))
    available = np.bincount(candidates.labels[~excluded], minlength=candidates.n_classes)
    quotas = candidates.class_quotas(n, available)
    return draw_by_priority(np.where(excluded, np.inf, priority), candidates.labels, quotas)


def adq_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return the subset of ADQ: quotas of the bins by the rule and alpha of the run, then the draw order.

    Rules that do not aim at the keep ratio (`paper`) return another number of images.
    """
    return _draw(candidates, n, seed, candidates.rule, np.zeros(len(candidates), np.bool_))


def adq_subset_without(candidates: Candidates, n: int, seed: int, excluded: Bools) -> Draw:
    """Return the subset of ADQ from the images that are not excluded; the bins and their importance stay."""
    return _draw(candidates, n, seed, candidates.rule, excluded)


def uniform_bins_subset(candidates: Candidates, n: int, seed: int) -> Draw:
    """Return the same share of each bin, in the draw order: Dataset Quantization (arXiv 2308.10524)."""
    return _draw(candidates, n, seed, "uniform", np.zeros(len(candidates), np.bool_))


def _draw(candidates: Candidates, n: int, seed: int, rule: str, excluded: Bools) -> Draw:
    """Return the first images of each bin, in the draw order of those that are not excluded."""
    bins = candidates.known_bins
    rows = np.flatnonzero(~excluded)
    bin_of = bins.bin_of[rows]
    capacity = np.bincount(bin_of, minlength=bins.n_bins)
    filled = np.flatnonzero(capacity)  # a quota rule has no place for an empty bin
    quota = np.zeros_like(capacity)
    importance = np.zeros(bins.n_bins) if candidates.importance is None else candidates.importance
    texture = np.zeros(len(candidates)) if candidates.texture is None else candidates.texture
    quota[filled] = make_quotas(
        importance[filled],
        capacity[filled],
        rule=rule,
        alpha=candidates.alpha,
        keep_ratio=n / len(rows),
    ).quota
    order = draw_order(
        bin_of,
        candidates.labels[rows],
        bins.rank[rows],
        texture[rows],
        n_bins=bins.n_bins,
        order=candidates.draw_order,
        seed=seed,
    )
    priority = np.full(len(candidates), np.inf)
    priority[rows] = order.draw_position
    return draw_by_priority(priority, bins.bin_of, quota)
