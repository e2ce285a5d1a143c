"""Near duplicates: hashes against a direct comparison, and the planted groups of `shapes`."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adq_core.checks import find_duplicates, image_hashes
from adq_core.checks.duplicates import groups_of_pairs, near_pairs
from adq_core.data import open_dataset
from adq_core.data.shapes import shapes_truth

HASHES = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20)


@given(HASHES, st.lists(st.tuples(st.integers(0, 19), st.sets(st.integers(0, 63), max_size=5)), max_size=20))
def test_all_pairs_within_three_bits_are_found(values: list[int], changes: list[tuple[int, set[int]]]) -> None:
    for place, bits in changes:
        if place < len(values):
            values.append(values[place] ^ sum(1 << bit for bit in bits))
    hashes = np.array(values, np.uint64)
    expected = [
        [i, j]
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if (values[i] ^ values[j]).bit_count() <= 3
    ]
    assert near_pairs(hashes).tolist() == expected
    across = near_pairs(hashes, hashes[::-1].copy())
    n = len(values)
    both = {(i, j) for i, j in expected} | {(j, i) for i, j in expected} | {(i, i) for i in range(n)}
    assert {(i, n - 1 - j) for i, j in across.tolist()} == both


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_groups_are_the_connected_parts(pairs: list[tuple[int, int]]) -> None:
    edges = [(a, b) for a, b in pairs if a != b]
    group = groups_of_pairs(np.array(edges, np.int64).reshape(-1, 2), 10)
    for row in range(10):
        reached, todo = {row}, [row]
        while todo:
            here = todo.pop()
            for a, b in edges:
                for other in (b,) if a == here else (a,) if b == here else ():
                    if other not in reached:
                        reached.add(other)
                        todo.append(other)
        if len(reached) == 1:
            assert group[row] == -1
        else:
            assert set(np.flatnonzero(group == group[row])) == reached


def test_the_planted_near_duplicates_of_shapes_are_found() -> None:
    dataset, truth = open_dataset("shapes"), shapes_truth()
    found = find_duplicates(dataset, image_hashes(dataset))
    planted, seen = truth.duplicate_group >= 0, found.group_of >= 0
    assert (seen & planted).sum() >= 0.94 * planted.sum()
    wrong = seen & ~planted
    assert (truth.outlier[wrong] > 0).all(), "only blank images look alike without being copies"
    assert abs(found.extra - 620) <= 40
    first, second = found.pairs.T
    both = planted[first] & planted[second]
    assert (truth.duplicate_group[first] == truth.duplicate_group[second])[both].all()
