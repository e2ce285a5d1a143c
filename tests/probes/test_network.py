"""The network probe: it learns, it repeats, and it takes the same number of steps for every subset."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from adq_core.errors import Cancelled
from adq_core.probes import NetworkRecipe, network_images, train_and_predict
from adq_core.probes.network_training import Batches, whitening_filters

SMALL = NetworkRecipe(steps=40, batch_size=32, widths=(8, 8, 16))


def bars(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return images (n, 32, 32, 3) with noise: of class 0 with a horizontal bar, of class 1 a vertical one, 2 none."""
    rng = np.random.default_rng(seed)
    images, labels = rng.integers(60, 120, (n, 32, 32, 3)), np.arange(n) % 3
    for image, label in zip(images, labels, strict=True):
        place = rng.integers(4, 24)
        if label == 0:
            image[place : place + 5] += 80
        elif label == 1:
            image[:, place : place + 5] += 80
    return images.astype(np.uint8), labels


@pytest.fixture(params=[1, 2])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_a_network_learns_what_no_single_pixel_shows() -> None:
    images, labels = bars(90)
    test_images, test_labels = bars(150, seed=1)
    predicted = train_and_predict(images, labels, 3, test_images, recipe=SMALL)
    assert predicted.dtype == np.int64
    assert (predicted == test_labels).mean() > 0.9


def test_the_same_seed_gives_the_same_network_whatever_the_threads_and_the_random_state(threads: int) -> None:
    images, labels = bars(60)
    recipe = NetworkRecipe(steps=3, batch_size=16, widths=(8, 8, 8), cutout=8)
    from adq_core.probes.network_training import train

    torch.manual_seed(threads)
    state = torch.random.get_rng_state()
    found = train(images, labels, 3, seed=5, recipe=recipe)
    assert torch.equal(torch.random.get_rng_state(), state), "other trainings of the process keep their random numbers"
    assert torch.get_num_threads() == threads
    again = train(images, labels, 3, seed=5, recipe=recipe)
    other = train(images, labels, 3, seed=6, recipe=recipe)
    weights = [torch.cat([p.flatten() for p in one.module.parameters()]) for one in (found, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("n", [3, 32, 100])
def test_every_subset_is_seen_in_full_batches_and_equally_often(n: int) -> None:
    images = torch.arange(n, dtype=torch.float32).reshape(n, 1, 1, 1).expand(n, 3, 32, 32).contiguous()
    recipe = NetworkRecipe(steps=25, batch_size=32)
    batches = list(Batches(images, torch.arange(n), recipe, seed=0))
    assert len(batches) == 25
    assert all(x.shape == (32, 3, 32, 32) for x, _ in batches)
    seen = torch.cat([labels for _, labels in batches])
    counts = np.bincount(seen, minlength=n)
    assert counts.max() - counts.min() <= 1
    assert torch.equal(torch.cat([x[:, 0, 0, 0] for x, _ in batches]).long(), seen)


def test_images_are_shifted_flipped_and_covered_by_at_most_what_the_recipe_says() -> None:
    ramp = torch.arange(32, dtype=torch.float32) + 1
    images = ramp.expand(1, 3, 32, 32).contiguous()
    recipe = NetworkRecipe(steps=40, batch_size=8, shift=4, cutout=6)
    shifts, flips, covered = set(), set(), []
    for x, _ in Batches(images, torch.zeros(1, dtype=torch.int64), recipe, seed=0):
        for image in x:
            whole = image[0].amax(dim=0)  # the values of the columns outside of the covered square
            flips.add(bool(whole[10] > whole[20]))
            middle = whole if whole[20] > whole[10] else whole.flip(0)
            shifts.add(int(middle[15] - ramp[15]))
            covered.append(int((image[0] == 0).sum()))
    assert flips == {True, False}
    assert shifts == set(range(-4, 5))
    assert max(covered) <= 36
    assert min(covered) > 0


def test_patches_have_equal_variance_behind_the_first_layer() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(50, 1, 32, 32, generator=generator) + 0.3 * torch.randn(50, 3, 32, 32, generator=generator)
    filters = whitening_filters(images)
    assert filters.shape == (24, 3, 2, 2)
    answers = torch.nn.functional.conv2d(images, filters[:12], stride=2).transpose(0, 1).flatten(1)
    covariance = answers @ answers.T / answers.shape[1]
    torch.testing.assert_close(covariance, torch.eye(12), atol=0.1, rtol=0)
    assert torch.isfinite(whitening_filters(torch.zeros(2, 3, 32, 32))).all()


def test_a_stop_ends_the_training_at_its_next_step() -> None:
    images, labels = bars(30)
    reports = []

    def stop(done: int, total: int, what: str) -> None:
        reports.append((done, total))
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        train_and_predict(images, labels, 3, images, recipe=SMALL, progress=stop)
    assert reports == [(0, 40), (1, 40), (2, 40)]


@pytest.mark.parametrize("side", [8, 16, 32, 64])
def test_thumbnails_of_every_size_become_images_of_32_pixels_with_the_same_mean(side: int) -> None:
    thumbnails = np.random.default_rng(0).integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    images = network_images(thumbnails)
    assert images.shape == (3, 32, 32, 3)
    assert images.dtype == np.uint8
    np.testing.assert_allclose(images.mean(axis=(1, 2)), thumbnails.mean(axis=(1, 2)), atol=0.5)
    quarter, whole = images[:, :16, :16].mean(), thumbnails[:, : side // 2, : side // 2].mean()
    assert quarter == pytest.approx(whole, abs=0.5)


def test_one_constant_image_does_not_break_the_training() -> None:
    images = np.full((2, 32, 32, 3), 128, np.uint8)
    recipe = NetworkRecipe(steps=3, batch_size=4, widths=(8, 8, 8))
    assert set(train_and_predict(images, np.array([0, 1]), 2, images, recipe=recipe)) <= {0, 1}
