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

CHOICE = SavedSelection(
    "mine", Settings(alpha=0.25, n_bins=4), "data", 12, "0123456789abcdef" * 2, description="by a test"
)


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
def test_a_saved_selection_is_restored_from_json(
    name: str, n: int, manual: bool, alpha: float, description: str
) -> None:
    choice = SavedSelection(name, Settings(alpha=alpha), "data", n, "ab" * 16, manual, description)
    assert SavedSelection.from_mapping(json.loads(json.dumps(choice.to_mapping()))) == choice


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(CHOICE.to_mapping())), JSON)
def test_any_json_is_a_saved_selection_or_an_adq_error(name: str, value: object) -> None:
    mapping = CHOICE.to_mapping() | {name: value}
    try:
        restored = SavedSelection.from_mapping(mapping)
    except AdqError:
        return
    assert SavedSelection.from_mapping(restored.to_mapping()) == restored, "missing settings have their defaults"
    assert {**restored.to_mapping(), "settings": None} == {**mapping, "settings": None}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": " "}, "The name of a saved selection must have 1 to 80 characters, got ' '."),
        ({"n_images": True}, "n_images of a saved selection must be of type int, got True."),
        ({"digest": "../../etc"}, "A saved selection must have a count of 0 or more and a digest of 32 hex digits."),
        ({"settings": {"magic": 1}}, None),
    ],
)
def test_invalid_values_are_refused(changes: dict, text: str | None) -> None:
    with pytest.raises(AdqError) as refused:
        SavedSelection.from_mapping(CHOICE.to_mapping() | changes)
    if text is not None:
        assert str(refused.value) == text


@given(st.lists(st.text(max_size=5), max_size=9), st.randoms())
def test_the_digest_of_ids_does_not_depend_on_their_order(ids: list[str], rng) -> None:
    shuffled = list(ids)
    rng.shuffle(shuffled)
    assert ids_digest(ids) == ids_digest(shuffled)
    assert ids_digest([*ids, "one more"]) != ids_digest(ids)


def test_manually_selected_images_are_found_by_their_ids(tmp_path: Path) -> None:
    names = [f"{letter}.png" for letter in "abcdefghijkl"]
    data = images(ids=names)
    selection = manual_selection(data, np.array([7, 2, 7]), how={"told": "by a test"})
    assert (selection.ids, selection.rows.tolist()) == (("c.png", "h.png"), [2, 7])
    assert ids_of(data, selection.rows) == selection.ids
    Store(tmp_path).get_or_compute(ManualSelection, selection.key, lambda: selection)
    restored = Store(tmp_path).get(ManualSelection, selection.key)
    assert restored is not None
    assert (restored.ids, restored.rows.tolist(), json.loads(restored.how)) == (
        selection.ids,
        [2, 7],
        {"told": "by a test"},
    )
    assert rows_of(restored, data).tolist() == [2, 7]
    grown = images(13, ids=["0.png", *names], key="grown")
    assert rows_of(restored, grown).tolist() == [3, 8], "another data set: found by id"
    shrunk = images(3, ids=["c.png", "d.png", "e.png"], key="shrunk")
    assert rows_of(restored, shrunk).tolist() == [0], "missing images are skipped"


def test_the_same_ids_of_another_data_set_have_another_key() -> None:
    one, other = images(), images(key="another")
    assert manual_selection(one, np.array([1]), how={}).key != manual_selection(other, np.array([1]), how={}).key
    assert (
        manual_selection(one, np.array([1]), how={}).key == manual_selection(one, np.array([1]), how={"told": "x"}).key
    )


def test_a_manual_selection_can_be_empty() -> None:
    empty = manual_selection(images(), np.empty(0, np.int64), how={})
    assert (empty.ids, rows_of(empty, images()).tolist()) == ((), [])
    assert rows_of(empty, images(key="another")).tolist() == []


def test_a_saved_selection_needs_a_name() -> None:
    with pytest.raises(InputError):
        SavedSelection("x" * 81, Settings(), "data", 1, "ab" * 16)


def test_the_keys_of_the_json_in_browsers_do_not_change() -> None:
    keys = ["name", "settings", "dataset_key", "n_images", "digest", "by_hand", "about"]
    assert list(CHOICE.to_mapping()) == keys
    assert CHOICE.to_mapping()["about"] == CHOICE.description == "by a test"
    assert SavedSelection.from_mapping(CHOICE.to_mapping() | {"by_hand": True}).manual
