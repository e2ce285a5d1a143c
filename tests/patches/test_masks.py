from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adq_core.errors import Cancelled, SettingsError
from adq_core.patches.masks import (
    PATCH_RANKINGS,
    blank_dropped,
    n_kept_patches,
    pack,
    patch_masks,
    patch_textures,
    resize_square,
    top_patches,
    unpack,
)
from adq_core.texture.sobel import texture_map
from tests import oracles
from tests.fakes import Cancels, fake_dataset

RATIO = st.floats(0, 1, exclude_min=True)
SALIENCY = arrays(np.float64, st.tuples(st.integers(0, 4), st.integers(1, 40)), elements=st.floats(0, 4))
TIED = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=st.sampled_from([0.0, 1.0, 2.0]))
MASKS = arrays(np.bool_, st.tuples(st.integers(0, 5), st.integers(1, 300)))


@pytest.mark.parametrize(
    ("patches", "ratio", "kept"),
    [
        (196, 0.8, 157),  # the published int() keeps 156
        (196, 0.75, 147),
        (64, 0.75, 48),
        (4, 0.125, 1),  # half of a patch is rounded up
        (4, 0.375, 2),
        (100, 0.145, 15),  # 100 x 0.145 is 14.499999999999998 in floating point
        (10, 0.0001, 1),
        (10, 1.0, 10),
    ],
)
def test_the_number_of_kept_patches(patches: int, ratio: float, kept: int) -> None:
    assert n_kept_patches(patches, ratio) == kept


@given(st.integers(1, 4096), RATIO)
def test_the_count_is_the_nearest_whole_number_and_at_least_one(patches: int, ratio: float) -> None:
    count = n_kept_patches(patches, ratio)
    assert 1 <= count <= patches
    assert abs(count - patches * ratio) <= 0.5 + 1e-6 or count == 1
    assert n_kept_patches(patches, min(1.0, ratio * 1.1)) >= count


@given(SALIENCY | TIED, RATIO)
def test_the_highest_patches_are_kept_and_the_earlier_of_equal_ones(saliency: np.ndarray, ratio: float) -> None:
    keep = top_patches(saliency, ratio)
    assert keep.dtype == np.bool_
    count = n_kept_patches(saliency.shape[1], ratio)
    assert [set(np.flatnonzero(row)) for row in keep] == [oracles.highest(list(row), count) for row in saliency]


@given(SALIENCY | TIED, RATIO, RATIO)
def test_a_larger_ratio_only_adds_patches(saliency: np.ndarray, one: float, other: float) -> None:
    fewer, more = top_patches(saliency, min(one, other)), top_patches(saliency, max(one, other))
    assert (more | ~fewer).all()


@given(SALIENCY)
def test_only_the_order_of_the_saliency_matters(saliency: np.ndarray) -> None:
    places = np.array([np.unique(row, return_inverse=True)[1] for row in saliency]).reshape(saliency.shape)
    np.testing.assert_array_equal(top_patches(places.astype(float), 0.4), top_patches(saliency, 0.4))


@given(MASKS)
def test_packing_and_unpacking_give_the_mask_back(keep: np.ndarray) -> None:
    packed = pack(keep)
    assert packed.shape == (len(keep), -(-keep.shape[1] // 8))
    np.testing.assert_array_equal(unpack(packed, keep.shape[1]), keep)


def test_packed_bits_read_from_the_left() -> None:
    assert pack(np.array([[True, False, False, False, False, False, False, True, True]])).tolist() == [
        [0b10000001, 0x80]
    ]


@pytest.mark.parametrize(("side", "size"), [(8, 4), (12, 3), (16, 16), (6, 1)])
def test_blanking_leaves_every_kept_pixel_and_no_dropped_one(side: int, size: int) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    keep = rng.random((3, (side // size) ** 2)) < 0.5
    shown = blank_dropped(images, keep, size, blank=7)
    assert shown.dtype == np.uint8
    for k in range(3):
        for y in range(side):
            for x in range(side):
                patch = (y // size) * (side // size) + x // size
                expected = images[k, y, x].tolist() if keep[k, patch] else [7, 7, 7]
                assert shown[k, y, x].tolist() == expected


def test_texture_of_a_patch_is_the_mean_of_its_pixels() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 3), dtype=np.uint8)
    slow = [
        [texture_map(image)[y : y + 4, x : x + 4].mean() for y in range(0, 12, 4) for x in range(0, 12, 4)]
        for image in images
    ]
    np.testing.assert_allclose(patch_textures(images, 4), slow, rtol=1e-5)


def test_the_patch_with_the_object_is_kept() -> None:
    image = np.full((64, 64, 3), 90, np.uint8)
    image[36:44, 20:28] = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    masks = patch_masks(fake_dataset([image]), [0], patch_keep_ratio=1 / 64, image_size=64, patch_size=8)
    assert masks.keep.reshape(8, 8).nonzero() in [([y], [x]) for y in (4, 5) for x in (2, 3)]


@pytest.mark.parametrize("ranking", PATCH_RANKINGS)
@pytest.mark.parametrize(("side", "size"), [(32, 4), (64, 4), (64, 8), (224, 16)])
def test_masks_of_any_images_in_any_order(ranking: str, side: int, size: int) -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in [(8, 8), (64, 64), (50, 99), (300, 224)]]
    dataset = fake_dataset(images)
    masks = patch_masks(dataset, [3, 0, 2], patch_keep_ratio=0.3, image_size=side, patch_size=size, ranking=ranking)
    patches = (side // size) ** 2
    assert masks.images.shape == (3, side, side, 3)
    assert masks.saliency.shape == masks.keep.shape == (3, patches)
    assert np.isfinite(masks.saliency).all()
    assert (masks.keep.sum(axis=1) == n_kept_patches(patches, 0.3)).all()
    assert masks.rows.tolist() == [3, 0, 2]
    alone = patch_masks(dataset, [0], patch_keep_ratio=0.3, image_size=side, patch_size=size, ranking=ranking)
    np.testing.assert_array_equal(alone.keep[0], masks.keep[1])


def test_no_rows_have_no_masks() -> None:
    dataset = fake_dataset([np.zeros((8, 8, 3), np.uint8)])
    assert patch_masks(dataset, [], patch_keep_ratio=0.5).keep.shape == (0, 64)


def test_a_square_of_the_right_size_is_unchanged_and_others_are_averaged() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert resize_square(image, 64) is image
    flat = np.full((10, 30, 3), 200, np.uint8)
    assert (resize_square(flat, 64) == 200).all()


def test_progress_reaches_the_end_and_cancelling_stops() -> None:
    dataset = fake_dataset([np.zeros((8, 8, 3), np.uint8)] * 3)
    calls: list[tuple[int, int, str]] = []
    patch_masks(dataset, range(3), patch_keep_ratio=0.5, progress=lambda *call: calls.append(call))
    assert calls[-1] == (3, 3, "patches")
    with pytest.raises(Cancelled):
        patch_masks(dataset, range(3), patch_keep_ratio=0.5, progress=Cancels(1))


def test_an_unknown_ranking_lists_the_rankings() -> None:
    with pytest.raises(SettingsError) as caught:
        patch_masks(fake_dataset([np.zeros((8, 8, 3), np.uint8)]), [0], patch_keep_ratio=0.5, ranking="colour")
    assert str(caught.value) == f"Unknown patch ranking 'colour'. Choose one of: {', '.join(PATCH_RANKINGS)}."
