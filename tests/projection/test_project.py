from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adq_core import linalg
from adq_core.errors import Cancelled, SettingsError
from adq_core.linalg import exact_knn, unit_rows
from adq_core.projection import compile_umap, knn_recall, mean_knn_recall, project, quality
from adq_core.projection import umap as umap_module
from adq_core.projection._project import PROJECTIONS
from adq_core.projection.pca import fit_axes
from tests import oracles
from tests.fakes import Cancels


def islands(count: int, each: int = 40, dimensions: int = 20, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(count), each)
    return (rng.normal(size=(count, dimensions)) * 5)[label] + rng.normal(size=(len(label), dimensions)), label


@pytest.mark.parametrize("method", PROJECTIONS)
@pytest.mark.parametrize("count", [1, 2, 3, 15, 16, 17, 60])
@pytest.mark.parametrize("dimensions", [1, 2, 64])
def test_any_number_of_images_has_a_map(method: str, count: int, dimensions: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(count, dimensions)).astype(np.float32)
    made = project(vectors, method=method, key="k")
    assert made.xy.shape == (count, 2)
    assert made.xy.dtype == np.float32
    assert np.isfinite(made.xy).all()
    assert made.method == ("umap" if method == "umap" and count > 15 else "pca") or dimensions == 1


def test_too_few_images_for_umap_give_the_map_by_pca_and_a_note() -> None:
    made = project(np.random.default_rng(0).normal(size=(15, 4)))
    assert (made.method, made.note) == (
        "pca",
        "UMAP needs more than 15 images, so these 15 are shown by PCA.",
    )
    assert project(np.random.default_rng(0).normal(size=(16, 4))).note == ""


@pytest.mark.parametrize("vectors", [np.zeros((30, 3)), np.ones((30, 3)), np.arange(1, 31)[:, None] * np.ones((1, 3))])
def test_equal_directions_are_one_point_and_give_a_note(vectors: np.ndarray) -> None:
    made = project(vectors)
    assert made.method == "pca"
    assert made.note == "All vectors have the same direction, so UMAP cannot arrange them. The map is PCA's."
    np.testing.assert_array_equal(made.xy, 0)


def test_umap_works_with_many_duplicates() -> None:
    vectors = np.repeat(np.random.default_rng(0).normal(size=(5, 8)), 20, axis=0)
    made = project(vectors)
    assert made.method == "umap"
    assert np.isfinite(made.xy).all()


@pytest.mark.parametrize("method", PROJECTIONS)
def test_one_seed_gives_the_same_bytes_twice(method: str) -> None:
    vectors, _ = islands(4)
    one, two = project(vectors, method=method, seed=3), project(vectors, method=method, seed=3)
    assert one.xy.tobytes() == two.xy.tobytes()
    assert one.digest() == two.digest()


def test_another_seed_changes_umap_and_not_pca() -> None:
    vectors, _ = islands(4)
    for method in PROJECTIONS:
        same = project(vectors, method=method, seed=1).digest() == project(vectors, method=method, seed=2).digest()
        assert same == (method == "pca")


@pytest.mark.parametrize(
    "limits",
    [
        {"SMALL_MAP": 100},
        pytest.param(
            {"SMALL_MAP": 100, "EXACT_KNN_MAX": 100}, marks=pytest.mark.slow
        ),  # compiles the approximate search
    ],
)
def test_large_maps_keep_islands_and_neighbours_and_have_the_same_bytes_twice(
    limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, label = islands(6)
    small = project(vectors).xy
    for name, limit in limits.items():
        monkeypatch.setattr(umap_module, name, limit)
    one, two = project(vectors), project(vectors)
    assert one.xy.tobytes() == two.xy.tobytes()
    assert one.xy.tobytes() != small.tobytes()
    assert project(vectors, seed=1).xy.tobytes() != one.xy.tobytes()
    assert _purity(one.xy, label) > 0.99
    assert mean_knn_recall(vectors, one.xy) > mean_knn_recall(vectors, small) - 0.05


def test_a_large_map_reports_its_epochs_and_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umap_module, "SMALL_MAP", 100)
    vectors, _ = islands(6)
    told: list[tuple[int, int, str]] = []
    project(vectors, progress=lambda *said: told.append(said))
    assert told == [(240, 240, "map: neighbours"), *((epoch, 150, "map") for epoch in range(1, 151))]
    for at in (1, 50):
        with pytest.raises(Cancelled):
            project(vectors, progress=Cancels(at))


def test_umap_keeps_islands_apart_and_neighbours_better_than_pca() -> None:
    vectors, label = islands(6)
    shown = {method: project(vectors, method=method).xy for method in PROJECTIONS}
    assert _purity(shown["umap"], label) > 0.99
    assert mean_knn_recall(vectors, shown["umap"]) > mean_knn_recall(vectors, shown["pca"]) + 0.1


def _purity(xy: np.ndarray, label: np.ndarray) -> float:
    return float(np.mean([(label[oracles.nearest_others(xy, row, 10)] == label[row]).mean() for row in range(len(xy))]))


