"""The scores on the built-in `shapes`, whose properties are known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from adq_core.bins import make_bins
from adq_core.data import shapes
from adq_core.data.dataset import ImageDataset
from adq_core.records import AugmentedFeatures
from adq_core.scores import diversity
from adq_core.texture.sobel import mean_textures


@pytest.fixture(scope="module")
def drawn() -> ImageDataset:
    return shapes.shapes()


def test_the_texture_level_raises_rep_monotonically() -> None:
    rng = np.random.default_rng(0)
    one = shapes.random_drawing(np.arange(10), rng)
    levels = []
    for level in np.linspace(0, 1, 6):
        shown = shapes.draw(replace(one, texture_level=np.full(10, level, np.float32)))
        with ThreadPoolExecutor(1) as pool:
            levels.append(mean_textures(list(shown), pool, 1))
    assert (np.diff(np.array(levels), axis=0) > 0).all(), "for every kind of shape"


def test_a_bin_of_near_duplicates_has_less_diversity_than_one_without(drawn: ImageDataset) -> None:
    truth = shapes.shapes_truth()
    copies = np.flatnonzero((truth.duplicate_group >= 0) & (truth.outlier == 0))
    largest = np.argsort(-np.bincount(truth.duplicate_group[copies]))[:4]
    alike = copies[np.isin(truth.duplicate_group[copies], largest)]
    label = drawn.labels[alike]
    apart = np.concatenate([_different(drawn, truth, kind, int((label == kind).sum())) for kind in np.unique(label)])
    rows = np.concatenate([alike, apart])
    pixels = np.array([drawn.read(int(row)) for row in rows], np.float32).reshape(len(rows), -1)
    seen = AugmentedFeatures(vectors=(pixels - pixels.mean())[None], name="pixels", key="pixels")
    bin_of = np.repeat([0, 1], [len(alike), len(apart)])
    assert len(alike) == len(apart)
    for measure in diversity.DIVERSITIES.values():
        measured = measure(seen, bin_of, 2)
        assert measured.diversity[0] < measured.diversity[1]
        assert measured.mean_cosine[0] > measured.mean_cosine[1]


def _different(drawn: ImageDataset, truth: shapes.ShapesTruth, kind: int, count: int) -> np.ndarray:
    """Return images of one class that are neither near duplicates nor outliers."""
    alone = (drawn.labels == kind) & (truth.duplicate_group < 0) & (truth.outlier == 0)
    return np.flatnonzero(alone)[:count]


def test_noise_images_are_in_late_bins(drawn: ImageDataset) -> None:
    truth = shapes.shapes_truth()
    rows = np.flatnonzero(drawn.labels == drawn.labels[0])
    rows = np.concatenate([rows[truth.outlier[rows] != 0], rows[truth.outlier[rows] == 0][:300]])
    pixels = np.array([drawn.read(int(row)) for row in rows], np.float32).reshape(len(rows), -1)
    bins = make_bins(pixels / 255, np.zeros(len(rows), np.int64), n_bins=10)
    noise = truth.outlier[rows] == shapes.NOISE
    assert noise.sum() == 4
    assert bins.bin_of[noise].mean() >= 8
    assert bins.bin_of[~noise].mean() < 5
