from __future__ import annotations

import numpy as np
import pytest

from adq_core.data.dataset import ImageDataset
from adq_core.embeddings.small import resized
from adq_core.errors import InputError
from adq_core.models.encoder import encode


@pytest.mark.parametrize("side", [16, 32, 48, 64])
def test_one_finite_vector_an_image_at_every_size(side: int) -> None:
    vectors = encode(np.random.default_rng(0).random((3, 3, side, side), np.float32))
    assert vectors.shape == (3, 256)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert (vectors >= 0).all()


def test_an_image_and_its_mirror_image_are_the_same() -> None:
    images = np.random.default_rng(1).random((2, 3, 32, 32), np.float32)
    np.testing.assert_allclose(encode(images), encode(images[..., ::-1].copy()), atol=1e-5)


def test_a_vector_does_not_depend_on_the_images_beside_it() -> None:
    images = np.random.default_rng(2).random((5, 3, 32, 32), np.float32)
    np.testing.assert_allclose(encode(images)[3:4], encode(images[3:4]), atol=1e-4)


def test_thumbnails_below_32_pixels_are_repeated() -> None:
    thumbnails = np.random.default_rng(3).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    averaged = resized(thumbnails)
    assert averaged.shape == (2, 3, 32, 32)
    np.testing.assert_allclose(averaged[:, :, 1::4, 2::4].transpose(0, 2, 3, 1) * 255, thumbnails, atol=1e-4)


def test_thumbnails_are_averaged_square_by_square() -> None:
    thumbnails = np.zeros((1, 64, 64, 3), np.uint8)
    thumbnails[0, 0, 0] = 255
    averaged = resized(thumbnails)
    assert averaged.shape == (1, 3, 32, 32)
    assert averaged[0, :, 0, 0] == pytest.approx([0.25] * 3)
    assert averaged.sum() == pytest.approx(0.75)


def test_small_is_an_embedding_like_the_others() -> None:
    from adq_core.embeddings import embed, embedding_identity
    from adq_core.models.weights import BUNDLED

    thumbnails = np.random.default_rng(4).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    dataset = ImageDataset(
        name="some",
        ids=("a", "b", "c"),
        labels=np.zeros(3, np.int64),
        class_names=("all",),
        read=lambda row: thumbnails[row],
        thumbnails=thumbnails,
        sizes=np.full((3, 2), 64),
        skipped=(),
        key="some-key",
    )
    seen: list[tuple[int, int, str]] = []
    embeddings = embed(dataset, name="small", progress=lambda *now: seen.append(now))
    assert embeddings.vectors.shape == (3, 256)
    assert seen[-1] == (3, 3, "embeddings")
    assert embedding_identity("small", None, dataset) == f"small:{BUNDLED['small'].sha256}"
    with pytest.raises(InputError) as caught:
        embed(dataset, name="small", weights="unet")
    assert str(caught.value) == (
        "Weights for encoder are needed here, but unet.safetensors holds 'unet'. Choose another file."
    )
