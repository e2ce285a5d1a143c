from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from adq_core.data.dataset import ImageDataset
from adq_core.records import AugmentedFeatures
from adq_core.scores import augmentations as views
from adq_core.scores import contrastive as heads
from adq_core.scores import head_training


def dataset_of(shown: list[NDArray[np.uint8]]) -> ImageDataset:
    n = len(shown)
    return ImageDataset(
        name="made up",
        ids=tuple(f"{i:05}" for i in range(n)),
        labels=np.zeros(n, np.int64),
        class_names=("all",),
        read=lambda row: shown[row],
        thumbnails=np.zeros((n, 2, 2, 3), np.uint8),
        sizes=np.array([image.shape[:2] for image in shown]),
        skipped=(),
        key="made up",
    )


def noise(n: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (20 + i % 5, 30, 3), dtype=np.uint8) for i in range(n)]


def means(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """A network to stand in: the mean of each colour on the left and on the right half."""
    half = images.shape[3] // 2
    return np.concatenate([images[..., :half].mean((2, 3)), images[..., half:].mean((2, 3))], axis=1)


@given(st.lists(st.tuples(st.integers(1, 80), st.integers(1, 80)), min_size=1, max_size=20), st.integers(0, 99))
def test_crops_lie_inside_and_have_an_allowed_area(sizes: list[tuple[int, int]], seed: int) -> None:
    draws = np.random.default_rng(seed).random((len(sizes), views.N_DRAWS))
    boxes, flips = views.random_resized_crops(np.array(sizes), draws)
    for (height, width), (left, top, right, bottom) in zip(sizes, boxes.tolist(), strict=True):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
    assert flips.shape == (len(sizes),)


def test_crops_have_the_published_distribution() -> None:
    sizes = np.full((4000, 2), 300)
    boxes, flips = views.random_resized_crops(sizes, np.random.default_rng(0).random((4000, views.N_DRAWS)))
    wide, tall = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    area, ratio = wide * tall / 300**2, wide / tall
    assert 0.078 <= area.min() < 0.1
    assert area.max() <= 1
    assert 0.74 <= ratio.min() <= ratio.max() <= 1.35
    assert 0.45 < area.mean() < 0.54, "below the middle of 0.08 to 1: a large crop of another ratio does not fit"
    assert flips.mean() == pytest.approx(0.5, abs=0.03)


def test_batches_and_other_images_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, encoder = noise(30), views.ViewEncoder(means, 16)
    whole = views.encode_augmentations(dataset_of(shown), encoder, name="means", seed=3).vectors
    assert whole.shape == (2, 30, 6)
    monkeypatch.setattr(views, "BATCH", 7)
    told: list[int] = []
    again = views.encode_augmentations(
        dataset_of(shown), encoder, name="means", seed=3, progress=lambda done, total, what: told.append(done)
    ).vectors
    assert again.tolist() == whole.tolist()
    assert told == [7, 14, 21, 28, 30]
    fewer = views.encode_augmentations(dataset_of(shown[:10]), encoder, name="means", seed=3)
    assert fewer.vectors.tolist() == whole[:, :10].tolist()
    assert fewer.rows.tolist() == list(range(10))
    other = views.encode_augmentations(dataset_of(shown), encoder, name="means", seed=4).vectors
    assert (other != whole).mean() > 0.9
    assert (whole[0] != whole[1]).mean() > 0.9


@pytest.mark.parametrize("rows", [[0], [29], [3, 4, 5, 20], list(range(0, 30, 2))])
def test_views_of_an_image_do_not_depend_on_the_other_sampled_images(
    rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "BATCH", 4)
    shown, encoder = noise(30), views.ViewEncoder(means, 16)
    whole = views.encode_augmentations(dataset_of(shown), encoder, name="means", seed=3).vectors
    told: list[tuple[int, int]] = []
    sampled = views.encode_augmentations(
        dataset_of(shown),
        encoder,
        name="means",
        rows=np.array(rows),
        seed=3,
        progress=lambda done, total, what: told.append((done, total)),
    )
    assert sampled.vectors.tolist() == whole[:, rows].tolist()
    assert sampled.rows.tolist() == rows
    assert told[-1] == (len(rows), len(rows))


def test_random_numbers_of_a_row_come_from_one_stream_per_view() -> None:
    stream = np.random.default_rng([5, 1]).random((12, views.N_DRAWS))
    assert views.row_draws(np.arange(12), 5, 1).tolist() == stream.tolist()
    assert views.row_draws(np.array([2, 3, 11]), 5, 1).tolist() == stream[[2, 3, 11]].tolist()


def test_a_batch_is_decoded_while_the_network_encodes_another() -> None:
    decoded = [threading.Event() for _ in range(3 * views.BATCH)]
    shown = noise(len(decoded))

    def read(row: int) -> NDArray[np.uint8]:
        decoded[row].set()
        return shown[row]

    def encode(images: NDArray[np.float32]) -> NDArray[np.float32]:
        assert decoded[2 * views.BATCH - 1].wait(10), "the second batch is decoded before the first is encoded"
        return means(images)

    dataset = dataset_of(shown)
    object.__setattr__(dataset, "read", read)
    assert views.encode_augmentations(dataset, views.ViewEncoder(encode, 8), name="means").vectors.shape[1] == len(
        shown
    )


def test_an_image_that_cannot_be_read_ends_the_encoding() -> None:
    dataset = dataset_of(noise(3))

    def read(row: int) -> NDArray[np.uint8]:
        raise OSError("the file is gone")

    object.__setattr__(dataset, "read", read)
    with pytest.raises(OSError, match="the file is gone"):
        views.encode_augmentations(dataset, views.ViewEncoder(means, 8), name="means")


def test_a_flip_is_a_mirror_image() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, :4] = 255
    out = np.empty((2, 8, 8, 3), np.uint8)
    views.resize_crops([image, image], np.array([[0, 0, 8, 8]] * 2), np.array([False, True]), out)
    straight, mirrored = out
    assert straight[:, :4].min() == 255
    assert mirrored.tolist() == straight[:, ::-1].tolist()


