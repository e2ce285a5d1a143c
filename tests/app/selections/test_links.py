"""Selections in links, and saved selections in the storage of a browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Settings
from app.selections import links as selection_links
from app.selections.saved import SavedSelections, read
from tests.selection.test_saved import CHOICE


@given(
    st.floats(0, 1),
    st.floats(0, 1, exclude_min=True),
    st.integers(1, 99),
    st.sampled_from(["small", "/my vectors/a&b=c%20d+e.npy", "ü.npz"]),
    st.integers(0, 2**32 - 1),
)
def test_settings_are_the_same_after_a_round_trip_through_a_link(
    alpha: float, keep: float, n_bins: int, name: str, seed: int
) -> None:
    settings = Settings(dataset="digits", alpha=alpha, keep_ratio=keep, n_bins=n_bins, embeddings=name, seed=seed)
    spec = selection_links.read(selection_links.settings_link(settings))
    assert (spec.kind, spec.problem) == ("held", "")
    there = spec.settings(Settings(dataset="photos", alpha=0.1))
    assert there is not None
    assert there.dataset == "photos", "both selections have the same data set"
    assert selection_links.differing(there, settings) == []


@given(st.text(max_size=60) | st.text(max_size=40).map("held:".__add__) | st.text(max_size=12).map("random:".__add__))
def test_every_text_in_a_link_gives_a_selection(text: str) -> None:
    spec = selection_links.read(text)
    assert spec.kind in ("now", "uniform", "random", "held", "rows")
    assert not spec.problem or spec.kind == "uniform"


def test_a_link_contains_only_settings_that_change_a_selection() -> None:
    assert selection_links.settings_link(Settings(projection="pca", patch_keep_ratio=0.5)) == "held:"
    assert selection_links.settings_link(Settings(alpha=0.3, n_bins=5)) == "held:n_bins=5&alpha=0.3"
    assert not {"projection", "patch_size", "dataset", "labels"} & set(selection_links.SELECTION_SETTINGS)
    assert {"embeddings", "weights", "n_bins", "alpha", "seed", "diversity"} <= set(selection_links.SELECTION_SETTINGS)
    assert selection_links.read("random:7").seed == 7
    assert selection_links.read("held:dataset=x").problem == (
        "B of the link could not be read: 'dataset' is not a setting that changes a selection. "
        "The page uses the uniform rule instead."
    )


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "3", "[" * 100_000, '{"a": 1}', '{"mine": {"name": "yours"}}'])
def test_a_browser_may_send_any_text(text: str) -> None:
    by_name, unreadable = read(text)
    assert by_name == {}
    assert unreadable == (0 if text == "" else 1)


def test_changes_that_the_browser_has_not_confirmed_are_not_lost() -> None:
    import json

    saved = SavedSelections()
    saved.put("mine", CHOICE)
    saved.receive({"text": json.dumps({"x": {}}), "serial": 1, "done": 0, "refused": False})
    assert list(saved.by_name) == ["mine"]
    assert saved.unreadable == 1
    saved.receive({"text": json.dumps({"mine": CHOICE.to_mapping()}), "serial": 2, "done": 1, "refused": False})
    assert (saved.changes, saved.by_name) == ([], {"mine": CHOICE})
    saved.receive({"text": "{}", "serial": 1, "done": 1, "refused": False})
    assert list(saved.by_name) == ["mine"], "an older message changes nothing"
    for odd in (None, 3, {}, {"serial": True}, {"serial": 9, "text": 4, "done": "x"}):
        saved.receive(odd)
    assert list(saved.by_name) == ["mine"]
