"""The parts of a training: optimizer, loss, views, masks, networks, images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from adq_core.models.networks import Encoder, build, pyramid_fill  # noqa: E402
from adq_core.models.training.encoder import simclr_augment  # noqa: E402
from adq_core.models.training.inpainter import patch_texture, random_masks  # noqa: E402
from adq_core.models.training.losses import decoupled_nt_xent, nt_xent  # noqa: E402
from adq_core.models.training.optimizer import orthogonalized  # noqa: E402
from adq_core.models.training.train import training_images  # noqa: E402
from tests import diversity_oracles  # noqa: E402
from tests.learning import TINY, some_dataset, some_images  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def test_orthogonalized_brings_all_singular_values_near_one() -> None:
    torch.manual_seed(0)
    for shape in ((8, 8), (4, 30), (30, 4)):
        values = torch.linalg.svdvals(orthogonalized(torch.randn(shape)))
        assert values.min() > 0.4
        assert values.max() < 1.3


def test_decoupled_nt_xent_checked_by_hand() -> None:
    # Two images; views of one image are equal, views of different images orthogonal: the loss is log(2 e^0) - 1/t.
    views = torch.eye(2)
    assert float(decoupled_nt_xent(views, views, 0.5)) == pytest.approx(np.log(2) - 2, abs=1e-6)
    assert float(decoupled_nt_xent(views, views.flip(0), 0.5)) > float(decoupled_nt_xent(views, views, 0.5))


@pytest.mark.parametrize("n_images", [1, 2, 7])
@pytest.mark.parametrize("temperature", [0.07, 0.5])
def test_nt_xent_equals_the_loss_by_loops(n_images: int, temperature: float) -> None:
    rng = np.random.default_rng(n_images)
    first, second = rng.normal(0, 1, (2, n_images, 4))
    found = float(nt_xent(torch.from_numpy(np.concatenate([first, second])), temperature))
    assert found == pytest.approx(diversity_oracles.info_nce(first, second, temperature=temperature), rel=1e-9)


def test_views_are_small_differ_and_stay_in_range() -> None:
    torch.manual_seed(0)
    batch = torch.from_numpy(some_images(20, 48)).permute(0, 3, 1, 2)
    view = simclr_augment(24)
    one, two = view(batch), view(batch)
    assert one.shape == (20, 3, 24, 24)
    assert 0 <= one.min() <= one.max() <= 1
    assert not torch.equal(one, two)


def test_masks_drop_a_quarter_to_three_quarters_of_the_patches_and_the_flattest_first() -> None:
    torch.manual_seed(0)
    batch = torch.from_numpy(some_images(200)).permute(0, 3, 1, 2).float() / 255
    keep = random_masks(batch)
    assert set(keep.unique().tolist()) == {0.0, 1.0}
    patches = torch.nn.functional.avg_pool2d(keep, 4)
    assert set(patches.unique().tolist()) == {0.0, 1.0}
    share = 1 - patches.mean((1, 2, 3))
    assert 0.25 <= share.min() < 0.3
    assert 0.7 < share.max() <= 0.75
    texture = patch_texture(batch)
    kept = patches[:, 0] > 0.5
    by_texture = [bool(t[k].min() >= t[~k].max()) for t, k in zip(texture, kept, strict=True)]
    assert 0.35 < np.mean(by_texture) < 0.65


def test_patch_texture_equals_texture_map() -> None:
    from adq_core.texture.sobel import texture_map

    images = some_images(3)
    expected = [texture_map(image).reshape(8, 4, 8, 4).mean((1, 3)) for image in images]
    found = patch_texture(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("side", [1, 8, 30, 64])
def test_the_fill_keeps_known_pixels_and_stays_between_them(side: int) -> None:
    torch.manual_seed(0)
    images = torch.rand(3, 3, side, side)
    known = (torch.rand(3, 1, side, side) < 0.3).float()
    known[0] = 0
    filled = pyramid_fill(images, known)
    assert torch.equal(filled * known, images * known)
    low = torch.where(known > 0, images, 1.0).amin((2, 3), keepdim=True)
    high = torch.where(known > 0, images, 0.0).amax((2, 3), keepdim=True)
    assert (filled[1:] >= torch.minimum(low, high)[1:] - 1e-5).all()
    assert (filled[1:] <= high[1:] + 1e-5).all()


@pytest.mark.parametrize("what", ["mae", "unet"])
def test_an_untrained_inpainting_network_returns_the_fill(what: str) -> None:
    images, known = torch.rand(2, 3, 32, 32), torch.zeros(2, 1, 32, 32)
    known[..., 16:] = 1
    with torch.no_grad():
        painted = build(what, TINY[what]).eval()(images, known)
    assert torch.allclose(painted, pyramid_fill(images, known), atol=1e-6)


def test_an_encoder_takes_any_size() -> None:
    encoder = Encoder(8).eval()
    assert [tuple(encoder(torch.rand(2, 3, side, side)).shape) for side in (24, 32, 64)] == [(2, 32)] * 3


def test_training_images_are_halved_if_the_originals_are_small() -> None:
    large, small = some_dataset(size=64), some_dataset(size=32)
    assert training_images(large) is large.thumbnails
    halved = training_images(small)
    expected = small.thumbnails.reshape(40, 32, 2, 32, 2, 3).mean((2, 4))
    assert np.abs(halved - expected).max() <= 0.5


def test_tiny_images_are_enlarged_for_training() -> None:
    tiny = replace(some_dataset(), thumbnails=some_images(40, 8), sizes=np.full((40, 2), 8))
    assert training_images(tiny).shape == (40, 32, 32, 3)
    np.testing.assert_array_equal(training_images(tiny)[:, ::4, ::4], tiny.thumbnails)
