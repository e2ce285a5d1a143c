"""Numbers and names as text."""

from __future__ import annotations

import pytest

from app.text import format as texts


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0%"),
        (0.1, "10.0%"),
        (0.4125, "41.2%"),
        (1.0, "100%"),
        (0.9996, "99.96%"),
        (0.0004, "0.04%"),
        (0.00001, "0.001%"),
        (0.999999, "99.9999%"),
    ],
)
def test_a_share_reads_0_or_100_only_if_it_is(share: float, text: str) -> None:
    assert texts.percent(share) == text


def test_a_long_name_loses_its_middle() -> None:
    assert texts.shorten("abcdefghij", 10) == "abcdefghij"
    assert texts.shorten("abcdefghijk", 10) == "abcde…hijk"
    assert texts.shorten("abcdefghijk", 5) == "ab…jk"


def test_class_labels_file_sizes_and_lists() -> None:
    assert (texts.class_label("8"), texts.class_label("cat")) == ("class 8", "cat")
    assert [texts.file_size(n) for n in (999, 1000, 1_500_000)] == ["999 bytes", "1.0 kB", "1.5 MB"]
    names = ["a", "b", "c", "d"]
    assert [texts.enumerate_first(names, n) for n in (4, 3, 2)] == [
        "a, b, c, d",
        "a, b, c and 1 other",
        "a, b and 2 others",
    ]
