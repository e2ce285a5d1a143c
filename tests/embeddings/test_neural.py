"""Images prepared for networks, and their features reduced to principal components."""

from __future__ import annotations

from importlib.metadata import version
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adq_core.embeddings import embed, embedding_identity, neural
from adq_core.embeddings.pca import FeatureReduction
from adq_core.models.backbones import BACKBONES, InputFormat
from tests.fakes import Cancels, fake_dataset

WHOLE = InputFormat(1.0, True, None, (0.5,) * 3, (0.5,) * 3)
CENTRE = InputFormat(0.5, False, 32, (0.5,) * 3, (0.5,) * 3)


def ramp(height: int, width: int) -> np.ndarray:
    """Return an image whose red is the column and whose green is the row, from 0 to 255."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(0, 255, width)[None, :]
    image[..., 1] = np.linspace(0, 255, height)[:, None]
    return image


def test_a_usual_photograph_gives_its_central_square() -> None:
    (square,) = neural.image_squares(ramp(90, 120), WHOLE, 32)
    assert square.shape == (32, 32, 3)
    red = square[:, :, 0].mean(axis=0)
    assert red[0] == pytest.approx(255 * 15 / 120, abs=5)  # 15 of 120 columns are cut off at each end
    assert red[-1] == pytest.approx(255 * 105 / 120, abs=5)
    assert square[0, 0, 1] < 8  # the whole height
    assert square[-1, 0, 1] > 247


@pytest.mark.parametrize(("height", "width", "count"), [(30, 46, 2), (30, 61, 3), (61, 30, 3), (10, 200, 8)])
def test_a_long_image_is_covered_by_squares_from_end_to_end(height: int, width: int, count: int) -> None:
    squares = neural.image_squares(ramp(height, width), WHOLE, 32)
    assert len(squares) == count
    along = 0 if width > height else 1
    assert squares[0][..., along].min() < 10
    assert squares[-1][..., along].max() > 245
    if count < 8:  # without gaps: each square begins before the one before it ends
        for one, following in pairwise(squares):
            assert following[..., along].min() <= one[..., along].max() + 10


def test_the_published_input_is_one_central_square() -> None:
    (square,) = neural.image_squares(ramp(100, 400), CENTRE, 32)
    assert square[:, 0, 0].mean() == pytest.approx(255 * 175 / 400, abs=4)
    assert square[:, -1, 0].mean() == pytest.approx(255 * 225 / 400, abs=4)
    assert square[0, :, 1].mean() == pytest.approx(255 * 0.25, abs=6)


def test_an_image_that_is_its_own_thumbnail_is_not_decoded_again() -> None:
    images = [ramp(64, 64), ramp(64, 64)[::-1].copy()]
    dataset = fake_dataset(images)
    for row in range(2):
        np.testing.assert_array_equal(dataset.pixels(row), images[row])
    object.__setattr__(dataset, "read", lambda row: pytest.fail("decoded again"))
    dataset.pixels(1)


def test_vectors_of_lite0_follow_the_rows_and_the_sample() -> None:
    """The components of all rows with axes from a sample are the projections of their features on these axes."""
    rng = np.random.default_rng(0)
    images = [np.kron(rng.integers(0, 256, (4, 4, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(12)]
    seen: list[tuple[int, int, str]] = []
    made = embed(fake_dataset(images), name="lite0", progress=lambda *now: seen.append(now)).vectors
    assert made.shape == (12, 11)  # 12 centred rows span 11 dimensions
    assert made.dtype == np.float32
    assert seen[0] == (0, 12, "embeddings")
    assert seen[-1] == (12, 12, "embeddings")
    np.testing.assert_allclose(made.mean(axis=0), 0, atol=1e-4)
    other = embed(fake_dataset(images[::-1]), name="lite0").vectors[::-1]
    one_distances, other_distances = (np.linalg.norm(v[:, None] - v[None], axis=2) for v in (made, other))
    np.testing.assert_allclose(one_distances, other_distances, rtol=0.02, atol=0.05)


def test_axes_are_fitted_on_a_sample_and_applied_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    images = [np.kron(rng.integers(0, 256, (4, 4, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(12)]
    dataset = fake_dataset(images)
    whole = embed(dataset, name="lite0").vectors
    monkeypatch.setattr(neural, "SAMPLE", 6)
    monkeypatch.setattr(neural, "BATCH", 4)
    part = embed(dataset, name="lite0").vectors
    assert part.shape == (12, 5)
    rows = np.sort(np.random.default_rng(0).choice(12, 6, replace=False))
    np.testing.assert_allclose(part[rows].mean(axis=0), 0, atol=1e-3)
    # Among the rows of the sample, five axes keep every distance.
    distances = [np.linalg.norm(v[rows][:, None] - v[rows][None], axis=2) for v in (whole, part)]
    np.testing.assert_allclose(distances[1], distances[0], rtol=0.02, atol=0.05)


def test_cancelling_stops_between_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    from adq_core.errors import Cancelled

    monkeypatch.setattr(neural, "BATCH", 2)
    progress = Cancels(3)
    with pytest.raises(Cancelled):
        embed(fake_dataset([ramp(16, 16)] * 9), name="lite0", progress=progress)
    assert progress.calls == 3


def test_the_identity_contains_the_side_of_the_input() -> None:
    small, large = (embedding_identity("lite0", None, fake_dataset([ramp(side, side)])) for side in (32, 300))
    assert small.split(":")[2] == "128px"
    assert large.split(":")[2] == "224px"
    assert BACKBONES["lite0"].n_components == 256


# --- reduction --------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 60), st.integers(1, 30), st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 50.0]))
def test_components_are_those_of_a_singular_value_decomposition(n: int, d: int, seed: int, scale: float) -> None:
    features = (np.random.default_rng(seed).normal(size=(n, d)) * scale).astype(np.float32)
    reduction = FeatureReduction(features, 8)
    found = reduction.components(features)
    centred = features - features.mean(axis=0)
    _, values, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    k = found.shape[1]
    assert k <= min(8, d, n)
    spread = np.linalg.norm(found, axis=0)
    np.testing.assert_allclose(spread, values[:k], rtol=5e-3, atol=2e-3 * values[0])
    np.testing.assert_allclose(found.sum(axis=0), 0, atol=1e-2 * scale * n)


def test_components_do_not_depend_on_batches_or_threads() -> None:
    from threadpoolctl import threadpool_limits

    features = np.random.default_rng(3).normal(size=(500, 300)).astype(np.float32)
    reduction = FeatureReduction(features, 40)
    whole = reduction.components(features)
    parts = np.concatenate([reduction.components(features[start : start + 7]) for start in range(0, 500, 7)])
    np.testing.assert_array_equal(parts, whole)
    with threadpool_limits(1):
        np.testing.assert_array_equal(FeatureReduction(features, 40).components(features), whole)


def test_equal_features_give_zero() -> None:
    features = np.ones((5, 3), np.float32)
    np.testing.assert_array_equal(FeatureReduction(features, 4).components(features), np.zeros((5, 1), np.float32))
    zeros = np.zeros((5, 3), np.float32)
    np.testing.assert_array_equal(FeatureReduction(zeros, 4).components(zeros), np.zeros((5, 1), np.float32))


def test_features_have_the_same_bytes_with_one_and_two_threads_and_in_any_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from adq_core.models import device, load_backbone, torch_threads
    from adq_core.progress import no_progress

    backbone = load_backbone("lite0", None, no_progress)
    images = np.random.default_rng(5).integers(0, 256, (6, 96, 96, 3), dtype=np.uint8)
    monkeypatch.setattr(device, "torch_threads", lambda: torch_threads(1))
    one = backbone.encode(images)
    np.testing.assert_array_equal(backbone.encode(images[2:5]), one[2:5])
    monkeypatch.setattr(device, "torch_threads", lambda: torch_threads(2))
    two = backbone.encode(images)
    if tuple(map(int, version("torch").split("+")[0].split(".")[:2])) >= (2, 14):
        np.testing.assert_array_equal(two, one)
    else:  # torch 2.7 sums in another order with two threads
        np.testing.assert_allclose(two, one, rtol=0.01, atol=1e-4)
