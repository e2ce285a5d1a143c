"""Names that every file system accepts: laws, and examples."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.export.names import RESERVED, safe_name, unique_names

TEXTS = st.text(st.characters(), max_size=80)
ENDINGS = st.sampled_from(["", ".png", ".JPG", ".jpeg"])


@given(TEXTS, ENDINGS)
def test_a_safe_name_is_one_visible_file(name: str, ending: str) -> None:
    safe = safe_name(name, ending=ending)
    assert safe
    assert len(safe.encode()) <= 130
    assert not safe.startswith((".", "__"))
    assert safe.strip() == safe or ending
    assert not set(safe) & set('/\\:*?"<>|\0\n\r\t\u202e')
    assert not RESERVED.fullmatch(safe.split(".")[0])
    assert safe.lower().endswith(ending.lower())


@given(TEXTS, ENDINGS)
def test_a_safe_name_stays(name: str, ending: str) -> None:
    safe = safe_name(name, ending=ending)
    assert safe_name(safe, ending=ending) == safe


@given(st.lists(st.sampled_from(["a.png", "A.png", "a-1.png", "a-2.png", "b", "B", "é.png", "e\u0301.png", "b-4"])))
def test_unique_names_differ_on_every_file_system(names: list[str]) -> None:
    unique = unique_names(names, range(len(names)))
    keys = [unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold()) for name in unique]
    assert len(set(keys)) == len(names)
    for name, result in zip(names, unique, strict=True):
        if (
            sum(other.casefold() == name.casefold() for other in names) == 1
            and "\u0301" not in name
            and name != "é.png"
        ):
            assert result == name


@pytest.mark.parametrize(
    ("name", "ending", "expected"),
    [
        ("photo 1.jpg", ".jpg", "photo 1.jpg"),
        ("größe.png", ".png", "größe.png"),
        ("no ending", ".png", "no ending.png"),
        ("../../etc/passwd", "", "-..-etc-passwd"),
        (".png", ".png", ".png".lstrip(".") + ".png"),
        ("con.png", ".png", "_con.png"),
        ("a\x00b\n.png", ".png", "a-b-.png"),
        ("\u202egpj.exe", "", "-gpj.exe"),
        ("猫" * 100 + ".png", ".png", "猫" * 38 + ".png"),
        ("", "", "image"),
        ("...", "", "image"),
    ],
)
def test_examples(name: str, ending: str, expected: str) -> None:
    assert safe_name(name, ending=ending) == expected


def test_a_taken_name_is_not_used() -> None:
    assert unique_names(["manifest.json", "cat"], [0, 1], taken=["manifest.json"]) == ["manifest-0.json", "cat"]
