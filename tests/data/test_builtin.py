"""The built-in real images: digits and crops of photographs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.data.builtin import CROP, MAX_CROPS, MIN_STD, PHOTOGRAPHS, _inside, _is_flat, digits, grid, photos
from adq_core.errors import InputError


@given(st.integers(CROP, 3000), st.integers(CROP, 3000))
def test_crops_are_inside_the_photograph_and_do_not_overlap(height: int, width: int) -> None:
    crops = grid(height, width)
    assert 1 <= len(crops) <= MAX_CROPS
    ys, xs = np.array([crop[:2] for crop in crops]).T
    assert ys.min() >= 0
    assert xs.min() >= 0
    assert ys.max() + CROP <= height
    assert xs.max() + CROP <= width
    assert len({(y // CROP, x // CROP) for y, x in zip(ys - ys.min(), xs - xs.min(), strict=True)}) == len(crops)
    assert ((ys - ys.min()) % CROP == 0).all()
    assert ((xs - xs.min()) % CROP == 0).all()


@given(st.integers(CROP, 3000), st.integers(4 * CROP, 3000))
def test_held_out_crops_are_one_region_at_the_right(height: int, width: int) -> None:
    crops = grid(height, width)
    held = [x for _, x, held_out in crops if held_out]
    assert max(x for _, x, held_out in crops if not held_out) < min(held)
    assert 0.1 < len(held) / len(crops) < 0.4


def test_photos_are_as_described() -> None:
    data = photos()
    assert len(data) == 896
    assert data.class_names == tuple(sorted(PHOTOGRAPHS))
    assert data.n_classes == 14
    assert data.class_counts.min() >= 20
    assert data.class_counts.max() == 120
    assert data.thumbnails.shape == (896, 64, 64, 3)
    assert data.ids == tuple(sorted(data.ids))
    assert all(re.fullmatch(r"[a-z]+/y\d{3}-x\d{3}", name) for name in data.ids)
    assert [name.split("/")[0] for name in data.ids] == [data.class_names[label] for label in data.labels]
    assert 0.2 < data.held_out.mean() < 0.3
    assert np.bincount(data.labels[data.held_out]).min() >= 4  # every class is in the held-out part
    assert photos().key == data.key


def test_no_photo_is_flat_and_most_are_similar_to_their_class() -> None:
    data = photos()
    pixels = data.thumbnails.reshape(len(data), -1, 3).astype(np.float64)
    assert pixels.std(axis=1).max(axis=1).min() >= 1
    # Nearest class mean of two numbers per image: the accuracy is far above 1/14 (chance), so classes differ.
    features = np.concatenate([pixels.mean(axis=1), pixels.std(axis=1)], axis=1)
    means = np.stack([features[(data.labels == c) & ~data.held_out].mean(axis=0) for c in range(14)])
    nearest = ((features[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == data.labels)[data.held_out].mean() > 0.5


@given(st.integers(0, 4096), st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_a_crop_is_flat_if_no_channel_varies(count: int, ground: int, other: int, sparse: bool) -> None:
    """Cases at the limit: `count` pixels have another grey level, the first ones or every fourth pixel."""
    crop = np.full((CROP * CROP, 3), ground, np.uint8)
    order = np.arange(CROP * CROP)
    if sparse:
        order = np.argsort((order % CROP % 4 + order // CROP % 4) > 0, kind="stable")
    crop[order[:count], 1] = other
    share = count / CROP**2
    slow = abs(ground - other) * (share * (1 - share)) ** 0.5
    if abs(slow - MIN_STD) > 1e-9:
        assert _is_flat(crop.reshape(CROP, CROP, 3)) == (slow < MIN_STD)


def test_a_package_without_a_file_is_an_error() -> None:
    for package in ("sklearn", "no_such_package"):
        with pytest.raises(InputError) as error:
            _inside(package, "data/moved.png")
        assert str(error.value) == (
            f"The installed {package} must contain data/moved.png, but does not. Install requirements.txt again."
        )


def test_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    data, known = digits(), load_digits()
    assert len(data) == 1797
    np.testing.assert_array_equal(data.labels, known.target)
    np.testing.assert_array_equal(data.read(5)[..., 1], np.round(known.images[5] * 255 / 16))
