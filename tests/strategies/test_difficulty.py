"""Strategies by difficulty: what they leave out, and that the choice of a share is made by the probe."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from adq_core.strategies import STRATEGIES, Candidates, difficulty
from tests.strategies.candidates import make_candidates


def with_wrong_labels(share: float, seed: int = 0) -> tuple[Candidates, np.ndarray]:
    """Return candidates of which a share has a wrong label, and which ones."""
    clean = make_candidates(600, 3, d=12, spread=0.6, seed=seed)
    rng = np.random.default_rng(seed)
    wrong = rng.random(600) < share
    labels = np.where(wrong, (clean.labels + 1) % 3, clean.labels)
    return dataclasses.replace(clean, labels=labels, _kept={}), wrong


def test_margin_leaves_out_wrong_labels_where_that_helps() -> None:
    candidates, wrong = with_wrong_labels(0.25)
    assert difficulty.margin_share(candidates, 60) >= 0.2
    assert wrong[STRATEGIES["margin"].select(candidates, 60, 0)].mean() < 0.05
    assert wrong[STRATEGIES["balanced"].select(candidates, 60, 0)].mean() > 0.15
    assert wrong[STRATEGIES["adq+margin"].select(candidates, 60, 0)].mean() < 0.05


def test_margin_is_balanced_random_when_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = make_candidates()
    monkeypatch.setattr(difficulty, "SHARES", (0.0,))
    for seed in range(3):
        same = STRATEGIES["balanced"].select(candidates, 30, seed).tolist()
        assert STRATEGIES["margin"].select(candidates, 30, seed).tolist() == same


@pytest.mark.parametrize("n", [1, 60, 119])
def test_enough_images_remain_for_every_size(n: int) -> None:
    candidates = make_candidates()
    for find in (difficulty.hardest, difficulty.hardest_of_each_class):
        excluded = find(candidates, 0.5, n)
        assert (~excluded).sum() >= n
        if n == 60:
            assert 50 <= excluded.sum() <= 60


def test_the_hardest_are_those_of_smallest_margin() -> None:
    candidates = make_candidates()
    excluded = difficulty.hardest(candidates, 0.25, 10)
    assert excluded.sum() == 30
    assert candidates.margin[excluded].max() <= candidates.margin[~excluded].min()
    per_class = difficulty.hardest_of_each_class(candidates, 0.25, 10)
    assert np.bincount(candidates.labels[per_class]).tolist() == [10, 10, 10]


def test_a_window_is_consecutive_in_the_margins_of_each_class() -> None:
    candidates = make_candidates()
    rows = STRATEGIES["window"].select(candidates, 30, 0)
    for label in range(3):
        inside = np.flatnonzero(candidates.labels == label)
        order = inside[np.argsort(-candidates.margin[inside], kind="stable")]
        place = np.flatnonzero(np.isin(order, rows))
        assert place.tolist() == list(range(place[0], place[0] + 10))


def test_the_best_window_avoids_wrong_labels() -> None:
    candidates, wrong = with_wrong_labels(0.25)
    assert wrong[STRATEGIES["window"].select(candidates, 60, 0)].mean() < 0.05


def test_strata_give_equally_many_images_and_small_ones_all_they_have() -> None:
    candidates = make_candidates()
    rows = STRATEGIES["ccs"].select(candidates, 60, 0)
    share = candidates.keep(("ccs", 60), lambda: pytest.fail("chosen before"))
    left = np.flatnonzero(~difficulty.hardest(candidates, share, 60))
    stratum = difficulty._strata(candidates.margin[left])
    size = np.bincount(stratum, minlength=difficulty.STRATA)
    taken = np.bincount(stratum[np.isin(left, rows)], minlength=difficulty.STRATA)
    full = taken == size
    assert taken[~full].max(initial=0) - taken[~full].min(initial=99) <= 1 or full.all()
    assert taken[full].max(initial=0) <= taken[~full].max(initial=99)


def test_equal_margins_are_one_stratum() -> None:
    assert difficulty._strata(np.zeros(5)).tolist() == [0] * 5
