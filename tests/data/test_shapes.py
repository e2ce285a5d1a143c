"""The drawn images: their known properties can be measured in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import convolve1d
from scipy.stats import spearmanr

from adq_core.data.arrays import digest_of
from adq_core.data.shapes import BLANK, MISLABELLED, NOISE, SHAPES, draw, random_drawing, shapes, shapes_truth

DATA, TRUTH = shapes(), shapes_truth()
PIXELS = DATA.thumbnails


def sobel_texture(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean absolute Sobel response of each image, which depends on the texture level."""
    grey = images.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32) / 255
    total = np.zeros(len(grey))
    for along, across in ((1, 2), (2, 1)):
        edges = convolve1d(
            convolve1d(grey, [1, 0, -1], axis=along, mode="mirror"), [1, 2, 1], axis=across, mode="mirror"
        )
        total += 0.5 * np.abs(edges).mean(axis=(1, 2))
    return total


def test_there_are_ten_thousand_and_always_the_same() -> None:
    assert PIXELS.shape == (10_000, 32, 32, 3)
    assert (DATA.class_counts == 1000).all()
    assert DATA.class_names == tuple(sorted(SHAPES))
    assert digest_of(PIXELS) == "990bd36cc3c06389b366dee90b0a941b"  # on every machine


def test_a_higher_texture_level_gives_each_image_more_texture() -> None:
    drawing = random_drawing(np.arange(200) % len(SHAPES), np.random.default_rng(1))
    textures = [
        sobel_texture(draw(replace(drawing, texture_level=np.full(200, level, np.float32))))
        for level in (0, 0.25, 0.5, 1)
    ]
    assert (np.diff(textures, axis=0) > 0).all()


def test_the_texture_level_orders_the_data_set_by_texture() -> None:
    plain = TRUTH.outlier == 0
    assert spearmanr(sobel_texture(PIXELS[plain]), TRUTH.texture_level[plain]).statistic > 0.95
    assert np.isfinite(TRUTH.texture_level[plain]).all()
    assert np.isnan(TRUTH.texture_level[TRUTH.outlier >= NOISE]).all()


def test_near_duplicates_are_near_and_others_are_not() -> None:
    sizes = np.bincount(TRUTH.duplicate_group[TRUTH.duplicate_group >= 0])
    assert np.bincount(sizes).nonzero()[0].tolist() == [2, 5, 10]
    assert [(sizes == k).sum() for k in (2, 5, 10)] == [200, 60, 20]
    for group in range(0, len(sizes), 7):
        rows = np.flatnonzero(TRUTH.duplicate_group == group)
        assert len(set(DATA.labels[rows])) == 1
        assert (TRUTH.outlier[rows] == 0).all()
        difference = PIXELS[rows].astype(int) - PIXELS[rows[0]]
        assert np.abs(difference).max() <= 3
        assert len({PIXELS[row].tobytes() for row in rows}) == len(rows)  # similar, but not equal
    some = PIXELS[TRUTH.duplicate_group < 0][:400].reshape(400, -1).astype(np.float32)
    some = some[TRUTH.outlier[TRUTH.duplicate_group < 0][:400] != BLANK]
    norms = (some**2).sum(axis=1)
    squared = norms[:, None] + norms - 2 * some @ some.T + np.diag(np.full(len(some), 1e12))
    assert squared.min() > (4 * 3) ** 2 * 32 * 32 * 3  # at least four times as far as the furthest duplicates


@pytest.mark.parametrize("kind", [MISLABELLED, NOISE, BLANK])
def test_outliers_are_spread_evenly(kind: int) -> None:
    rows = np.flatnonzero(TRUTH.outlier == kind)
    assert np.bincount(DATA.labels[rows], minlength=10).tolist() == [4] * 10
    assert (TRUTH.duplicate_group[rows] == -1).all()
    spread = PIXELS[rows].std(axis=(1, 2)).max(axis=1)
    if kind == BLANK:
        assert (spread == 0).all()
    if kind == NOISE:
        assert (spread > 70).all()
    assert ((TRUTH.drawn_kind[rows] != DATA.labels[rows]).all()) == (kind == MISLABELLED)


def test_no_pixel_is_black_or_white_so_the_grain_is_never_clipped() -> None:
    drawing = random_drawing(np.arange(300) % len(SHAPES), np.random.default_rng(2))
    loudest = draw(replace(drawing, texture_level=np.ones(300, np.float32)))
    assert loudest.min() >= 5
    assert loudest.max() <= 250


def test_every_kind_is_visible() -> None:
    for kind in range(len(SHAPES)):
        drawing = random_drawing(np.full(40, kind), np.random.default_rng(kind))
        quiet = draw(replace(drawing, texture_level=np.zeros(40, np.float32))).astype(int)
        inked = (np.abs(quiet - quiet[:, :1, :1]).max(axis=3) > 30).mean(axis=(1, 2))
        assert inked.min() > 0.02
        assert inked.max() < 0.5
