"""How a link names a choice, and what a browser keeps of the saved ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import Settings
from app.selections import links as selection_links
from app.selections.saved import Tray, read
from tests.selection.test_saved import CHOICE


@given(
    st.floats(0, 1),
    st.floats(0, 1, exclude_min=True),
    st.integers(1, 99),
    st.sampled_from(["small", "/my vectors/a&b=c%20d+e.npy", "ü.npz"]),
    st.integers(0, 2**32 - 1),
)
def test_held_settings_come_back_from_a_link(alpha: float, keep: float, n_bins: int, name: str, seed: int) -> None:
    settings = Settings(dataset="digits", alpha=alpha, keep_ratio=keep, n_bins=n_bins, embeddings=name, seed=seed)
    spec = selection_links.read(selection_links.held(settings))
    assert (spec.kind, spec.problem) == ("held", "")
    there = spec.settings(Settings(dataset="photos", alpha=0.1))
    assert there is not None
    assert there.dataset == "photos", "both sides are of one data set"
    assert selection_links.differing(there, settings) == []


@given(st.text(max_size=60) | st.text(max_size=40).map("held:".__add__) | st.text(max_size=12).map("random:".__add__))
def test_whatever_a_link_says_is_a_choice(text: str) -> None:
    spec = selection_links.read(text)
    assert spec.kind in ("now", "uniform", "random", "held", "rows")
    assert not spec.problem or spec.kind == "uniform"


def test_only_what_matters_to_a_choice_is_held() -> None:
    assert selection_links.held(Settings(projection="pca", patch_keep_ratio=0.5)) == "held:"
    assert selection_links.held(Settings(alpha=0.3, n_bins=5)) == "held:n_bins=5&alpha=0.3"
    assert not {"projection", "patch_size", "dataset", "labels"} & set(selection_links.MATTERS)
    assert {"embeddings", "weights", "n_bins", "alpha", "seed", "diversity"} <= set(selection_links.MATTERS)
    assert selection_links.read("random:7").seed == 7
    assert selection_links.read("held:dataset=x").problem == (
        "The link's B could not be read: 'dataset' is no setting on which a choice depends. "
        "Compared with the uniform rule instead."
    )


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "3", "[" * 100_000, '{"a": 1}', '{"mine": {"name": "yours"}}'])
def test_a_tray_of_anything_is_read(text: str) -> None:
    kept, unreadable = read(text)
    assert kept == {}
    assert unreadable == (0 if text == "" else 1)


def test_steps_not_yet_done_by_the_browser_are_not_lost() -> None:
    import json

    tray = Tray()
    tray.do("mine", CHOICE)
    tray.receive({"text": json.dumps({"x": {}}), "serial": 1, "done": 0, "refused": False})
    assert list(tray.kept) == ["mine"]
    assert tray.unreadable == 1
    tray.receive({"text": json.dumps({"mine": CHOICE.to_mapping()}), "serial": 2, "done": 1, "refused": False})
    assert (tray.steps, tray.kept) == ([], {"mine": CHOICE})
    tray.receive({"text": "{}", "serial": 1, "done": 1, "refused": False})
    assert list(tray.kept) == ["mine"], "an older message is not news"
    for odd in (None, 3, {}, {"serial": True}, {"serial": 9, "text": 4, "done": "x"}):
        tray.receive(odd)
    assert list(tray.kept) == ["mine"]
