"""The filter as a value: its text form, its words, and the images that match it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core.errors import InputError
from adq_core.filters import (
    ALL_IMAGES,
    Filter,
    Range,
    describe_filter,
    matching_rows,
    parts_of,
    read_filter,
    write_filter,
)
from adq_core.filters.filter import NOT_COLUMNS

texts = st.text(max_size=12)
names = texts.filter(lambda name: name not in NOT_COLUMNS)
flags = st.sampled_from([None, True, False])
numbers = st.floats(allow_nan=False)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(numbers), draw(numbers)))
    return Range(-math.inf if low == math.inf else low, math.inf if high == -math.inf else high)


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    return Filter(
        classes=frozenset(draw(st.sets(texts, max_size=4))),
        bins=frozenset(draw(st.sets(st.integers(0, 100_000), max_size=6))),
        selected=draw(flags),
        doubtful=draw(flags),
        duplicate=draw(flags),
        text=draw(texts),
        ranges=draw(st.dictionaries(names, ranges(), max_size=3)),
        values={},
    )


@given(filters(), st.dictionaries(names, st.frozensets(texts, max_size=3), max_size=3), st.randoms())
def test_a_filter_survives_its_text_in_any_order(filter: Filter, values: dict[str, frozenset[str]], random) -> None:
    apart = {name: chosen for name, chosen in values.items() if name not in filter.ranges}
    filter = Filter(**{**vars(filter), "values": apart})
    text = write_filter(filter)
    assert read_filter(text) == filter
    parts = text.split()
    random.shuffle(parts)
    again = read_filter("  ".join(parts))
    assert again == filter
    assert hash(again) == hash(filter)
    assert write_filter(again) == text
    assert bool(text) == bool(filter)


def test_the_text_is_short_and_readable() -> None:
    filter = Filter(
        classes=frozenset({"dog", "cat", "a b"}),
        bins=frozenset({0, 1, 2, 5}),
        selected=True,
        duplicate=False,
        text="img",
        ranges={"texture": Range(0.1, 0.3), "gain": Range(low=2)},
        values={"weather": frozenset({"sun", ""})},
    )
    assert write_filter(filter) == (
        "-duplicate bin:0-2,5 class:a~20b,cat,dog gain=2.. id:img selected texture=0.1..0.3 weather:,sun"
    )
    assert write_filter(ALL_IMAGES) == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cat", "A filter must have parts such as: class:cat,dog bin:0-2 selected texture=0.1..0.3 id:dog. Got 'cat'."),
        ("bin:0-2 bin:3", "A filter must have each part once, but 'bin' is in it twice."),
        ("selected -selected", "A filter must have each part once, but 'selected' is in it twice."),
        ("bin:3-1", "The bins of a filter must be in 0 to 100,000, the lower one first."),
        ("texture=2..1", "A range must have two numbers, the lower one first, got 2 to 1."),
        ("texture=nan..1", "A range must have two numbers, the lower one first, got nan to 1."),
        ("id=0..1", "A filter cannot have a range or a list of values with the name of another part."),
        ("x" * 20_000, "A filter must have at most 16,384 characters, got 20,000."),
    ],
)
def test_other_texts_are_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        read_filter(text)
    assert str(error.value) == sentence


@pytest.mark.parametrize("text", ["bin:x", "bin:", "bin:0-", "texture=1", "texture=a..", ":", "=", "a~FF:b", "-x"])
def test_damaged_texts_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="A filter must have parts such as"):
        read_filter(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        filter = read_filter(text)
    except InputError:
        return
    assert read_filter(write_filter(filter)) == filter


def test_the_words_of_every_part() -> None:
    filter = Filter(
        classes=frozenset({"dog", "cat"}),
        bins=frozenset({0, 1, 2}),
        selected=False,
        doubtful=True,
        duplicate=False,
        text="img",
        ranges={"agreement": Range(0.25, 0.5), "gain": Range(low=2), "width": Range(64, 64), "rank": Range(high=1200)},
        values={"weather": frozenset({"sun", "", "rain", "fog"})},
    )
    shown = [part.text for part in parts_of(filter, {"agreement": "neighbour agreement"})]
    assert shown == [
        "class cat or dog",
        "bin 0 to 2",
        "not selected",
        "with a doubtful label",
        "without a near duplicate",
        "“img” in the id",
        "neighbour agreement 0.25 to 0.5",
        "gain at least 2",
        "rank at most 1,200",
        "width equal to 64",
        "weather fog or 3 others",
    ]
    left = filter
    for part in parts_of(filter):
        left = left.without(part.name)
    assert left == ALL_IMAGES
    assert describe_filter(Filter(selected=True), 312, 10_000) == "312 of 10,000 images: selected."
    assert describe_filter(ALL_IMAGES, 10_000, 10_000) == "10,000 images."


@given(st.data())
def test_an_image_matches_if_it_matches_every_part(data: st.DataObject) -> None:
    """Against one image at a time, in plain Python."""
    m = data.draw(st.integers(1, 30))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    class_names = ("a", "b", "c")
    ids = [f"Img{number}" for number in rng.integers(0, 12, m)]
    labels, bin_of = rng.integers(0, 3, m), rng.integers(0, 4, m)
    chosen, number = rng.random(m) < 0.5, rng.integers(0, 5, m).astype(float)
    number[rng.random(m) < 0.2] = np.nan
    codes, weather = rng.integers(0, 3, m), ("sun", "rain", "")
    filter = Filter(
        classes=frozenset(data.draw(st.sets(st.sampled_from(class_names)))),
        bins=frozenset(data.draw(st.sets(st.integers(0, 6)))),
        selected=data.draw(flags),
        text=data.draw(st.sampled_from(["", "img1", "1", "x"])),
        ranges=data.draw(st.sampled_from([{}, {"n": Range(1, 3)}, {"n": Range(low=2)}])),
        values=data.draw(st.sampled_from([{}, {"w": frozenset({"sun", ""})}])),
    )
    shown = matching_rows(
        filter,
        m,
        labels=labels,
        class_names=class_names,
        folded_ids=tuple(name.casefold() for name in ids),
        columns={"bin": bin_of, "selected": chosen, "n": number, "w": (codes, weather)},
    )
    for row in range(m):
        one = filter.ranges.get("n")
        expected = (
            (not filter.classes or class_names[labels[row]] in filter.classes)
            and (not filter.bins or int(bin_of[row]) in filter.bins)
            and filter.selected in (None, bool(chosen[row]))
            and filter.text in ids[row].lower()
            and (one is None or one.low <= number[row] <= one.high)
            and (not filter.values or weather[codes[row]] in ("sun", ""))
        )
        assert shown[row] == expected
