"""Positions of labels on a map."""

from __future__ import annotations

import numpy as np

from adq_core.projection import label_places


def test_labels_are_at_their_groups_and_apart_from_each_other() -> None:
    rng = np.random.default_rng(0)
    group_of = np.repeat(np.arange(3), 200)
    xy = rng.normal(size=(600, 2)) * 0.2 + np.array([[0, 0], [10, 0], [0, 10]])[group_of]
    places = label_places(xy.astype(np.float32), group_of, 3)
    np.testing.assert_allclose(places, [[0, 0], [10, 0], [0, 10]], atol=0.5)
    same = label_places(rng.normal(size=(600, 2)).astype(np.float32), rng.integers(0, 5, 600), 5)
    gaps = np.abs(same[:, None] - same[None]) / np.ptp(rng.normal(size=600)).clip(6)
    assert all(max(gaps[i, j, 0] * 8, gaps[i, j, 1] * 20) > 0.5 for i in range(5) for j in range(i))


def test_an_empty_group_has_a_label_too() -> None:
    assert np.isfinite(label_places(np.zeros((3, 2), np.float32), np.zeros(3, int), 2)).all()
