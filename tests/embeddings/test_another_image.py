"""The vector of another image: an image of the set gets its own vector."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.data import open_dataset
from adq_core.data.arrays import dataset_from_arrays
from adq_core.embeddings import embed, image_encoder
from adq_core.errors import InputError
from adq_core.records import Image


def noise(n: int, *size: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (n, *size, 3)).astype(np.uint8)


@pytest.mark.parametrize("name", ["pixels", "small", "lite0"])
@pytest.mark.parametrize("size", [(8, 8), (32, 32), (48, 70)], ids=str)
def test_an_image_of_the_set_has_its_own_vector(name: str, size: tuple[int, int]) -> None:
    data = dataset_from_arrays(noise(12, *size), np.arange(12) % 3, class_names=("a", "b", "c"), name="set")
    vectors = embed(data, name=name).vectors
    encode = image_encoder(data, name=name)
    for row in (0, 7, 11):
        assert encode(data.read(row)) == pytest.approx(vectors[row], abs=1e-4 * float(np.abs(vectors).max()))


@pytest.mark.parametrize("name", ["pixels", "small"])
def test_an_enlarged_copy_is_nearest_to_its_original(name: str) -> None:
    data = open_dataset("digits")
    vectors = embed(data, name=name).vectors
    copy: Image = data.read(77).repeat(20, axis=0).repeat(20, axis=1)
    found = image_encoder(data, name=name)(copy)
    assert np.linalg.norm(vectors - found, axis=1).argmin() == 77


def test_sets_that_have_no_network_for_another_image() -> None:
    data = dataset_from_arrays(noise(4, 8, 8), np.arange(4) % 2, class_names=("a", "b"), name="set")
    with pytest.raises(InputError, match=r"^The embeddings come from a file, so there is no network"):
        image_encoder(data, name="vectors.npy")
    object.__setattr__(data, "vectors", np.ones((4, 2), np.float32))
    with pytest.raises(InputError, match=r"^set is a set of vectors without images, so it cannot be searched"):
        image_encoder(data, name="pixels")
