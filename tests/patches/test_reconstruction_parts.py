"""The input of the inpainting network and the use of its output, with networks whose output is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from adq_core.patches import reconstruction  # noqa: E402

SIZES = [(16, 4), (12, 4), (10, 5)]  # 12 and 10 are padded to 16


def case(side: int, patch_size: int, n: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(side)
    images = rng.integers(1, 256, (n, side, side, 3), dtype=np.uint8)
    return images, rng.random((n, (side // patch_size) ** 2)) < 0.5


def known(keep: np.ndarray, side: int, patch_size: int) -> np.ndarray:
    """Return (K, S, S) bool, True for kept pixels, computed pixel by pixel."""
    cells = side // patch_size
    pixels = np.zeros((len(keep), side, side), bool)
    for y in range(side):
        for x in range(side):
            pixels[:, y, x] = keep[:, (y // patch_size) * cells + x // patch_size]
    return pixels


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[tuple[np.ndarray, np.ndarray]]:
    """Use a network that returns a constant colour; return the list of its inputs."""
    calls: list[tuple[np.ndarray, np.ndarray]] = []

    def network(images: Any, kept: Any) -> Any:
        calls.append((images.numpy().copy(), kept.numpy().copy()))
        return torch.full_like(images, 0.5)

    monkeypatch.setattr(reconstruction, "_fill", network)
    return calls


@pytest.mark.parametrize(("side", "patch_size"), SIZES)
def test_kept_pixels_are_those_of_the_image_and_dropped_ones_those_of_the_network(
    side: int, patch_size: int, received: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    images, keep = case(side, patch_size)
    result = reconstruction.reconstruct(images, keep, patch_size=patch_size, model=reconstruction.FILL)
    expected = np.where(known(keep, side, patch_size)[..., None], images, 128)  # half of 255, rounded
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(("side", "patch_size"), SIZES)
def test_the_network_receives_zeros_where_patches_are_dropped(
    side: int, patch_size: int, received: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    images, keep = case(side, patch_size, n=1)
    reconstruction.reconstruct(images, keep, patch_size=patch_size, model=reconstruction.FILL, mirrored=False)
    ((pixels, mask),) = received
    inside = known(keep, side, patch_size)
    np.testing.assert_array_equal(mask[0, 0, :side, :side], inside[0])
    expected = np.where(inside[0][..., None], images[0] / 255, 0)
    np.testing.assert_allclose(pixels[0, :, :side, :side].transpose(1, 2, 0), expected, atol=1e-6)
    assert pixels.shape[2] % reconstruction.MULTIPLE == 0
    # The padding repeats the last row and column, of pixels and mask alike.
    np.testing.assert_array_equal(
        pixels[0, :, side:, :side],
        pixels[0, :, [side - 1], :side].repeat(pixels.shape[2] - side, axis=0).transpose(1, 0, 2),
    )
    assert (mask[0, 0, side:, :side] == mask[0, 0, side - 1, :side]).all()


def test_the_mirror_image_is_mirrored_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def network(images: Any, kept: Any) -> Any:
        ramp = torch.linspace(0, 1, images.shape[3]).expand_as(images)
        return torch.where(kept > 0, images, ramp)

    monkeypatch.setattr(reconstruction, "_fill", network)
    images, keep = case(16, 4)
    both, once = (
        reconstruction.reconstruct(images, keep, patch_size=4, model=reconstruction.FILL, mirrored=mirrored)
        for mirrored in (True, False)
    )
    dropped = ~known(keep, 16, 4)
    ramp = np.broadcast_to(np.rint(np.linspace(0, 255, 16))[None, None, :, None], images.shape)
    np.testing.assert_allclose(once[dropped], ramp[dropped], atol=1)
    np.testing.assert_allclose(both[dropped], 127.5, atol=1)  # a ramp and its mirror image average to grey


def test_output_outside_the_range_is_cut() -> None:
    images, keep = case(16, 4)
    for value, expected in ((-0.3, 0), (1.7, 255)):
        result = reconstruction.inpaint(
            lambda pixels, kept, value=value: torch.full_like(pixels, value),
            images,
            known(keep, 16, 4),
            mirrored=True,
        )
        assert (result[~known(keep, 16, 4)] == expected).all()


@pytest.mark.parametrize("n", [1, 12, 13, 70])
def test_every_image_is_inpainted_once_for_any_number_of_images(
    n: int, received: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    images = np.arange(1, n + 1, dtype=np.uint8)[:, None, None, None] * np.ones((1, 64, 64, 3), np.uint8)
    keep = np.ones((n, 64), bool)
    keep[:, 0] = False
    done: list[tuple[int, int]] = []
    result = reconstruction.reconstruct(
        images,
        keep,
        patch_size=8,
        model=reconstruction.FILL,
        mirrored=False,
        progress=lambda part, total, what: done.append((part, total)),
    )
    assert (result[:, 63, 63, 0] == np.arange(1, n + 1)).all()
    seen = sorted(round(float(image[0, 63, 63]) * 255) for pixels, _ in received for image in pixels)
    assert seen == list(range(1, n + 1))
    assert done[-1] == (n, n)
    assert max(len(pixels) for pixels, _ in received) <= 32
