from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.errors import InputError
from adq_core.evidence import split_test_images, splits


@given(st.lists(st.integers(2, 40), min_size=2, max_size=8), st.integers(0, 99))
def test_each_class_has_test_images_and_others(counts: list[int], seed: int) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    if len(labels) < splits.MIN_IMAGES:
        return
    test = split_test_images(labels, seed=seed)
    for label, count in enumerate(counts):
        inside = int(test[labels == label].sum())
        assert 1 <= inside < count
        assert abs(inside - 0.2 * count) <= 1
    assert (test == split_test_images(labels, seed=seed)).all()


def test_another_seed_gives_other_test_images() -> None:
    labels = np.arange(100) % 4
    assert (split_test_images(labels, seed=0) != split_test_images(labels, seed=1)).any()


def test_at_most_ten_thousand_images_are_test_images() -> None:
    assert abs(split_test_images(np.arange(200_000) % 10).sum() - 10_000) <= 10


def test_a_class_of_one_image_has_no_test_image() -> None:
    labels = np.array([0] * 30 + [1])
    assert not split_test_images(labels)[30]


def test_one_class_or_too_few_images_are_refused() -> None:
    with pytest.raises(InputError, match=r"Evidence needs at least two classes, got 1. Give class folders"):
        split_test_images(np.zeros(50, np.int64))
    with pytest.raises(InputError, match="at least 20 images, got 19"):
        split_test_images(np.arange(19) % 2)
