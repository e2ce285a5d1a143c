"""What every strategy of the table must do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.errors import SettingsError
from adq_core.strategies import BASELINE, STRATEGIES, strategy_names
from tests.strategies.candidates import make_candidates

CANDIDATES = make_candidates()
BALANCED = ("balanced", "k-centre", "herding", "facility-location", "window", "margin")


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@settings(max_examples=20)
@given(n=st.integers(1, 119), seed=st.integers(0, 99))
def test_a_subset_has_the_size_asked_for_and_no_image_twice(name: str, n: int, seed: int) -> None:
    rows = STRATEGIES[name].select(CANDIDATES, n, seed)
    assert len(rows) == n
    assert (np.diff(rows) > 0).all(), "ascending, each once"
    assert rows.min() >= 0
    assert rows.max() < len(CANDIDATES)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_the_seed_matters_where_the_table_says_so(name: str) -> None:
    select = STRATEGIES[name].select
    subsets = [select(make_candidates(), 30, seed).tolist() for seed in (0, 1, 0)]
    assert subsets[0] == subsets[2], "the same seed gives the same subset, also from new candidates"
    assert (subsets[0] != subsets[1]) == STRATEGIES[name].seeded


@pytest.mark.parametrize("name", BALANCED)
@pytest.mark.parametrize("n", [7, 30, 90])
def test_each_class_gives_its_share(name: str, n: int) -> None:
    counts = np.bincount(CANDIDATES.labels[STRATEGIES[name].select(CANDIDATES, n, 3)], minlength=3)
    assert np.abs(counts - n / 3).max() < 1


def test_classes_of_different_sizes_give_different_numbers() -> None:
    labels = CANDIDATES.labels.copy()
    labels[:30] = 1  # 10, 70 and 40 images
    uneven = dataclasses.replace(CANDIDATES, labels=labels, _kept={})
    counts = np.bincount(labels[STRATEGIES["balanced"].select(uneven, 24, 0)])
    assert counts.tolist() == [2, 14, 8]


def test_names_are_checked_and_strategies_that_need_classes_are_left_out_without_them() -> None:
    assert strategy_names(None, 3) == list(STRATEGIES)
    assert not {"margin", "window", "ccs", "adq+margin"} & set(strategy_names(None, 1))
    assert BASELINE in strategy_names(None, 1)
    with pytest.raises(SettingsError, match="k-center"):
        strategy_names(["k-center"], 3)
