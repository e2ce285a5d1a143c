"""Names of data sets on the screen and in links, where a data set is a file or a folder."""

from __future__ import annotations

import pytest

from app.state import dataset_names


@pytest.mark.parametrize(
    ("dataset", "location"),
    [
        ("digits", None),
        ("torchvision:a/very/long/name/of/one", "**one** in of"),
        ("/data/short", None),
        ("/somewhere/else/my images/", "**my images** in else"),
        ("/somewhere/else/a*b_c.zip", r"**a\*b_c.zip** in else"),
        ("C:\\Users\\me\\pictures\\cats", "**cats** in pictures"),
        ("a long name of an upload.zip (upload 0123456789ab)", None),
    ],
)
def test_the_location_of_a_long_path_names_its_end(dataset: str, location: str | None) -> None:
    assert dataset_names.location(dataset) == location


@pytest.mark.parametrize(
    ("dataset", "title"),
    [
        ("digits", "digits"),
        ("/data/my images", "my images"),
        ("кошки (1).zip (upload 0123456789ab)", "кошки (1).zip"),
        ("cats.zip (shared 0123456789abcdef0123456789abcdef)", "cats.zip"),
        ("cats.zip (upload 01)", "cats.zip (upload 01)"),
    ],
)
def test_the_title_of_a_data_set_is_a_name_without_its_folder_and_code(dataset: str, title: str) -> None:
    assert dataset_names.short_name(dataset) == title
