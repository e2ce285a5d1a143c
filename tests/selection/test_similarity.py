"""Similar images compared with slow oracles, for vectors with ties, zeros and known duplicates."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from adq_core.data.arrays import dataset_from_arrays
from adq_core.selection import similarity
from adq_core.selection.similarity import (
    cosines_to,
    cosines_with,
    most_similar_rows,
    near_duplicate_threshold,
    nearest_cosine_sample,
    random_pair_cosines,
    same_pixels,
)
from tests import oracles

VECTORS = hnp.arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=st.integers(-3, 3))


@given(VECTORS, st.data())
def test_cosines_equal_the_definition_for_every_block_size(vectors: np.ndarray, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(vectors) - 1))
    cosines = cosines_to(vectors, row)
    assert cosines == pytest.approx(oracles.cosines(vectors.tolist(), row), abs=1e-12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "BLOCK", data.draw(st.integers(1, 7)))
        assert cosines_to(vectors, row) == pytest.approx(cosines, abs=1e-12)


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=30), st.integers(0, 8), st.data())
def test_the_most_similar_rows_are_the_first_after_sorting(values: list[int], k: int, data: st.DataObject) -> None:
    among = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    cosines = np.array(values) / 2
    expected = sorted(np.flatnonzero(among).tolist(), key=lambda row: (-cosines[row], row))[:k]
    assert most_similar_rows(cosines, among, k).tolist() == expected


def test_random_pairs_are_pairs_of_different_images() -> None:
    vectors = np.eye(4, dtype=np.float32)
    assert random_pair_cosines(vectors, 1000).max() == 0, "a pair of an image with itself would give 1"
    assert random_pair_cosines(vectors[:1]).size == 0
    drawn = random_pair_cosines(np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32), 1000)
    assert (np.diff(drawn) >= 0).all()
    assert drawn[0] < -0.9 < 0.9 < drawn[-1]


@given(VECTORS, st.data())
def test_a_sample_of_all_images_contains_every_nearest_cosine(vectors: np.ndarray, data: st.DataObject) -> None:
    every = [oracles.cosines(vectors.tolist(), row) for row in range(len(vectors))]
    expected = sorted(
        max(c for other, c in enumerate(every[row]) if other != row) for row in range(len(every)) if len(every) > 1
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "BLOCK", data.draw(st.integers(1, 7)))
        assert nearest_cosine_sample(vectors) == pytest.approx(expected, abs=1e-12)


def test_the_threshold_is_a_tenth_of_the_median_distance() -> None:
    assert near_duplicate_threshold(np.array([0.5, 0.9, 0.95])) == pytest.approx(0.99)
    assert near_duplicate_threshold(np.array([0.8, 1.0, 1.0])) == 1
    assert near_duplicate_threshold(np.empty(0)) == 1


def test_equal_pixels_are_distinguished_from_almost_equal_ones() -> None:
    images = np.random.default_rng(0).integers(0, 255, (4, 6, 6, 3)).astype(np.uint8)
    images[2] = images[0]
    images[3] = images[0]
    images[3, 0, 0, 0] ^= 1
    data = dataset_from_arrays(images, ["a"] * 4, name="four")
    assert same_pixels(data, 0, np.array([1, 2, 3])).tolist() == [False, True, False]
    assert same_pixels(data, 0, np.array([], np.int64)).shape == (0,)


@pytest.mark.parametrize("width", [3, 1280, 3_000_000])
def test_cosines_with_a_vector_in_blocks_are_those_of_all_at_once(width: int) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(7 if width > 10_000 else 2000, width)).astype(np.float32)
    vectors[1] = 0
    query = rng.normal(size=width).astype(np.float32)
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1) * np.linalg.norm(query.astype(np.float64))
    expected = vectors.astype(np.float64) @ query / np.where(lengths > 0, lengths, 1)
    assert cosines_with(vectors, query) == pytest.approx(expected, abs=1e-12)
    assert cosines_with(vectors, vectors[2]) == pytest.approx(cosines_to(vectors, 2))


def test_a_search_needs_little_memory_beside_the_vectors() -> None:
    vectors = np.ones((100_000, 256), np.float32)
    tracemalloc.start()
    cosines_with(vectors, vectors[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80e6  # the vectors have 102 MB
