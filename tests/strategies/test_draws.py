"""Random draws, and the draws of ADQ and of uniform bins."""

from __future__ import annotations

import numpy as np

from adq_core.quotas import make_quotas
from adq_core.strategies import STRATEGIES
from adq_core.strategies.random_draws import adq_subset_without, balanced_subset_without
from tests.strategies.candidates import make_candidates


def test_every_image_has_the_same_chance() -> None:
    candidates = make_candidates(30, 3)
    for name in ("random", "balanced"):
        counts = np.zeros(30)
        for seed in range(600):
            counts[STRATEGIES[name].select(candidates, 6, seed)] += 1
        assert np.abs(counts / 600 - 0.2).max() < 0.07, name  # four standard deviations


def test_adq_gives_each_bin_its_quota() -> None:
    for alpha in (0.0, 0.5, 1.0):
        candidates = make_candidates(alpha=alpha)
        rows = STRATEGIES["adq"].select(candidates, 40, 1)
        quota = make_quotas(
            candidates.importance, candidates.bins.capacity, rule="budget", alpha=alpha, keep_ratio=40 / 120
        ).quota
        assert np.bincount(candidates.bins.bin_of[rows], minlength=4).tolist() == quota.tolist()


def test_uniform_bins_give_equally_many_images() -> None:
    candidates = make_candidates()
    rows = STRATEGIES["uniform-bins"].select(candidates, 40, 1)
    assert np.bincount(candidates.bins.bin_of[rows]).tolist() == [10, 10, 10, 10]


def test_excluded_images_are_not_taken_and_an_empty_bin_gives_nothing() -> None:
    candidates = make_candidates()
    excluded = candidates.bins.bin_of == 2
    for draw in (adq_subset_without, balanced_subset_without):
        rows = draw(candidates, 40, 0, excluded).rows
        assert len(rows) == 40
        assert not excluded[rows].any()
