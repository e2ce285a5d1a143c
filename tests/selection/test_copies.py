"""One image of each group of copies stays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adq_core.selection import all_but_one


def test_a_selected_image_stays_and_a_pinned_one_before_it() -> None:
    pairs = np.array([[0, 1], [1, 2], [5, 6]])
    none, rank = np.zeros(8, bool), np.array([3, 2, 1, 0, 0, 9, 8, 0])
    assert all_but_one(pairs, none, none, rank).tolist() == [0, 1, 5], "the lowest ranks stay"
    selected = np.isin(np.arange(8), [0, 5])
    assert all_but_one(pairs, none, selected, rank).tolist() == [1, 2, 6]
    always = np.isin(np.arange(8), [1])
    assert all_but_one(pairs, always, selected, rank).tolist() == [0, 2, 6]
    assert all_but_one(pairs, np.isin(np.arange(8), [0, 1]), selected, rank).tolist() == [2, 6], "all pinned ones stay"
    assert all_but_one(np.zeros((0, 2), int), none, selected, rank).tolist() == []


@given(st.integers(2, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=30), st.integers(0, 9))
def test_every_group_keeps_exactly_one(m: int, drawn: list[tuple[int, int]], seed: int) -> None:
    pairs = np.array([pair for pair in drawn if pair[0] != pair[1] and max(pair) < m], int).reshape(-1, 2)
    rng = np.random.default_rng(seed)
    gone = all_but_one(pairs, np.zeros(m, bool), rng.random(m) < 0.5, rng.permutation(m))
    parent = list(range(m))
    for a, b in pairs.tolist():
        merged, into = parent[a], parent[b]
        parent = [into if one == merged else one for one in parent]
    for root in {parent[a] for a in np.unique(pairs).tolist()}:
        group = [row for row in range(m) if parent[row] == root]
        assert len(set(group) - set(gone.tolist())) == 1
    assert set(gone.tolist()) <= set(np.unique(pairs).tolist())
