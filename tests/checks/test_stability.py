from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Run
from adq_core.checks.stability import expected_jaccard, jaccard
from adq_core.run_checks import checks_of
from tests.checks.subjects import whole_run


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60)), min_size=1, max_size=6), st.integers(0, 99))
def test_the_expected_index_is_that_of_random_draws(bins: list[tuple[int, int]], seed: int) -> None:
    capacity = np.array([size for size, _ in bins])
    quota = np.minimum([take for _, take in bins], capacity)
    if quota.sum() < 20:
        return
    rng = np.random.default_rng(seed)
    bin_of = np.repeat(np.arange(len(bins)), capacity)

    def draw() -> np.ndarray:
        return np.concatenate([rng.permutation(n) < q for n, q in zip(capacity, quota, strict=True)])

    assert len(bin_of) == len(draw())
    mean = np.mean([jaccard(draw(), draw()) for _ in range(300)])
    assert expected_jaccard(quota, capacity) == pytest.approx(mean, abs=0.04)


def test_a_random_draw_is_stable_as_chance_and_a_fixed_order_more(tmp_path) -> None:
    random = {one.check: one for one in checks_of(whole_run(), names=["stability"])}
    fixed_run = Run(dataclasses.replace(whole_run().settings, draw_order="texture"), whole_run().store)
    fixed = {one.check: one for one in checks_of(fixed_run, names=["stability"])}
    assert random["stability.seeds"].value == pytest.approx(
        float(random["stability.seeds"].reference.split()[0]), abs=0.02
    )
    assert fixed["stability.seeds"].value > 0.99
    assert "chance" in random["stability.seeds"].sentence
    assert "draw order decides" in fixed["stability.seeds"].sentence


def test_a_step_of_alpha_that_changes_much_is_said() -> None:
    steep = Run(dataclasses.replace(whole_run().settings, alpha=0.9, normalisation="minmax"), whole_run().store)
    scores = dataclasses.replace(steep.scores, importance=np.array([2.0] + [0.0] * 9))
    steep.__dict__["scores"] = scores
    found = {one.check: one for one in checks_of(steep, names=["stability"])}
    assert found["stability.alpha"].level == "watch"
    assert {one.check: one for one in checks_of(whole_run(), names=["stability"])}["stability.alpha"].level == "good"