def test_networks_get_values_from_0_to_1() -> None:
    white = [np.full((4, 4, 3), value, np.uint8) for value in (255, 51)]
    encoded = views.encode_augmentations(dataset_of(white), views.ViewEncoder(means, 8), name="means").vectors
    assert encoded[:, 0].tolist() == [[1.0] * 6] * 2
    assert encoded[:, 1] == pytest.approx(0.2, abs=1e-3)


def test_the_random_backbone_depends_on_the_seed_only() -> None:
    import torch

    images = np.random.default_rng(0).random((3, 3, 32, 32), np.float32)
    one = views.load_view_encoder("random-resnet18", seed=5)
    torch.manual_seed(99)  # the global generator of the process plays no part
    same, other = views.load_view_encoder("random-resnet18", seed=5), views.load_view_encoder("random-resnet18", seed=6)
    assert one.size == 32
    assert one.encode(images).shape == (3, 512)
    assert one.encode(images).tolist() == same.encode(images).tolist()
    assert np.isfinite(one.encode(images)).all()
    assert one.encode(images).tolist() != other.encode(images).tolist()


def pairs(
    n: int = 400, d: int = 12, noise_of: float = 0.3, seed: int = 0
) -> tuple[AugmentedFeatures, NDArray[np.int64]]:
    """Two views of n things: four values tell the thing, the others are loud and say nothing."""
    rng = np.random.default_rng(seed)
    thing = np.repeat(rng.normal(0, 1, (1, n, 4)), 2, axis=0) + noise_of * rng.normal(0, 1, (2, n, 4))
    vectors = np.concatenate([thing, 3 * rng.normal(0, 1, (2, n, d - 4))], axis=2)
    return AugmentedFeatures(vectors=vectors.astype(np.float16), name="made up", key="pairs"), np.arange(n) % 4


