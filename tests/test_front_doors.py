"""Stages check their array arguments: arrays that do not fit are errors, not results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adq_core.errors import InputError
from adq_core.projection import project
from adq_core.records import AugmentedFeatures, Bins, Embeddings
from adq_core.scores.diversity import inverse_mean_cosine, vendi
from adq_core.scores.importance import score_bins
from adq_core.scores.representativeness import measure_representativeness
from adq_core.selection import draw_order
from adq_core.texture import measure_texture, texture_map
from tests.fakes import fake_dataset

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
BINS = Bins(bin_of=np.arange(20) % 2, rank=np.arange(20), gain=np.zeros(20), n_bins=2, key="b")
VIEWS = AugmentedFeatures(vectors=X[None], name="toy", key="v")
SAME_DATA = "Check that all arguments belong to the same data set."


def refused(call: Any, *arguments: Any, **keywords: Any) -> str:
    with pytest.raises(ValueError, match=r"\.$") as caught:  # a ValueError for the users of the library
        call(*arguments, **keywords)
    assert isinstance(caught.value, InputError)
    return str(caught.value)


def test_texture_of_a_grey_or_float_image() -> None:
    assert refused(texture_map, np.zeros((8, 8), np.uint8)) == (
        "An image must have the shape (height, width, 3), RGB, got shape (8, 8). "
        "Repeat the channel of a grey image with numpy.stack([grey] * 3, axis=2)."
    )
    assert refused(texture_map, np.zeros((8, 8, 3))) == (
        "An image must be uint8 in 0..255, got float64. "
        "Multiply values in [0, 1] by 255, round them and convert them to uint8."
    )
    images = [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 4), np.uint8)]
    dataset = fake_dataset([images[0], images[0]], ids=["a", "b"])
    object.__setattr__(dataset, "read", lambda row: images[row])
    assert refused(measure_texture, dataset) == (
        "Image 'b' must have the shape (height, width, 3), RGB, got shape (8, 8, 4). "
        "Repeat the channel of a grey image with numpy.stack([grey] * 3, axis=2)."
    )


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_projection_of_arrays_that_are_no_vectors(method: str) -> None:
    assert refused(project, X[:, 0], method=method) == (
        "Embeddings must have two dimensions, one row per image, and no dimension of length 0, got shape (20,). "
        "Give an array of shape (images, values)."
    )
    assert refused(project, np.where(X[3, 1] == X, np.nan, X), method=method) == (
        "Embeddings must be finite, got NaN or infinity. Check the file or the model that made them."
    )


def test_draw_order_of_arrays_of_different_data_sets() -> None:
    whole = {"bin_of": BINS.bin_of, "labels": np.zeros(20, int), "rank": BINS.rank, "texture": np.zeros(20)}

    def text(**changes: Any) -> str:
        return refused(draw_order, **(whole | changes), n_bins=2)

    assert text(labels=np.zeros(10, int)) == (
        "Labels must have one entry per image, shape (20,), got shape (10,). "
        "Check that labels and images come from the same data set."
    )
    assert text(labels=np.array(["a"] * 20)) == (
        "Labels must be integers, one number per class, got text. "
        "Convert them with numpy.unique(labels, return_inverse=True)[1]."
    )
    assert text(labels=np.arange(20) - 1).startswith("Labels must be between 0 and 18 (there are 19 classes), got -1 ")
    assert text(bin_of=np.arange(20)) == (
        "bin_of must be between 0 and 1 (there are 2 bins), got 0 to 19. "
        "Number the bins from 0, or give the right number of bins."
    )
    assert text(rank=np.arange(9)) == (f"rank must have one value per image, shape (20,), got shape (9,). {SAME_DATA}")
    assert text(texture=np.zeros(9)) == (
        f"texture must have one value per image, shape (20,), got shape (9,). {SAME_DATA}"
    )


@pytest.mark.parametrize("measure", [inverse_mean_cosine, vendi])
def test_diversity_of_bins_of_another_data_set(measure: Any) -> None:
    assert refused(measure, VIEWS, BINS.bin_of[:10], 2) == (
        f"bin_of must have one entry per image, shape (20,), got shape (10,). {SAME_DATA}"
    )
    assert refused(measure, VIEWS, BINS.bin_of, 1).startswith("bin_of must be between 0 and 0 (there are 1 bins)")


def test_scores_of_values_of_another_data_set() -> None:
    measured = (np.ones(2), np.zeros(2), np.zeros((2, 2)), (), np.full(2, 10))
    assert refused(score_bins, BINS, np.zeros(10), np.zeros(20, int), measured) == (
        f"The representativeness must have one value per image, shape (20,), got shape (10,). {SAME_DATA}"
    )
    assert refused(score_bins, BINS, np.zeros(20), np.zeros(10, int), measured) == (
        "Labels must have one entry per image, shape (20,), got shape (10,). "
        "Check that labels and images come from the same data set."
    )


def test_representativeness_of_embeddings_of_another_data_set() -> None:
    dataset = fake_dataset([np.zeros((8, 8, 3), np.uint8)] * 20)
    short = Embeddings(vectors=X[:10], name="toy", key="e")
    assert refused(measure_representativeness, dataset, short, BINS.bin_of, name="centre-closeness") == (
        f"Embeddings must have one row per image, 20 rows, got 10. {SAME_DATA}"
    )
    full = Embeddings(vectors=X, name="toy", key="e")
    assert refused(measure_representativeness, dataset, full, BINS.bin_of[:10], name="centre-closeness") == (
        f"bin_of must have one value per image, shape (20,), got shape (10,). {SAME_DATA}"
    )
