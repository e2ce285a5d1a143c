"""Samples and neighbours that embeddings and maps are fitted on: which rows, which distances."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.data.arrays import dataset_from_arrays
from adq_core.embeddings import embed
from adq_core.embeddings import pixels as pixels_module
from adq_core.linalg import fix_signs
from adq_core.projection import pca, project, quality, umap
from tests import oracles


def test_neighbour_distances_are_euclidean_and_each_point_is_its_own_first() -> None:
    points = np.random.default_rng(0).normal(0, 3, (40, 4)).astype(np.float32)
    indices, distances = umap.nearest_with_distances(points, np.random.RandomState(0), lambda *_: None)
    every = oracles.distances(points)
    for row in range(40):
        assert indices[row].tolist() == [row, *oracles.nearest_others(points, row, 14)]
        assert distances[row] == pytest.approx(every[row, indices[row]], rel=1e-5)


def test_umap_receives_these_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    import umap.umap_ as library

    received: dict[str, np.ndarray] = {}
    original = library.fuzzy_simplicial_set

    def record(*arguments: object, **named: np.ndarray) -> object:
        received.update(named)
        return original(*arguments, **named)

    monkeypatch.setattr(library, "fuzzy_simplicial_set", record)
    vectors = np.random.default_rng(1).normal(1, 1, (60, 5))
    project(vectors)
    unit = oracles.unit_rows(vectors)
    for row in range(60):
        assert received["knn_indices"][row].tolist() == [row, *oracles.nearest_others(unit.astype(np.float32), row, 14)]
    every = oracles.distances(unit)
    found = every[np.arange(60)[:, None], received["knn_indices"]]
    np.testing.assert_allclose(received["knn_dists"], found, atol=1e-5)


def test_pixel_axes_are_fitted_on_a_sample_drawn_with_seed_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (90, 32, 32, 3), dtype=np.uint8)
    monkeypatch.setattr(pixels_module, "SAMPLE", 40)
    found = embed(dataset_from_arrays(images, np.zeros(90, int)), name="pixels").vectors
    rows = np.sort(np.random.default_rng(0).choice(90, 40, replace=False))
    flat = images.reshape(90, 1024, 3).astype(float)
    scaled = (flat - flat[rows].mean(axis=0)) / flat[rows].std(axis=(0, 1))
    scaled = scaled.reshape(90, -1)
    _, _, axes = np.linalg.svd(scaled[rows], full_matrices=False)
    expected = scaled @ axes.T[:, : found.shape[1]]
    for column in range(10):
        assert abs(np.corrcoef(found[:, column], expected[:, column])[0, 1]) > 0.999


@pytest.mark.parametrize("dimensions", [3, 3000])
def test_map_axes_are_fitted_on_a_sample_drawn_with_seed_zero(dimensions: int) -> None:
    count, most = (9000, 8192) if dimensions == 3 else (2100, 2048)
    vectors = np.random.default_rng(3).normal(0, 1, (count, dimensions)).astype(np.float32)
    mean, axes = pca.fit_axes(vectors, 2)
    rows = np.sort(np.random.default_rng(0).choice(count, most, replace=False))
    np.testing.assert_allclose(mean, vectors[rows].astype(float).mean(axis=0), atol=1e-9)
    if dimensions == 3:
        _, expected = np.linalg.eigh(np.cov(vectors[rows].T.astype(float)))
        np.testing.assert_allclose(axes, fix_signs(expected[:, ::-1][:, :2]), atol=1e-6)


def test_preservation_of_a_large_map_is_of_rows_drawn_with_seed_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "EXACT_KNN_MAX", 50)
    monkeypatch.setattr(quality, "RECALL_SAMPLE", 20)
    rng = np.random.default_rng(4)
    vectors, xy = rng.normal(size=(80, 5)), rng.normal(size=(80, 2))
    rows = np.random.default_rng(0).choice(80, 20, replace=False)
    unit = oracles.unit_rows(vectors)
    shares = [
        len({*oracles.nearest_others(unit, row, 10)} & {*oracles.nearest_others(xy, row, 10)}) / 10 for row in rows
    ]
    assert quality.mean_knn_recall(vectors, xy) == pytest.approx(np.mean(shares))


def test_umap_learn_has_the_functions_that_the_map_uses() -> None:
    """They are not part of its public interface; see `adq_core/projection/umap.py`."""
    import inspect

    import umap.umap_ as library

    assert {"knn_indices", "knn_dists"} <= set(inspect.signature(library.fuzzy_simplicial_set).parameters)
    assert {"init", "random_state", "tqdm_kwds", "output_dens"} <= set(
        inspect.signature(library.simplicial_set_embedding).parameters
    )
    assert "n_jobs" in inspect.signature(library.nearest_neighbors).parameters
    assert list(inspect.signature(library.find_ab_params).parameters)[:2] == ["spread", "min_dist"]
