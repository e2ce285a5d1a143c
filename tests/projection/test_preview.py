"""The first map, from the thumbnails alone."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core.errors import Cancelled
from adq_core.projection import preview
from tests.fakes import Cancels


def thumbnails(count: int, side: int) -> np.ndarray:
    """Images whose brightness rises with the row; a little noise."""
    rng = np.random.default_rng(0)
    level = np.linspace(20, 220, count)[:, None, None, None]
    return (level + rng.uniform(-5, 5, (count, side, side, 3))).astype(np.uint8)


@pytest.mark.parametrize("side", [1, 2, 4, 8, 16, 32, 64])
def test_the_first_axis_of_images_of_different_brightness_is_brightness(side: int) -> None:
    images = thumbnails(50, side)
    made = preview([images[:30], images[30:]], 50, key="k")
    assert (made.method, made.key, made.xy.shape, made.xy.dtype) == ("pca", "k", (50, 2), np.float32)
    assert abs(np.corrcoef(made.xy[:, 0], images.mean(axis=(1, 2, 3)))[0, 1]) > 0.99


def test_batches_change_nothing() -> None:
    images = thumbnails(40, 16)
    whole = preview([images], 40)
    assert preview([images[:7], images[7:30], images[30:]], 40).xy.tobytes() == whole.xy.tobytes()


@pytest.mark.parametrize("images", [np.zeros((5, 8, 8, 3), np.uint8), np.zeros((1, 64, 64, 3), np.uint8)])
def test_equal_images_are_one_point(images: np.ndarray) -> None:
    np.testing.assert_array_equal(preview([images], len(images)).xy, 0)


@pytest.mark.parametrize("batches", [[], [np.zeros((2, 8, 8, 3), np.uint8)]])
def test_missing_rows_are_an_error(batches: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"The batches must have 3 thumbnails in all, got [02]\."):
        preview(batches, 3)


def test_progress_counts_the_images_and_can_cancel() -> None:
    images = thumbnails(6, 8)
    told: list[tuple[int, int, str]] = []
    preview([images[:4], images[4:]], 6, progress=lambda *said: told.append(said))
    assert told[:2] == [(4, 6, "map"), (6, 6, "map")]
    with pytest.raises(Cancelled):
        preview([images[:4], images[4:]], 6, progress=Cancels(1))
