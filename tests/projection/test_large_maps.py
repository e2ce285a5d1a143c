"""The parts of maps of more than 10,000 images: exact neighbours and the layout, both in threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix, csr_matrix

from adq_core.progress import no_progress
from adq_core.projection import neighbours
from adq_core.projection.layout import optimize_layout
from adq_core.projection.neighbours import exact_neighbours
from tests import oracles

CURVE = (1.577, 0.895)  # of min_dist 0.1


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 4), st.integers(0, 1000), st.integers(1, 12))
def test_neighbours_are_those_of_the_slow_way_ties_by_index(count: int, dimensions: int, seed: int, k: int) -> None:
    k = min(k, count - 1)
    points = np.random.default_rng(seed).integers(-3, 4, (count, dimensions)).astype(np.float32)
    indices, distances = exact_neighbours(points, k + 1, no_progress)
    assert indices[:, 0].tolist() == list(range(count))
    assert indices[:, 1:].tolist() == [oracles.nearest_others(points, row, k) for row in range(count)]
    np.testing.assert_array_equal(distances, np.linalg.norm(points[:, None] - points[indices], axis=2))


def test_neighbours_do_not_depend_on_threads_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).integers(-9, 10, (700, 5)).astype(np.float32)  # products without rounding
    whole = exact_neighbours(points, 15, no_progress, n_threads=1)
    monkeypatch.setattr(neighbours, "GROUP", 3)
    for rows, columns in ((512, 1024), (64, 100)):
        monkeypatch.setattr(neighbours, "ROWS", rows)
        monkeypatch.setattr(neighbours, "COLUMNS", columns)
        for one, other in zip(whole, exact_neighbours(points, 15, no_progress, n_threads=3), strict=True):
            assert one.tobytes() == other.tobytes()


def ring(m: int, seed: int = 0) -> tuple[np.ndarray, csr_matrix]:
    """Random positions and the graph of a ring: every point has an edge to the next one, in both directions."""
    here, there = np.arange(m), np.roll(np.arange(m), -1)
    edges = coo_matrix((np.ones(2 * m), (np.concatenate([here, there]), np.concatenate([there, here]))), (m, m))
    return np.random.default_rng(seed).uniform(0, 10, (m, 2)).astype(np.float32), edges.tocsr()


def test_the_layout_has_the_same_bytes_on_any_number_of_threads() -> None:
    start, graph = ring(5000)
    given_start, given_graph = start.copy(), graph.copy()
    made = [optimize_layout(start, graph, CURVE, 20, 3, no_progress, n_threads).tobytes() for n_threads in (1, 2, 5)]
    assert len(set(made)) == 1
    assert optimize_layout(start, graph, CURVE, 20, 4, no_progress).tobytes() != made[0]
    np.testing.assert_array_equal(start, given_start)
    assert (graph != given_graph).nnz == 0


def test_edges_pull_their_ends_together() -> None:
    start, graph = ring(500)
    xy = optimize_layout(start, graph, CURVE, 100, 0, no_progress)
    assert np.isfinite(xy).all()
    lengths = np.linalg.norm(xy - np.roll(xy, -1, axis=0), axis=1)
    random_pairs = np.linalg.norm(xy - np.roll(xy, 250, axis=0), axis=1)
    assert np.median(lengths) < np.median(random_pairs) / 10


def test_a_heavier_edge_is_sampled_more_often() -> None:
    start = np.array([[0, 0], [3, 0], [0, 50], [3, 50]], np.float32)
    weights = np.array([1.0, 1.0, 0.1, 0.1])
    graph = csr_matrix((weights, ([0, 1, 2, 3], [1, 0, 3, 2])), (4, 4))
    xy = optimize_layout(start, graph, CURVE, 10, 0, no_progress)
    gaps = np.linalg.norm(xy[[0, 2]] - xy[[1, 3]], axis=1)
    assert gaps[0] < gaps[1] < 3.5


def test_equal_positions_do_not_move_each_other() -> None:
    _, graph = ring(50)
    np.testing.assert_array_equal(optimize_layout(np.zeros((50, 2), np.float32), graph, CURVE, 5, 0, no_progress), 0)
