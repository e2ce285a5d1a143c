"""Sheets and galleries: every image is at its position, and no name becomes markup."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adq_core.records import PatchMasks
from app.images.sheet import GUTTER, PER_ROW, SIDE, Tile, gallery, make_sheet, masked, ranked


def flat(count: int, side: int = 8) -> np.ndarray:
    """Return images of one grey level each, with large differences between them."""
    grey = np.linspace(0, 255, count).astype(np.uint8)
    return np.broadcast_to(grey[:, None, None, None], (count, side, side, 3)).copy()


@settings(max_examples=15, deadline=None)
@given(count=st.integers(1, 40), side=st.sampled_from([5, 8, 64, 100]))
def test_a_sheet_contains_every_image_at_its_position(count: int, side: int) -> None:
    images = flat(count, side)
    picture = np.asarray(Image.open(io.BytesIO(make_sheet(images))).convert("RGB")).astype(int)
    pitch = SIDE + 2 * GUTTER
    columns = min(PER_ROW, count)
    assert picture.shape == (-(-count // columns) * pitch, columns * pitch, 3)
    for number in range(count):
        top, left = number // columns * pitch, number % columns * pitch
        tile = picture[top + GUTTER : top + GUTTER + SIDE, left + GUTTER : left + GUTTER + SIDE]
        assert abs(tile[8:-8, 8:-8] - int(images[number, 0, 0, 0])).max() <= 6, "WebP may change a grey level slightly"


def test_a_sheet_is_one_webp() -> None:
    assert Image.open(io.BytesIO(make_sheet(flat(3)))).format == "WEBP"


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 40), width=st.sampled_from([72, 128]))
def test_a_gallery_shows_each_tile_of_its_sheet(count: int, width: int) -> None:
    page = gallery(flat(count), [Tile(str(n)) for n in range(count)], width)
    packed = re.search(r"base64,([^)]+)\)", page)
    assert packed
    sheet_width, sheet_height = Image.open(io.BytesIO(base64.b64decode(packed[1]))).size
    size = re.search(r"background-size:([\d.]+)% ([\d.]+)%", page)
    assert size
    side = sheet_width / float(size[1]) * 100  # pixels of the sheet per box
    places = re.findall(r"background-position:([\d.]+)% ([\d.]+)%", page)
    assert len(places) == count
    for number, (x, y) in enumerate(places):
        left = float(x) / 100 * (sheet_width - side)
        top = float(y) / 100 * (sheet_height - side)
        pitch = side + 2 * GUTTER
        assert left == pytest.approx(number % PER_ROW * pitch + GUTTER, abs=0.2)
        assert top == pytest.approx(number // PER_ROW * pitch + GUTTER, abs=0.2)


def test_names_never_become_markup() -> None:
    page = gallery(flat(1), [Tile('<b>"x"', title="<script>alert('1')</script>", image='"><i>')])
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert 'data-image="&quot;&gt;&lt;i&gt;"' in page
    assert "&lt;b&gt;&quot;x&quot;" in page


def test_no_images_and_wrong_counts() -> None:
    assert gallery(flat(0), []) == "<p>No images here.</p>"
    with pytest.raises(ValueError, match=r"^every image needs one tile, got 2 images and 1 tiles\.$"):
        gallery(flat(2), [Tile("a")])


@pytest.fixture
def masks() -> PatchMasks:
    images = np.full((1, 4, 4, 3), 200, np.uint8)
    return PatchMasks(
        rows=np.array([0]),
        images=images,
        saliency=np.array([[4.0, 1.0, 3.0, 2.0]]),
        keep=np.array([[True, False, True, False]]),
        patch_size=2,
        patch_keep_ratio=0.5,
        ranking="texture",
        key="k",
    )


def test_dropped_patches_are_hatched_and_kept_ones_unchanged(masks: PatchMasks) -> None:
    shown = masked(masks, (236, 205))
    assert (shown[0, :, :2] == 200).all(), "patches 0 and 2 are the left half"
    assert set(np.unique(shown[0, :, 2:])) <= {205, 236}


def test_a_higher_rank_is_brighter(masks: PatchMasks) -> None:
    shown = ranked(masks)[0, :, :, 0]
    by_patch = [shown[0, 0], shown[0, 3], shown[3, 0], shown[3, 3]]
    assert np.argsort(by_patch).tolist() == [1, 3, 2, 0]
