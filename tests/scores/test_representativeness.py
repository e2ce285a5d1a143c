from __future__ import annotations

import numpy as np
import pytest

from adq_core.data.dataset import ImageDataset
from adq_core.records import Embeddings
from adq_core.scores import representativeness
from tests.scores.test_augmentations import dataset_of


def embeddings_of(vectors: np.ndarray) -> Embeddings:
    return Embeddings(vectors=vectors, name="made up", key="made up")


def images(n: int = 6) -> ImageDataset:
    rng = np.random.default_rng(0)
    return dataset_of([rng.integers(0, 256, (24, 24, 3), dtype=np.uint8) for _ in range(n)])


@pytest.mark.parametrize("name", sorted(representativeness.ALTERNATIVES))
def test_every_alternative_gives_one_finite_number_per_image(name: str) -> None:
    vectors = np.random.default_rng(1).normal(0, 1, (6, 4))
    vectors[0] = 0
    calls: list[tuple[int, int]] = []
    measured = representativeness.measure_representativeness(
        images(),
        embeddings_of(vectors),
        np.array([0, 0, 0, 1, 1, 2]),
        name=name,
        key="k",
        progress=lambda done, total, what: calls.append((done, total)),
    )
    assert measured.values.shape == (6,)
    assert np.isfinite(measured.values).all()
    assert (measured.name, measured.key) == (name, "k")
    assert calls[-1] == (6, 6)


def test_closeness_checked_by_hand() -> None:
    # bin 0: unit vectors (1, 0) and (0, 1), centre along (1, 1); bin 1: one image is its own centre, elsewhere
    vectors = np.array([[2.0, 0.0], [0.0, 5.0], [3.0, 0.0]])
    values = representativeness.centre_closeness(images(3), embeddings_of(vectors), np.array([0, 0, 1]))
    assert values == pytest.approx([np.sqrt(0.5), np.sqrt(0.5), 1])
    opposite = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert representativeness.centre_closeness(images(2), embeddings_of(opposite), np.zeros(2, int)).tolist() == [0, 0]


def test_noise_needs_more_bits_than_stripes_and_stripes_more_than_a_constant() -> None:
    rng = np.random.default_rng(0)
    flat, stripes = np.full((64, 64, 3), 90, np.uint8), np.zeros((64, 64, 3), np.uint8)
    stripes[:, rng.random(64) < 0.5] = 255
    shown = dataset_of([flat, stripes, rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)])
    bits = representativeness.compressibility(shown, embeddings_of(np.zeros((3, 1))), np.zeros(3, int))
    assert bits[0] < bits[1] < bits[2]
    assert bits[2] == pytest.approx(24, rel=0.05), "noise of three bytes per pixel cannot be compressed"
