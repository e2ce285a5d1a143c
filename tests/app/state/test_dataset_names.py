"""How a data set that is a file or a folder is called on the screen and in a link."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.blocks import upload
from app.state import dataset_names


@pytest.mark.parametrize(
    ("dataset", "told"),
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
def test_a_long_path_is_told_by_its_end(dataset: str, told: str | None) -> None:
    assert dataset_names.ending(dataset) == told


def test_an_upload_is_called_by_its_name_and_found_by_it(tmp_path: Path) -> None:
    one, two = (upload.store_upload("my cats.zip", content, tmp_path) for content in (b"one", b"two"))
    assert dataset_names.label(str(one)) == f"my-cats.zip ({one.parent.name[:6]})"
    assert dataset_names.label(str(one)) != dataset_names.label(str(two)), "two of one name"
    for path in (one, two):
        assert dataset_names.found(dataset_names.label(str(path)), tmp_path) == str(path)
        assert dataset_names.found(str(path), tmp_path) == str(path), "the path stays a way to name it"
    other = "my-cats.zip (abcdef)"
    assert dataset_names.found(other, tmp_path) == other, "of another machine: the error names what was asked for"
    assert dataset_names.found("../my-cats.zip (0)", tmp_path) == "../my-cats.zip (0)"


@given(st.text())
def test_what_is_no_upload_is_called_what_it_is(name: str) -> None:
    assert dataset_names.found(name, Path("/nowhere")) == name
    if dataset_names.UPLOADS not in name:
        assert dataset_names.label(name) == name
