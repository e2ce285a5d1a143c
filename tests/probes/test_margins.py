"""Out-of-fold margins find images whose class another probe would not give them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Run, Settings
from adq_core.errors import InputError
from adq_core.probes import out_of_fold_margins, probe_features, stratified_folds
from adq_core.storage import Store


@given(st.lists(st.integers(0, 4), min_size=5, max_size=80), st.integers(2, 7), st.integers(0, 9))
def test_each_class_is_spread_evenly_over_the_folds(labels: list[int], n_folds: int, seed: int) -> None:
    fold = stratified_folds(np.array(labels), n_folds, seed)
    assert np.ptp(np.bincount(fold, minlength=n_folds)) <= 1
    for label in set(labels):
        assert np.ptp(np.bincount(fold[np.array(labels) == label], minlength=n_folds)) <= 1


def test_wrong_labels_have_the_smallest_margins_and_the_true_class_is_preferred() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(600) % 4
    x = (4 * np.eye(4, 12)[truth] + rng.normal(size=(600, 12))).astype(np.float32)
    wrong = rng.choice(600, 30, replace=False)
    labels = truth.copy()
    labels[wrong] = (truth[wrong] + 1) % 4
    margin, other = out_of_fold_margins(probe_features(x), labels, 4)
    assert len(set(np.argsort(margin)[:30]) & set(wrong)) >= 28
    assert (margin[wrong] < 0).mean() > 0.9
    assert (other[wrong] == truth[wrong]).mean() > 0.9
    right = np.setdiff1d(np.arange(600), wrong)
    assert (margin[right] > 0).mean() > 0.95


def test_an_image_has_no_part_in_its_own_margin() -> None:
    """With more dimensions than images, a probe that has seen an image gives it any label."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 300)).astype(np.float32)
    labels = rng.permutation(np.arange(100) % 2)
    margin, _ = out_of_fold_margins(probe_features(x), labels, 2)
    assert 0.3 < (margin > 0).mean() < 0.7


@pytest.mark.parametrize(("m", "n_classes"), [(4, 2), (50, 1)])
def test_too_little_for_margins_is_an_error(m: int, n_classes: int) -> None:
    with pytest.raises(InputError, match=f"Margins need two classes and 5 images, got {n_classes} and {m}"):
        out_of_fold_margins(np.zeros((m, 2), np.float32), np.arange(m) % n_classes, n_classes)


def test_flipped_labels_of_photographs_have_the_smallest_margins(tmp_path) -> None:
    """Of 5 % flipped labels, at least four of five are among the 5 % of smallest margin."""
    run = Run(Settings(dataset="photos"), Store(tmp_path))
    labels, n_classes = run.dataset.labels.copy(), run.dataset.n_classes
    rng = np.random.default_rng(0)
    count = round(0.05 * len(labels))
    wrong = rng.choice(len(labels), count, replace=False)
    labels[wrong] = (labels[wrong] + rng.integers(1, n_classes, count)) % n_classes
    margin, _ = out_of_fold_margins(probe_features(run.embeddings.vectors), labels, n_classes)
    assert np.isin(np.argsort(margin)[:count], wrong).mean() >= 0.8
