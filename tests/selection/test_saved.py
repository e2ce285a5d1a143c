from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Settings
from adq_core.errors import AdqError, InputError
from adq_core.selection.saved import ManualSelection, SavedSelection, ids_digest, ids_of, manual_selection, rows_of
from adq_core.storage.store import Store
from tests.fakes import fake_dataset

CHOICE = SavedSelection("mine", Settings(alpha=0.25, n_bins=4), "data", 12, "0123456789abcdef" * 2, about="by a test")


def images(n: int = 12, ids: list[str] | None = None, key: str = "fake"):
    plain = [np.full((8, 8, 3), number, np.uint8) for number in range(n)]
    return replace(fake_dataset(plain, ids=ids), key=key)


@given(
    st.text(min_size=1, max_size=80).filter(str.strip),
    st.integers(0, 2**40),
    st.booleans(),
    st.floats(0, 1),
    st.text(max_size=400),
)
def test_a_choice_comes_back_from_json(name: str, n: int, by_hand: bool, alpha: float, about: str) -> None:
    choice = SavedSelection(name, Settings(alpha=alpha), "data", n, "ab" * 16, by_hand, about)
    assert SavedSelection.from_mapping(json.loads(json.dumps(choice.to_mapping()))) == choice


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(CHOICE.to_mapping())), JSON)
def test_whatever_a_browser_tells_is_a_choice_or_an_error_of_ours(name: str, value: object) -> None:
    told = CHOICE.to_mapping() | {name: value}
    try:
        read = SavedSelection.from_mapping(told)
    except AdqError:
        return
    assert SavedSelection.from_mapping(read.to_mapping()) == read, "settings left out are the defaults"
    assert {**read.to_mapping(), "settings": None} == {**told, "settings": None}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "A kept choice must have a name of 1 to 80 characters, got ' '."),
        ({"n_images": True}, "A kept choice must have n_images of type int, got True."),
        ({"digest": "../../etc"}, "A kept choice must have a count of 0 or more and a digest of 32 hex digits."),
        ({"settings": {"magic": 1}}, None),
    ],
)
def test_what_is_wrong_is_said(changes: dict, said: str | None) -> None:
    with pytest.raises(AdqError) as refused:
        SavedSelection.from_mapping(CHOICE.to_mapping() | changes)
    if said is not None:
        assert str(refused.value) == said


@given(st.lists(st.text(max_size=5), max_size=9), st.randoms())
def test_the_digest_of_ids_is_that_of_a_set_in_any_order(ids: list[str], rng) -> None:
    shuffled = list(ids)
    rng.shuffle(shuffled)
    assert ids_digest(ids) == ids_digest(shuffled)
    assert ids_digest([*ids, "one more"]) != ids_digest(ids)


def test_picked_images_are_found_again_by_their_ids(tmp_path: Path) -> None:
    names = [f"{letter}.png" for letter in "abcdefghijkl"]
    data = images(ids=names)
    picked = manual_selection(data, np.array([7, 2, 7]), how={"told": "by a test"})
    assert (picked.ids, picked.rows.tolist()) == (("c.png", "h.png"), [2, 7])
    assert ids_of(data, picked.rows) == picked.ids
    Store(tmp_path).get_or_compute(ManualSelection, picked.key, lambda: picked)
    again = Store(tmp_path).get(ManualSelection, picked.key)
    assert again is not None
    assert (again.ids, again.rows.tolist(), json.loads(again.how)) == (picked.ids, [2, 7], {"told": "by a test"})
    assert rows_of(again, data).tolist() == [2, 7]
    grown = images(13, ids=["0.png", *names], key="grown")
    assert rows_of(again, grown).tolist() == [3, 8], "other data: found by id"
    shrunk = images(3, ids=["c.png", "d.png", "e.png"], key="shrunk")
    assert rows_of(again, shrunk).tolist() == [0], "what is gone is left out"


def test_the_same_ids_of_other_data_are_another_picking() -> None:
    one, other = images(), images(key="another")
    assert manual_selection(one, np.array([1]), how={}).key != manual_selection(other, np.array([1]), how={}).key
    assert (
        manual_selection(one, np.array([1]), how={}).key == manual_selection(one, np.array([1]), how={"told": "x"}).key
    )


def test_no_ids_at_all() -> None:
    nothing = manual_selection(images(), np.empty(0, np.int64), how={})
    assert (nothing.ids, rows_of(nothing, images()).tolist()) == ((), [])
    assert rows_of(nothing, images(key="another")).tolist() == []


def test_a_choice_needs_a_name() -> None:
    with pytest.raises(InputError):
        SavedSelection("x" * 81, Settings(), "data", 1, "ab" * 16)
