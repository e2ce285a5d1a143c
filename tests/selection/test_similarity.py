"""Images like one image: against the slow form, with ties, zeros and duplicates that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from adq_core.data.arrays import dataset_from_arrays
from adq_core.selection import similarity as neighbours
from adq_core.selection.similarity import (
    cosines_to,
    most_similar_rows,
    near_duplicate_threshold,
    nearest_cosine_sample,
    random_pair_cosines,
    same_pixels,
)
from tests import oracles

VECTORS = hnp.arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(1, 5)), elements=st.integers(-3, 3))


@given(VECTORS, st.data())
def test_cosines_are_those_of_the_definition_in_any_blocks(vectors: np.ndarray, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(vectors) - 1))
    whole = cosines_to(vectors, row)
    assert whole == pytest.approx(oracles.cosines(vectors.tolist(), row), abs=1e-12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "BLOCK", data.draw(st.integers(1, 7)))
        assert cosines_to(vectors, row) == pytest.approx(whole, abs=1e-12)


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=30), st.integers(0, 8), st.data())
def test_the_nearest_are_the_first_of_all_sorted(values: list[int], k: int, data: st.DataObject) -> None:
    among = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    cosines = np.array(values) / 2
    wanted = sorted(np.flatnonzero(among).tolist(), key=lambda row: (-cosines[row], row))[:k]
    assert most_similar_rows(cosines, among, k).tolist() == wanted


def test_usual_cosines_are_of_pairs_of_different_images() -> None:
    vectors = np.eye(4, dtype=np.float32)
    assert random_pair_cosines(vectors, 1000).max() == 0, "a pair of an image with itself would give 1"
    assert random_pair_cosines(vectors[:1]).size == 0
    drawn = random_pair_cosines(np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32), 1000)
    assert (np.diff(drawn) >= 0).all()
    assert drawn[0] < -0.9 < 0.9 < drawn[-1]


@given(VECTORS, st.data())
def test_the_usual_nearest_is_everybodys_nearest_where_all_are_asked(vectors: np.ndarray, data: st.DataObject) -> None:
    every = [oracles.cosines(vectors.tolist(), row) for row in range(len(vectors))]
    wanted = sorted(
        max(c for other, c in enumerate(every[row]) if other != row) for row in range(len(every)) if len(every) > 1
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "BLOCK", data.draw(st.integers(1, 7)))
        assert nearest_cosine_sample(vectors) == pytest.approx(wanted, abs=1e-12)


def test_a_duplicate_is_ten_times_nearer_than_is_usual() -> None:
    assert near_duplicate_threshold(np.array([0.5, 0.9, 0.95])) == pytest.approx(0.99)
    assert near_duplicate_threshold(np.array([0.8, 1.0, 1.0])) == 1
    assert near_duplicate_threshold(np.empty(0)) == 1


def test_the_same_pixels_are_told_from_almost_the_same() -> None:
    images = np.random.default_rng(0).integers(0, 255, (4, 6, 6, 3)).astype(np.uint8)
    images[2] = images[0]
    images[3] = images[0]
    images[3, 0, 0, 0] ^= 1
    data = dataset_from_arrays(images, ["a"] * 4, name="four")
    assert same_pixels(data, 0, np.array([1, 2, 3])).tolist() == [False, True, False]
    assert same_pixels(data, 0, np.array([], np.int64)).shape == (0,)