def cosine_of_pairs(head: heads.Head, seen: AugmentedFeatures) -> float:
    z = heads.apply_head(head, seen).vectors.astype(np.float64)
    z -= z.mean(axis=(0, 1))
    z /= np.linalg.norm(z, axis=2, keepdims=True)
    return float((z[0] * z[1]).sum(axis=1).mean())


def test_training_brings_the_views_of_an_image_together() -> None:
    seen, bin_of = pairs()
    told: list[tuple[int, int]] = []
    trained = heads.train_head(seen, bin_of, seed=1, progress=lambda done, total, what: told.append((done, total)))
    drawn = heads.random_head(12, seed=1)
    assert cosine_of_pairs(trained, seen) > cosine_of_pairs(drawn, seen) + 0.3
    unseen, _ = pairs(seed=7)
    assert cosine_of_pairs(trained, unseen) > cosine_of_pairs(drawn, unseen) + 0.2, "and of new images"
    held_out = trained.losses[:, 1]
    assert held_out.min() < held_out[0] - 0.5
    assert told[-1] == (head_training.MAX_STEPS, head_training.MAX_STEPS)
    assert np.isnan(trained.losses[0, 0]), "no step is taken before the first evaluation"


def test_training_repeats_to_the_bit_and_the_seed_matters() -> None:
    seen, bin_of = pairs(120)
    one, same, other = (heads.train_head(seen, bin_of, seed=seed) for seed in (2, 2, 3))
    assert one.digest() == same.digest()
    assert one.digest() != other.digest()


def test_training_stops_early_if_there_is_nothing_to_learn() -> None:
    rng = np.random.default_rng(0)
    seen = AugmentedFeatures(vectors=rng.normal(0, 1, (2, 300, 8)).astype(np.float16), name="noise", key="noise")
    trained = heads.train_head(seen, np.zeros(300, int), seed=0)
    assert len(trained.losses) < head_training.MAX_STEPS // head_training.EVAL_EVERY


@pytest.mark.parametrize("name", sorted(heads.HEADS))
@pytest.mark.parametrize("bin_of", [[0], [0, 1, 2], [0, 0, 1]])
def test_bins_of_one_or_two_images_have_a_finite_head(name: str, bin_of: list[int]) -> None:
    seen = AugmentedFeatures(vectors=np.random.default_rng(0).random((2, len(bin_of), 5)), name="few", key="few")
    head = heads.HEADS[name](seen, np.array(bin_of), seed=0, key="k")
    assert heads.apply_head(head, seen).vectors.shape == (2, len(bin_of), heads.OUT)
    assert np.isfinite(head.weight_in).all()
    assert head.key == "k"


def test_a_head_is_trained_on_sampled_images_as_on_a_set_of_these_images_only() -> None:
    rows = np.sort(np.random.default_rng(0).choice(1000, 400, replace=False))
    bin_of = np.full(1000, 3)
    alone, bin_of[rows] = pairs()
    sampled = AugmentedFeatures(vectors=alone.vectors, name="made up", key="pairs", rows=rows)
    head = heads.train_head(sampled, bin_of, seed=1)
    assert head.digest() == heads.train_head(alone, bin_of[rows], seed=1).digest()
    assert heads.apply_head(head, sampled).rows.tolist() == rows.tolist()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_a_head_is_two_layers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    head = heads.random_head(3, seed=seed)
    x = rng.normal(0, 1, (1, 2, 3)).astype(np.float32)
    by_hand = [head.weight_out @ np.maximum(head.weight_in @ row + head.bias_in, 0) + head.bias_out for row in x[0]]
    seen = AugmentedFeatures(vectors=x, name="x", key="x")
    assert heads.apply_head(head, seen).vectors[0] == pytest.approx(np.array(by_hand), abs=1e-5)
    assert np.abs(head.weight_in).max() <= 1 / np.sqrt(3) + 1e-6
