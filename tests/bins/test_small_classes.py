"""Classes with fewer images than bins: every image is in one bin, and other classes are divided as without them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.bins import KERNELS, SCHEDULES, make_bins


@st.composite
def classes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Return vectors, labels in mixed order, and a number of bins that only the largest class must fill."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=5))
    n_bins = draw(st.integers(1, max(sizes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return rng.normal(size=(len(labels), 3)), labels, n_bins


@given(classes(), st.sampled_from(sorted(SCHEDULES)), st.sampled_from(["cosine", "euclidean"]))
def test_every_image_is_in_exactly_one_bin(
    case: tuple[np.ndarray, np.ndarray, int], schedule: str, kernel: str
) -> None:
    vectors, labels, n_bins = case
    bins = make_bins(vectors, labels, n_bins=n_bins, schedule=schedule, kernel=kernel)
    assert bins.bin_of.min() >= 0
    assert bins.bin_of.max() < n_bins
    assert bins.capacity.sum() == len(labels)
    assert (bins.capacity >= 1).all(), "no bin is empty"
    for label in np.unique(labels):
        inside = labels == label
        counts = np.bincount(bins.bin_of[inside], minlength=n_bins)
        assert counts.tolist() == SCHEDULES[schedule](int(inside.sum()), n_bins, 0.0)
        assert sorted(bins.rank[inside]) == list(range(inside.sum()))
        if inside.sum() < n_bins:
            assert bins.bin_of[inside].tolist() == bins.rank[inside].tolist(), "the greedy's order, one per bin"


@given(classes())
def test_small_classes_do_not_change_the_bins_of_other_classes(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    vectors, labels, n_bins = case
    enough = np.isin(labels, np.flatnonzero(np.bincount(labels) >= n_bins))
    together = make_bins(vectors, labels, n_bins=n_bins)
    alone = make_bins(vectors[enough], labels[enough], n_bins=n_bins)
    for name in ("bin_of", "rank", "gain"):
        assert getattr(together, name)[enough].tolist() == getattr(alone, name).tolist()


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_a_class_of_one_image_is_in_the_first_bin(kernel: str) -> None:
    rng = np.random.default_rng(0)
    labels = np.array([0] * 8 + [1])
    bins = make_bins(rng.normal(size=(9, 4)), labels, n_bins=4, kernel=kernel)
    assert (bins.bin_of[8], bins.rank[8]) == (0, 0)
    assert bins.capacity.tolist() == [3, 2, 2, 2]


@given(classes())
def test_the_gain_of_a_small_class_is_that_of_the_definition(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    vectors, labels, n_bins = case
    bins = make_bins(vectors, labels, n_bins=n_bins)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for label in np.flatnonzero((np.bincount(labels) < n_bins) & (np.bincount(labels) > 0)):
        left = np.flatnonzero(labels == label)
        for row in left[np.argsort(bins.rank[left])]:
            kernel = 0.5 + 0.5 * unit[left] @ unit[left].T
            assert bins.gain[row] == pytest.approx(kernel.sum(axis=0).max())
            left = left[left != row]
