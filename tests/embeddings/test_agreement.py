"""Neighbours that agree on the class: by hand, against a slow oracle, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.embeddings import agreement, neighbour_agreement
from adq_core.embeddings.agreement import nearest, vote_accuracy
from tests import oracles
from tests.fakes import fake_dataset


def flat(colours: list[int]) -> list[np.ndarray]:
    return [np.full((32, 32, 3), colour, np.uint8) for colour in colours]


def test_votes_by_hand() -> None:
    near = np.array([[1, 2, 3], [0, 2, 3], [3, 0, 1], [2, 0, 1]])
    labels = np.array([0, 0, 1, 1])
    # Row 0 sees classes 0, 1, 1: wrong. Row 1: 0, 1, 1: wrong. Row 2: 1, 0, 0: wrong. Row 3: 1, 0, 0: wrong.
    assert vote_accuracy(near, labels) == 0
    # With two neighbours there is a tie in every row, and the nearest one has the class of the row.
    assert vote_accuracy(near[:, :2], labels) == 1
    assert vote_accuracy(near[:, 1:2], labels) == 0


def test_five_votes_for_one_class_are_more_than_any_places() -> None:
    near = np.array([[1, 2, 3, 4, 5], *[[0] * 5] * 5])
    labels = np.array([1, 0, 0, 1, 1, 1])  # the two nearest have class 0, three others class 1
    assert vote_accuracy(near, labels) == pytest.approx(4 / 6)  # rows 1 and 2 see only row 0, of the other class


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_neighbours_are_those_of_highest_cosine(n: int, d: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    unit = oracles.unit_rows(vectors).astype(np.float32)
    found = nearest(vectors)
    k = min(5, n - 1)
    assert found.shape == (n, k)
    every = oracles.distances(unit)
    for row in range(n):
        expected = oracles.nearest_others(unit, row, k)
        np.testing.assert_allclose(every[row, found[row]], every[row, expected], atol=1e-3)


def test_an_embedding_that_knows_the_class_beats_pixels_that_do_not() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    dataset = fake_dataset([rng.integers(0, 256, (32, 32, 3), dtype=np.uint8) for _ in labels], labels)
    vectors = np.eye(2)[labels] + rng.normal(0, 0.05, (40, 2))
    told: list[tuple[int, int, str]] = []
    found = neighbour_agreement(dataset, vectors, progress=lambda *now: told.append(now))
    assert found.accuracy == 1
    assert found.pixels_accuracy is not None
    assert found.pixels_accuracy < 0.8
    assert found.largest_class == 0.5
    assert found.n_images == 40
    assert found.shared is not None
    assert 0 < found.shared < 0.5
    assert told[0] == (0, 3, "comparing neighbours")


def test_the_vectors_of_pixels_share_all_neighbours_with_pixels() -> None:
    from adq_core.embeddings import embed

    dataset = fake_dataset(flat([0, 10, 30, 70, 120, 180, 255]), [0, 0, 0, 1, 1, 1, 1])
    found = neighbour_agreement(dataset, embed(dataset, name="pixels").vectors)
    assert found.shared == 1
    assert found.accuracy == found.pixels_accuracy
    assert found.largest_class == pytest.approx(4 / 7)


def test_a_large_set_is_compared_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "SAMPLE", 10)
    labels = np.arange(30) % 2
    found = neighbour_agreement(fake_dataset(flat(list(range(0, 240, 8))), labels), np.eye(2)[labels])
    assert found.n_images == 10
    assert found.accuracy == 1
    rows = np.sort(np.random.default_rng(0).choice(30, 10, replace=False))
    assert found.largest_class == np.bincount(labels[rows]).max() / 10


def test_one_image_has_no_neighbours() -> None:
    found = neighbour_agreement(fake_dataset(flat([9])), np.ones((1, 3)))
    assert (found.n_images, found.accuracy, found.largest_class, found.shared) == (1, 0.0, 1.0, None)
