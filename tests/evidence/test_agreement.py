"""The rank correlation of two probes: checked by hand, against scipy, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from adq_core.evidence import Evidence, rank_agreement

NAMES = ("balanced", "adq", "margin", "ccs", "window", "random")


def evidence(effects: list[float], n_seeds: int = 10, spread: float = 0.0, seed: int = 0) -> Evidence:
    rng = np.random.default_rng(seed)
    accuracy = 0.7 + np.array(effects)[:, None, None] + rng.normal(0, 0.02, (1, 1, n_seeds))
    accuracy = accuracy + spread * rng.normal(size=(len(effects), 1, n_seeds))
    return Evidence(
        accuracy=accuracy, n_selected=np.full((len(effects), 1), 10), test_error=np.zeros((len(effects), 1)),
        strategies=NAMES[: len(effects)], keep_ratios=(0.1,), probe="ridge", n_test=2000, n_train=100, complete=True,
    )  # fmt: skip


def test_the_correlation_is_that_of_the_mean_differences() -> None:
    first, second = [0.0, 0.01, 0.02, -0.03, -0.01, 0.005], [0.0, 0.02, 0.01, -0.05, 0.03, -0.01]
    found = rank_agreement(evidence(first), evidence(second, n_seeds=3, seed=1), 0.1)
    assert found is not None
    assert found.spearman == pytest.approx(stats.spearmanr(first, second).statistic)
    assert (found.low, found.high) == (found.spearman, found.spearman), "without noise there is no doubt"
    assert found.strategies == NAMES


def test_equal_strategies_share_their_rank() -> None:
    found = rank_agreement(evidence([0, 0, 0.01, 0.02]), evidence([0, 0, 0.02, 0.01]), 0.1)
    assert found is not None
    assert found.spearman == pytest.approx(stats.spearmanr([0, 0, 1, 2], [0, 0, 2, 1]).statistic)
    same = rank_agreement(evidence([0, 0, 0, 0]), evidence([0, 0, 0.02, 0.01]), 0.1)
    assert same is not None
    assert same.spearman == 0


def test_strategies_without_a_difference_have_an_interval_with_zero_and_clear_ones_have_not() -> None:
    alike = sum(
        found.low <= 0 <= found.high
        for seed in range(40)
        if (found := rank_agreement(evidence([0.0] * 6, 8, 0.01, seed), evidence([0.0] * 6, 8, 0.01, 99 + seed), 0.1))
    )
    assert alike >= 36
    effects = [0.0, 0.02, 0.04, -0.03, -0.06, 0.09]
    clear = rank_agreement(evidence(effects, 8, 0.01, 1), evidence(effects, 8, 0.01, 2), 0.1)
    assert clear is not None
    assert clear.low > 0.7


def test_too_few_strategies_or_seeds_say_nothing() -> None:
    assert rank_agreement(evidence([0, 1, 2]), evidence([0, 1, 2]), 0.1) is None
    assert rank_agreement(evidence([0, 1, 2, 3]), evidence([0, 1, 2, 3], n_seeds=1), 0.1) is None
