"""Names of uploads: every script, hostile and long names, and the references in settings and links."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.uploads import ENDINGS, Reference, clean_name, ending_of, read_reference, stem_of
from app.uploads.names import MAX_BYTES, UNNAMED

SCRIPTS = {
    "Latin": "my cats.zip",
    "Cyrillic": "кошки и собаки.zip",
    "Greek": "γάτες.npz",
    "Arabic": "قطط.zip",
    "Hebrew": "חתולים.zip",
    "Chinese": "猫的照片.parquet",
    "Japanese": "ねこの写真.zip",
    "Korean": "고양이.csv",
    "Thai": "แมวน้อย.npy",
    "Devanagari": "बिल्लियाँ.zip",
    "emoji": "🐈‍⬛ 👩🏽‍🔬.zip",
    "right-to-left mark": "\u200fקטים.zip",
}


@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_name_of_any_script_keeps_its_letters_and_its_ending(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)
    assert ending_of(clean_name(name)) == "." + name.rsplit(".", 1)[1]


def test_a_combining_mark_is_composed_so_equal_names_are_equal() -> None:
    assert clean_name("cafe\u0301.zip") == clean_name("caf\u00e9.zip") == "caf\u00e9.zip"
    assert clean_name("x\u0301\u0323.zip").startswith("x"), "a mark without a composed form stays"


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\photos\\cats.zip", "cats.zip"),
        ("/absolute/way.npz", "way.npz"),
        ("...hidden.zip", "hidden.zip"),
        (".zip", f"{UNNAMED}.zip"),
        ("..zip", f"{UNNAMED}.zip"),
        ("  .npy", f"{UNNAMED}.npy"),
        ("", UNNAMED),
        ("..", UNNAMED),
        ("/", UNNAMED),
        ("two\nlines\t.zip", "two lines.zip"),
        ("null\0byte.zip", "nullbyte.zip"),
        ("\ud83d.zip", f"{UNNAMED}.zip"),
        ("gpj\u202etac.zip", "gpjtac.zip"),
        ("\u2066iso\u2069.zip", "iso.zip"),
        ("a:b~c.zip", "a-b-c.zip"),
        ("CATS.ZIP", "CATS.ZIP"),
        ("İstanbul.Zip", "İstanbul.Zip"),
        ("archive.tar.zip", "archive.tar.zip"),
        ("song.mp3", "song.mp3"),
    ],
)
def test_names_are_cleaned(given_name: str, expected: str) -> None:
    assert clean_name(given_name) == expected


@pytest.mark.parametrize("letter", ["a", "ж", "猫", "🐈", "ก"])
def test_a_name_of_255_bytes_stays_and_a_longer_one_keeps_its_ending(letter: str) -> None:
    size = len(letter.encode())
    count = (MAX_BYTES - len(".parquet")) // size
    fits = letter * count + ".parquet"
    assert clean_name(fits) == fits
    shortened = clean_name(letter * 400 + ".parquet")
    assert shortened == fits
    assert len(shortened.encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    ("name", "stem"), [("cats.tar.gz", "cats"), ("my.cats.ZIP", "my.cats"), ("a.gz", "a.gz"), ("猫.Tar.Xz", "猫")]
)
def test_the_stem_of_a_name_has_no_ending(name: str, stem: str) -> None:
    assert stem_of(name) == stem


@given(st.text())
def test_a_cleaned_name_is_safe_and_stays_the_same_when_it_is_cleaned_again(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned
    assert clean_name(cleaned) == cleaned
    assert len(cleaned.encode()) <= MAX_BYTES
    assert not {"/", "\\", "\0", "\n", ":", "~"} & set(cleaned)
    assert not cleaned.startswith(".")


@given(st.text(min_size=1), st.sampled_from(ENDINGS))
def test_a_cleaned_name_keeps_its_ending(stem: str, ending: str) -> None:
    assert clean_name(stem + ending).endswith(ending)


@given(st.text())
def test_a_reference_is_read_as_it_was_written(name: str) -> None:
    for reference in (
        Reference("upload", clean_name(name), "0123456789ab"),
        Reference("shared", clean_name(name), "0123456789abcdef" * 2),
    ):
        assert read_reference(str(reference)) == reference


@pytest.mark.parametrize(
    "text",
    [
        "photos",
        "/data/cats.zip",
        "cats.zip (upload 0123456789)",
        "cats.zip (upload 0123456789abcd)",
        "cats.zip (shared 0123456789ab)",
        "cats.zip (upload 0123456789AB)",
        "../cats.zip (upload 0123456789ab)",
        "a\u202eb.zip (upload 0123456789ab)",
        " (upload 0123456789ab)",
        "(upload 0123456789ab)",
        "cats.zip (upload 0123456789ab) ",
    ],
)
def test_other_texts_are_no_references(text: str) -> None:
    assert read_reference(text) is None
