"""Pictures of one image, of its place in the draw order, of vectors and of patches."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.images import sheet, single, vector_tiles


@pytest.mark.parametrize(("position", "quota", "capacity"), [(0, 0, 4), (2, 1, 8), (7, 8, 8)])
def test_the_bar_is_filled_up_to_the_quota_and_marked_at_the_position(position: int, quota: int, capacity: int) -> None:
    page = single.draw_position_bar(position, quota, capacity, "#123456")
    width = re.search(r"width:([\d.]+)%;height:100%", page)
    left = re.search(r"left:([\d.]+)%;border-left", page)
    assert width is not None
    assert left is not None
    assert float(width[1]) == pytest.approx(100 * quota / capacity, abs=1e-3)
    assert float(left[1]) == pytest.approx(100 * (position + 0.5) / capacity, abs=1e-3)
    assert f">{position + 1}</span>" in page


def test_texture_is_brighter_by_its_square_root() -> None:
    assert single.texture_image(np.array([[0.0, 0.25, 1.0, 4.0, 9.0]]))[0, :, 0].tolist() == [0, 64, 128, 255, 255]


def test_the_numbers_of_a_vector_are_grey_cells_line_by_line_on_one_scale() -> None:
    vectors = np.tile(np.linspace(0.0, 1.0, 5), (200, 1))
    vectors[0] = [0.0, 0.5, 1.0, 9.0, 0.25]
    tiles = vector_tiles.Tiles(vectors)
    assert (tiles.low, tiles.high) == (pytest.approx(0.0), pytest.approx(1.0))
    tile = tiles[0]
    assert tile.shape == (3, 3, 3)
    assert tile[..., 0].tolist() == [[0, 128, 255], [255, 64, 128], [128, 128, 128]], "the last four cells are empty"
    assert tiles[np.array([1, 0])][0, ..., 0].tolist() == [[0, 64, 128], [191, 255, 128], [128, 128, 128]]


def test_the_error_of_a_pixel_is_the_largest_of_its_colours_whatever_its_sign() -> None:
    images = np.array([[[[100, 100, 100], [10, 200, 0]]]], np.uint8)
    others = np.array([[[[90, 105, 100], [10, 0, 0]]]], np.uint8)
    assert sheet.error_image(images, others, 4)[0, 0].tolist() == [[40] * 3, [255] * 3]
    assert sheet.error_image(others, images, 4)[0, 0].tolist() == [[40] * 3, [255] * 3]


def test_each_picture_of_a_row_is_that_of_its_image() -> None:
    """The first column has the greys 0 and 50, the second one 100 and 150: the sheet is in this order."""
    columns = {
        name: np.full((2, 8, 8, 3), 0, np.uint8) + np.array([low, low + 50], np.uint8)[:, None, None, None]
        for name, low in (("original", 0), ("kept", 100))
    }
    page = sheet.side_by_side(columns, ["first", "second"], ["a", "b"])
    places = [float(x) for x in re.findall(r"background-position:([\d.]+)%", page)]
    assert np.argsort(places).tolist() == [0, 2, 1, 3], "row by row: 0 and 100, then 50 and 150"
    labels = re.findall(r'aria-label="(\w+): (\w+)"', page)
    assert labels == [("original", "first"), ("kept", "first"), ("original", "second"), ("kept", "second")]
