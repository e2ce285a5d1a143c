"""Similar images and possible duplicates of one image."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.views.image import lookup

COSINES = np.array([1.0, 0.9995, 0.3, 0.98, 1.0])  # of row 0 to every row; row 4 has the same pixels
FACTS = lookup.ImageFacts(COSINES, np.zeros((1, 1)), np.array([4]))


def test_an_image_is_neither_similar_to_itself_nor_its_own_duplicate() -> None:
    selected = np.array([True, True, True, False, False])
    assert lookup.similar_selected(FACTS, selected, 0, 12).tolist() == [1, 2]
    assert lookup.similar_selected(FACTS, selected, 0, 1).tolist() == [1]
    assert selected[0], "the argument is unchanged"
    assert lookup.possible_duplicates(FACTS, 0.97, 0).tolist() == [4, 1, 3], "the same pixels come first"


def test_neighbours_end_at_both_ends() -> None:
    rows = np.array([5, 2, 9])
    assert [lookup.neighbours(rows, row) for row in (5, 2, 9)] == [(None, 2), (5, 9), (2, None)]


def test_the_share_of_random_pairs_that_are_more_similar() -> None:
    baseline = lookup.SimilarityBaseline(np.array([0.1, 0.2, 0.5, 0.9]), 0.99)
    assert [baseline.share_more_similar(cosine) for cosine in (0.0, 0.2, 0.6, 0.9)] == [1.0, 0.5, 0.25, 0.0]


def test_equal_values_count_half_in_a_percentile() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0])
    assert [lookup.percentile(values, value) for value in (0.5, 1.0, 2.0, 9.0)] == [0.0, 0.125, 0.5, 1.0]


@pytest.mark.parametrize(("quota", "row"), [(0, 4), (1, 4), (2, 1), (3, 2)])
def test_without_an_image_the_page_shows_the_last_selected_one_of_the_bin(quota: int, row: int) -> None:
    run: Any = SimpleNamespace(
        bins=SimpleNamespace(bin_of=np.array([1, 0, 0, 1, 0])),
        draw_order=SimpleNamespace(draw_position=np.array([0, 1, 2, 1, 0])),  # bin 0: rows 4, 1, 2
        quotas=SimpleNamespace(quota=np.array([quota, 2])),
    )
    assert lookup.default_row(run, 0) == row
