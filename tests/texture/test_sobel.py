from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from adq_core.data.dataset import ImageDataset
from adq_core.errors import SettingsError
from adq_core.texture import sobel as texture
from tests import oracles

Image = NDArray[np.uint8]


def images(low: int = 1, high: int = 40) -> st.SearchStrategy[Image]:
    def draw(height: int, width: int, seed: int) -> Image:
        return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)

    side = st.integers(low, high)
    return st.builds(draw, side, side, st.integers(0, 2**32 - 1))


def by_opencv(image: Image) -> NDArray[np.float32]:
    grey = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2GRAY)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    return cv2.addWeighted(np.abs(across), 0.5, np.abs(down), 0.5, 0)


def mean_of(*shown: Image, workers: int = 2) -> NDArray[np.float64]:
    with ThreadPoolExecutor(workers) as pool:
        return texture.mean_textures(list(shown), pool, workers)


def dataset_of(shown: list[Image]) -> ImageDataset:
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


@given(images())
def test_every_pixel_equals_opencv_and_the_definition(image: Image) -> None:
    ours = texture.texture_map(image)
    assert np.abs(ours - by_opencv(image)).max() < 1e-6
    assert abs(mean_of(image)[0] - by_opencv(image).mean(dtype=np.float64)) < 1e-6


@given(images(high=7))
@settings(max_examples=30)
def test_every_pixel_equals_the_oracle(image: Image) -> None:
    assert np.abs(texture.texture_map(image) - oracles.texture_of(image)).max() < 1e-6


def test_a_wide_image_does_not_overflow() -> None:
    stripes = np.zeros((3, 5000, 3), np.uint8)
    stripes[:, ::4] = stripes[:, 1::4] = 255
    assert mean_of(stripes)[0] == pytest.approx(by_opencv(stripes).mean(dtype=np.float64), abs=1e-6)


def test_a_tall_image_does_not_overflow_and_its_parity_does_not_matter() -> None:
    for height in (2100, 2101):
        stripes = np.zeros((height, 5, 3), np.uint8)
        stripes[::4] = stripes[1::4] = 255
        assert mean_of(stripes)[0] == pytest.approx(by_opencv(stripes).mean(dtype=np.float64), abs=1e-6)


def test_large_and_small_images_of_many_shapes_in_any_number() -> None:
    rng = np.random.default_rng(0)
    shapes = [(110 + i, 99 - i) for i in range(11)] + [(8, 8)] * 3 + [(100, 100)] * 9
    shown = [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in shapes]
    slow = [by_opencv(image).mean(dtype=np.float64) for image in shown]
    np.testing.assert_allclose(mean_of(*shown), slow, atol=1e-6)
    np.testing.assert_allclose(mean_of(*shown[:9], workers=1), slow[:9], atol=1e-6)


def test_one_white_pixel_checked_by_hand() -> None:
    image = np.zeros((5, 5, 3), np.uint8)
    image[2, 2] = 255
    # eight neighbours: gradients of 1 and 1 at the four corners, 2 and 0 at the four sides: 8 x 0.5 x 2 in total
    assert texture.texture_map(image).sum() == pytest.approx(8.0)
    assert mean_of(image)[0] == pytest.approx(8 / 25)


@given(images(), st.integers(0, 255))
def test_flat_images_have_no_texture_and_flips_change_nothing(image: Image, grey: int) -> None:
    assert mean_of(np.full_like(image, grey))[0] == 0
    upright, flipped, turned = mean_of(image, image[:, ::-1], image.transpose(1, 0, 2))
    assert upright == flipped == turned


@given(st.lists(images(high=12), min_size=1, max_size=9), st.integers(1, 5))
@settings(max_examples=50)
def test_threads_and_other_images_change_no_value(shown: list[Image], workers: int) -> None:
    alone = [mean_of(image, workers=1)[0] for image in shown]
    assert mean_of(*shown, workers=workers).tolist() == alone
    assert texture.measure_texture(dataset_of(shown)).values.tolist() == alone


@given(images(high=70), st.integers(1, 33))
def test_patches_weighted_by_their_pixels_give_the_image(image: Image, side: int) -> None:
    patches = texture.texture_patches(image, side)
    height, width = image.shape[:2]
    pixels = texture.texture_map(image)
    assert patches.shape == (-(-height // side), -(-width // side))
    tall = [min(side, height - top) for top in range(0, height, side)]
    wide = [min(side, width - left) for left in range(0, width, side)]
    assert (patches * np.outer(tall, wide)).sum() / (height * width) == pytest.approx(mean_of(image)[0], abs=1e-6)
    assert patches[-1, -1] == pytest.approx(pixels[-tall[-1] :, -wide[-1] :].mean(dtype=np.float64), abs=1e-6)


def test_a_patch_size_below_one_is_an_error() -> None:
    with pytest.raises(SettingsError) as caught:
        texture.texture_patches(np.zeros((4, 4, 3), np.uint8), 0)
    assert str(caught.value) == "patch_size must be 1 or more, got 0. The paper has 32."


def test_batches_stay_small_and_progress_reaches_the_end() -> None:
    shown = [np.full((40 + i % 7, 50, 3), i % 255, np.uint8) for i in range(300)]
    calls: list[int] = []
    texture.measure_texture(dataset_of(shown), progress=lambda done, total, what: calls.append(done))
    assert calls[-1] == 300
    starts = texture._batch_starts(np.array([5, 5, 20, 1, 9, 10]), limit=10)
    assert starts == [0, 2, 3, 5, 6]


def test_the_published_textures_of_cifar_10(shared_data: Path) -> None:
    values, labels, names = [], [], None
    for number in range(5):
        with np.load(shared_data / "cifar10" / f"train_{number}.npz") as part:
            lossless = part["lossless"]
            values.append(mean_of(*part["images"][lossless]))
            labels.append(part["labels"][lossless])
            names = [str(name) for name in part["class_names"]]
    value, label = np.concatenate(values), np.concatenate(labels)
    assert len(value) == 49914
    assert value.mean() == pytest.approx(0.3180, abs=0.0005)
    assert names is not None
    assert value[label == names.index("bird")].mean() == pytest.approx(0.2656, abs=0.0005)
    assert value[label == names.index("automobile")].mean() == pytest.approx(0.3851, abs=0.0005)


@pytest.mark.parametrize("shape", [(7, 9), (1, 5), (6, 1), (1, 1), (2, 2)])
def test_the_gradients_give_the_texture(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    gx, gy = texture.sobel_gradients(image)
    np.testing.assert_allclose(0.5 * np.abs(gx) + 0.5 * np.abs(gy), texture.texture_map(image), atol=1e-6)


def test_the_gradients_have_the_sign_of_the_change() -> None:
    image = np.repeat(np.arange(5, dtype=np.uint8)[None, :, None] * 20, 4, axis=0).repeat(3, axis=2)
    gx, gy = texture.sobel_gradients(image)
    np.testing.assert_allclose(gx[:, 1:-1], 8 * 20 / 255)
    np.testing.assert_allclose(gy, 0, atol=1e-12)
