"""Names of data sets on the screen and in links, where a data set is a file or a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blocks import upload
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
        ("/root/.cache/uploads/0f3a9b77/my-cats.zip", None),
    ],
)
def test_the_location_of_a_long_path_names_its_end(dataset: str, location: str | None) -> None:
    assert dataset_names.location(dataset) == location


def test_an_upload_has_a_display_name_and_is_found_by_it(tmp_path: Path) -> None:
    one, two = (upload.store_upload("my cats.zip", content, tmp_path) for content in (b"one", b"two"))
    assert dataset_names.display_name(str(one)) == f"my-cats.zip ({one.parent.name[:6]})"
    assert dataset_names.display_name(str(one)) != dataset_names.display_name(str(two)), (
        "two uploads with the same file name"
    )
    for path in (one, two):
        assert dataset_names.from_display_name(dataset_names.display_name(str(path)), tmp_path) == str(path)
        assert dataset_names.from_display_name(str(path), tmp_path) == str(path), "the path also names it"
    other = "my-cats.zip (abcdef)"
    assert dataset_names.from_display_name(other, tmp_path) == other, "an upload of another machine"
    assert dataset_names.from_display_name("../my-cats.zip (0)", tmp_path) == "../my-cats.zip (0)"


@given(st.text())
def test_other_data_sets_are_their_own_display_name(name: str) -> None:
    assert dataset_names.from_display_name(name, Path("/nowhere")) == name
    if dataset_names.UPLOADS not in name:
        assert dataset_names.display_name(name) == name
