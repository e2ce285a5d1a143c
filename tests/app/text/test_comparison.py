"""Sentences about the overlap and the differences of two selections."""

from __future__ import annotations

import numpy as np

from adq_core.selection.comparison import compare
from app.text.comparison import difference_sentence, overlap_sentence

ZEROS = np.zeros(100, np.int64)


def overlap(a: list[int], b: list[int], m: int = 100) -> str:
    return overlap_sentence(compare(np.array(a, int), np.array(b, int), ZEROS[:m], ZEROS[:m]))


def test_the_overlap_is_compared_with_chance() -> None:
    assert overlap([1, 2], [2, 1]) == (
        "A and B are the same 2 images. Two random selections of this size would have an overlap of 1.3%."
    )
    subset = overlap(list(range(10)), list(range(20)))
    assert "**50.0% are in both** (Jaccard 0.500)" in subset
    assert subset.endswith(
        "so the overlap of A and B is larger than by chance. For these sizes, Jaccard is at most 0.500. B contains all "
        "of A."
    )
    assert overlap(list(range(50)), list(range(50, 100))).endswith("smaller than by chance.")
    assert overlap([0, 1, 2], [3, 4, 5]).endswith("as expected by chance.")
    assert overlap([0, 1, 2], [0, 1], 3).endswith("Any two selections of these sizes have an overlap of 66.7%.")
    assert overlap([], []) == "Both selections are empty."


def test_the_differences_are_named_from_the_largest() -> None:
    counts = np.array([[5, 3, 0], [5, 0, 1], [5, 2, 2], [5, 0, 2]])
    names = ["p", "*q*", "r", "s"]
    assert difference_sentence(counts, names) == (
        r"A has more images of p (+3) and fewer images of s (−2), \*q\* (−1) than B."
    )
    assert difference_sentence(counts, names, 1).endswith("fewer images of s (−2) and 1 other than B.")
    assert difference_sentence(counts[2:3], names) == (
        "A and B have the same number of images in each, but different images."
    )
    assert difference_sentence(np.array([[5, 0, 0]]), names) == "There is no difference."


def test_an_overlap_inside_the_interval_is_as_expected_by_chance() -> None:
    b = [*range(25), *range(50, 75)]  # 25 of 50 images in common, the expected number
    assert overlap(list(range(50)), b).endswith("as expected by chance.")


def test_a_selection_that_contains_the_other_is_named() -> None:
    assert overlap(list(range(20)), list(range(10))).endswith("A contains all of B.")
