"""Texts for users without paths of the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.text.visible_paths import with_upload_names, without_folders

ID = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ID}.zip must be a zip archive.", "кошки 1.zip must be a zip archive."),
        (f"None of the 3 image files in {ID} can be read.", "None of the 3 image files in кошки 1 can be read."),
        (f"There is no /root/.cache/uploads/{ID}/{ID}.zip here", "There is no кошки 1.zip here"),
        (f"'{ID}'", "'кошки 1'"),
        (f"{ID}0.zip", f"{ID}0.zip"),
        ("f" * 32, "f" * 32),
        ("nothing to replace", "nothing to replace"),
    ],
)
def test_an_upload_has_its_name_instead_of_its_file(text: str, expected: str) -> None:
    assert with_upload_names(text, {ID: "кошки 1.zip"}.get) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is no data set '/srv/data/birds/one': no file", "There is no data set 'birds/one': no file"),
        ("/srv/data/birds.zip must be a zip", "birds.zip must be a zip"),
        ("/srv/database/x.zip cannot be read", "x.zip cannot be read"),
        ("cannot write /root/.cache/adq-explorer/texture/abc.npy.", "cannot write abc.npy."),
        ("[Errno 13] Permission denied: '/home/me/secret/file.npz'", "[Errno 13] Permission denied: 'file.npz'"),
        ("C:\\Users\\me\\pictures\\cats is missing", "cats is missing"),
        ("see https://docs.example.org/a/b", "see https://docs.example.org/a/b"),
        ("photographs/birds/1.png of birds", "photographs/birds/1.png of birds"),
        ("and/or, 3/4, n / m", "and/or, 3/4, n / m"),
        ("12 × 12 / 3", "12 × 12 / 3"),
    ],
)
def test_paths_are_relative_to_the_data_and_others_lose_their_folders(text: str, expected: str) -> None:
    assert without_folders(text, "/srv/data") == expected
    assert "/root" not in without_folders(text, None)


def test_a_root_with_a_link_or_a_slash_at_its_end_is_recognised(tmp_path: Path) -> None:
    real, link = tmp_path / "real folder", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    for root in (str(link), f"{link}/"):
        for folder in (link, real):
            assert without_folders(f"{folder}/birds/1.png is missing", root) == "birds/1.png is missing"


def test_the_name_of_an_archive_is_shown_without_both_endings() -> None:
    assert with_upload_names(f"{ID}.tar.gz and {ID}", {ID: "my.cats.TAR.gz"}.get) == "my.cats.TAR.gz and my.cats"
