"""Sentences about strategies are true for every image of every strategy."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.storage import Store
from adq_core.strategies import STRATEGIES, difficulty
from app.text import strategies
from tests.pictures import pictures

RIVALS = sorted(set(STRATEGIES) - {"adq"})
QUICK = {"embeddings": "pixels", "projection": "pca", "diversity": "vectors", "n_bins": 3, "keep_ratio": 0.3}


@cache
def run_of(strategy: str) -> Run:
    return Run(Settings(**QUICK, strategy=strategy), Store(), dataset=pictures())


def why(strategy: str, row: int) -> str:
    run = run_of(strategy)
    return strategies.strategy_reason(strategy, row, run.strategy_draw, run.bins, run.dataset.n_classes)


def test_every_strategy_has_an_explanation() -> None:
    assert set(strategies.EXPLANATIONS) == set(RIVALS)


@pytest.mark.parametrize("strategy", RIVALS)
def test_the_reason_says_whether_an_image_is_selected_and_never_speaks_of_alpha(strategy: str) -> None:
    run = run_of(strategy)
    for row in range(len(run.dataset)):
        text = why(strategy, row)
        not_selected = re.search(r"\bnot selected\b", text, re.IGNORECASE) is not None
        assert not_selected != bool(run.selection.selected[row]), text
        assert re.search(r"\bselected\b", text, re.IGNORECASE)
        assert "alpha" not in text
        assert "importance" not in text


@pytest.mark.parametrize("strategy", ["k-centre", "herding", "facility-location"])
def test_picks_are_numbered_within_the_class_in_the_order_of_the_greedy(strategy: str) -> None:
    run = run_of(strategy)
    for label in range(run.dataset.n_classes):
        rows = np.flatnonzero((run.dataset.labels == label) & run.selection.selected)
        picks = {row: re.search(r"as pick (\d+) of (\d+) of its class", why(strategy, row)) for row in rows}
        numbers = {row: (int(found[1]), int(found[2])) for row, found in picks.items() if found}
        assert sorted(numbers.values()) == [(place + 1, len(rows)) for place in range(len(rows))]
        first = next(row for row, (place, _) in numbers.items() if place == 1)
        assert "mean of the class" in why(strategy, first) or "all images of the class" in why(strategy, first)
        smaller = Run(Settings(**QUICK | {"keep_ratio": 0.07}, strategy=strategy), Store(), dataset=pictures())
        inside = smaller.selection.indices[smaller.dataset.labels[smaller.selection.indices] == label]
        assert {numbers[row][0] for row in inside.tolist()} == set(range(1, len(inside) + 1)), "subsets nest"


@pytest.mark.parametrize("strategy", ["random", "balanced"])
def test_places_in_a_random_order(strategy: str) -> None:
    run = run_of(strategy)
    group = np.zeros(45, int) if strategy == "random" else run.dataset.labels
    for row in range(45):
        found = re.search(r"the first (\d+) are\s+selected. This image has place (\d+)", why(strategy, row))
        assert found
        assert int(found[1]) == run.selection.selected[group == group[row]].sum()
        assert (int(found[2]) <= int(found[1])) == run.selection.selected[row]


@pytest.mark.parametrize("strategy", ["margin", "ccs", "adq+margin"])
def test_images_that_are_left_out_are_those_of_small_margin(strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difficulty, "SHARES", (0.2,))
    run = Run(Settings(**QUICK, strategy=strategy), Store(), dataset=pictures())
    draw, margin, labels = run.strategy_draw, run.candidates.margin, run.dataset.labels
    texts = [strategies.strategy_reason(strategy, row, draw, run.bins, 3) for row in range(45)]
    left_out = np.array(["left out before the draw" in text for text in texts])
    assert left_out.sum() == 9
    of_class = " of its class" if strategy == "adq+margin" else ""
    groups = [labels == label for label in range(3)] if of_class else [np.ones(45, np.bool_)]
    for group in groups:
        assert margin[group & left_out].max() <= margin[group & ~left_out].min()
    for row in np.flatnonzero(left_out):
        assert f"margin of {margin[row]:.3f} is among the 20.0% smallest{of_class}" in texts[row]
        assert texts[row].endswith("It is not selected.")


def test_a_window_has_easier_and_harder_images_outside() -> None:
    run = run_of("window")
    margin, labels = run.strategy_draw.margin, run.dataset.labels
    for row in range(45):
        inside = margin[run.selection.selected & (labels == labels[row])]
        text = why("window", row)
        assert ("it is easier" in text) == (not run.selection.selected[row] and margin[row] >= inside.max())
        assert ("it is harder" in text) == (not run.selection.selected[row] and margin[row] <= inside.min())


@pytest.mark.parametrize("strategy", ["uniform-bins", "adq+margin"])
def test_numbers_of_bins(strategy: str) -> None:
    run = run_of(strategy)
    for row in np.flatnonzero(run.strategy_draw.place >= 0).tolist():
        number = int(run.bins.bin_of[row])
        quota = int(run.quotas.quota[number])
        text = why(strategy, row)
        assert f"bin {number}" in text
        assert re.search(rf"\b{quota}\b", text)


def test_settings_without_effect_have_one_sentence_each() -> None:
    assert strategies.without_effect("adq") == ()
    assert strategies.without_effect("adq+margin") == ()
    assert strategies.without_effect("uniform-bins") == ("alpha", "rule")
    assert strategies.without_effect("k-centre") == ("alpha", "rule", "draw_order", "seed")
    assert strategies.no_effect("k-centre", "rule") == "Quota rule has no effect: `k-centre` has no quota rule."
    for strategy in STRATEGIES:
        for name in strategies.without_effect(strategy):
            assert strategies.no_effect(strategy, name).endswith(".")


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_each_strategy_is_described_with_needs_and_cost(strategy: str) -> None:
    text, one = strategies.about(strategy), STRATEGIES[strategy]
    assert text.startswith(one.summary)
    assert one.cost in text
    assert ("the embedding" in text) == ("embeddings" in one.reads)
    assert ("classes or more" in text) == one.needs_classes
    assert ("arXiv" in text) == ("arXiv" in one.reference)


@pytest.mark.parametrize("strategy", RIVALS)
def test_images_that_are_always_kept_come_first_and_do_not_count_as_picks(strategy: str) -> None:
    data = pictures()
    kept, left_out = [3, 20], [4, 5, 6]
    lists = {
        "always": json.dumps([data.ids[row] for row in kept]),
        "never": json.dumps([data.ids[row] for row in left_out]),
    }
    run = Run(Settings(**QUICK, strategy=strategy, **lists), Store(), dataset=data)
    always, draw = run.hand_lists.always, run.strategy_draw
    for row in set(range(45)) - {*kept, *left_out}:
        text = strategies.strategy_reason(strategy, row, draw, run.bins, 3, always)
        assert (re.search(r"\bnot selected\b", text, re.IGNORECASE) is not None) != bool(run.selection.selected[row])
        pinned = int((always & (draw.group == draw.group[row])).sum())
        assert (" you always keep come" in text) == (pinned > 0 and draw.place[row] >= 0)
        if found := re.search(r"as pick (\d+) of (\d+)", text):
            inside = run.selection.selected & (data.labels == data.labels[row]) & ~always
            assert int(found[2]) == inside.sum()
            assert 1 <= int(found[1]) <= inside.sum()