def test_pca_is_the_orthogonal_projection_of_largest_variance() -> None:
    vectors, _ = islands(3)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    u, s, _ = np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)
    expected = (u * s)[:, :2]
    xy = project(vectors, method="pca").xy
    np.testing.assert_allclose(np.abs(xy), np.abs(expected), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(1, 30), st.integers(0, 1000))
def test_axes_are_orthonormal_and_their_signs_fixed(count: int, dimensions: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions))
    _, axes = fit_axes(vectors, 5)
    assert axes.shape == (dimensions, min(5, dimensions, count - 1))
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-9)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] > 0).all()
    _, mirrored = fit_axes(-vectors, 5)
    np.testing.assert_allclose(mirrored, axes, atol=1e-6)


@pytest.mark.parametrize("method", PROJECTIONS)
def test_the_length_of_a_vector_does_not_move_its_point(method: str) -> None:
    vectors, _ = islands(3)
    scaled = vectors * 2.0 ** np.random.default_rng(0).integers(-3, 4, (len(vectors), 1))
    assert project(vectors, method=method).xy.tobytes() == project(scaled, method=method).xy.tobytes()


def test_zero_vectors_stay_zero() -> None:
    np.testing.assert_array_equal(
        unit_rows(np.array([[3, 4], [0, 0]]), np.float32), np.array([[0.6, 0.8], [0, 0]], np.float32)
    )


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.int8, st.tuples(st.integers(2, 30), st.integers(1, 3)), elements=st.integers(-3, 3)), st.integers(1, 12)
)
def test_nearest_neighbours_equal_the_oracle_with_ties_by_index(points: np.ndarray, k: int) -> None:
    k = min(k, len(points) - 1)
    rows = np.arange(len(points))
    found = np.concatenate([near for _, near in exact_knn(points, rows, k)])
    assert found.tolist() == [oracles.nearest_others(points, row, k) for row in rows]


def test_nearest_neighbours_do_not_depend_on_the_block_size(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).normal(size=(50, 3))
    whole = np.concatenate([near for _, near in exact_knn(points, np.arange(50), 4)])
    monkeypatch.setattr(linalg, "KNN_BLOCK", 7)
    assert (np.concatenate([near for _, near in exact_knn(points, np.arange(50), 4)]) == whole).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.integers(1, 12), st.integers(0, 1000))
def test_preservation_is_the_share_of_shared_neighbours(count: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, xy = rng.normal(size=(count, 5)), rng.normal(size=(count, 2))
    k = min(k, count - 1)
    slow = [
        len(
            set(oracles.nearest_others(unit_rows(vectors, np.float32), row, k))
            & set(oracles.nearest_others(xy, row, k))
        )
        / k
        for row in range(count)
    ]
    np.testing.assert_allclose(knn_recall(vectors, xy, np.arange(count), k), slow)
    assert mean_knn_recall(vectors, xy, k) == pytest.approx(np.mean(slow))


def test_a_map_equal_to_the_embedding_preserves_all_neighbours() -> None:
    angle = np.linspace(0, 3, 30)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    assert mean_knn_recall(circle, circle) == 1
    assert mean_knn_recall(circle[:1], circle[:1]) == 1


def test_the_quality_of_a_large_map_is_measured_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = islands(5)
    xy = project(vectors, method="pca").xy
    every = mean_knn_recall(vectors, xy)
    monkeypatch.setattr(quality, "EXACT_KNN_MAX", 100)
    monkeypatch.setattr(quality, "RECALL_SAMPLE", 90)
    assert mean_knn_recall(vectors, xy) == pytest.approx(every, abs=0.1)
    assert mean_knn_recall(vectors, xy) == mean_knn_recall(vectors, xy)


def test_progress_rises_through_the_epochs_and_cancelling_stops() -> None:
    vectors, _ = islands(3)
    calls: list[tuple[int, int, str]] = []
    project(vectors, progress=lambda *call: calls.append(call))
    epochs = [done for done, _, what in calls if what == "map"]
    assert epochs == sorted(epochs)
    assert len(epochs) > 100
    assert calls[-1] == (200, 200, "map")
    for at in (1, 50):
        with pytest.raises(Cancelled):
            project(vectors, progress=Cancels(at))


def test_an_unknown_method_lists_the_methods() -> None:
    with pytest.raises(SettingsError) as caught:
        project(np.eye(3), method="tsne")
    assert str(caught.value) == "Unknown projection 'tsne'. Choose one of: umap, pca."


def test_warming_up_is_a_map_of_a_hundred_points() -> None:
    compile_umap()


def test_a_cancelled_map_does_not_block_bars_in_other_threads() -> None:
    vectors, _ = islands(2)

    def stop(done: int, total: int, what: str) -> None:
        if what == "map" and done > 2:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        project(vectors, progress=stop)
    another = threading.Thread(target=project, args=(vectors,), daemon=True)
    another.start()
    another.join(60)
    assert not another.is_alive(), "the thread waits for the lock of tqdm"
