"""Verdicts on the lists "always keep" and "never take": their effect and their cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.checks import Verdict
from adq_core.id_lists import list_text
from adq_core.run_checks import checks_of
from adq_core.run_lists import list_effect, without_lists

QUICK = {"dataset": "digits", "embeddings": "pixels", "diversity": "vectors", "projection": "pca", "keep_ratio": 0.05}


@pytest.fixture(scope="module")
def run() -> Run:
    return Run(Settings(**QUICK))


def verdicts(run: Run, always: np.ndarray, never: np.ndarray, **changes: object) -> dict[str, Verdict]:
    lists = {
        name: list_text(run.dataset.ids[row] for row in rows.tolist())
        for name, rows in (("always", always), ("never", never))
    }
    listed = Run(replace(run.settings, **lists, **changes), run.store, dataset=run.dataset)
    return {verdict.check: verdict for verdict in checks_of(listed, names=["lists"])}


NONE = np.zeros(0, int)


def test_without_lists_there_is_no_verdict(run: Run) -> None:
    assert checks_of(run, names=["lists"]) == []
    assert list_effect(run) is None


def test_lists_of_one_class_cost_balance_coverage_and_accuracy(run: Run) -> None:
    found = verdicts(run, np.flatnonzero(run.dataset.labels == 0)[:80], NONE)
    assert found["lists.balance"].level == "watch"
    assert found["lists.balance"].value > 60
    assert found["lists.coverage"].level == "watch"
    assert found["lists.accuracy"].level == "bad"
    assert "less accurate with the lists than without them (20 seeds)" in found["lists.accuracy"].sentence


def test_a_few_images_cost_nothing_and_are_counted(run: Run) -> None:
    selected = run.selection.indices
    others = np.flatnonzero(~run.selection.selected)
    found = verdicts(run, np.array([selected[0], others[5]]), np.array([selected[1], others[9], others[10]]))
    assert {verdict.level for verdict in found.values()} == {"good"}
    assert found["lists.size"].sentence.startswith(
        "2 images are always kept (1 of them would not be selected otherwise), 3 are never taken (1 of them would be "
        "selected)."
    )
    assert 2 <= found["lists.size"].value <= 4
    assert abs(found["lists.accuracy"].value) < 3


@pytest.mark.parametrize("strategy", ["balanced", "uniform-bins"])
def test_the_cost_is_that_of_the_strategy(run: Run, strategy: str) -> None:
    pinned = np.flatnonzero(run.dataset.labels == 0)[:80]
    found = verdicts(run, pinned, NONE, strategy=strategy)
    plain = Run(replace(run.settings, strategy=strategy), run.store, dataset=run.dataset)
    added = int((~plain.selection.selected[pinned]).sum())
    assert (
        f"80 images are always kept ({added} of them would not be selected otherwise)" in found["lists.size"].sentence
    )
    assert found["lists.accuracy"].level == "bad"


def test_a_set_of_one_class_has_no_accuracy(run: Run) -> None:
    from adq_core.data.arrays import dataset_from_arrays

    rng = np.random.default_rng(0)
    data = dataset_from_arrays(rng.integers(0, 255, (60, 8, 8, 3), dtype=np.uint8), np.zeros(60, int), name="one class")
    listed = Run(Settings(**QUICK | {"keep_ratio": 0.2}, n_bins=3, always=["3"]), dataset=data)
    found = {verdict.check: verdict for verdict in checks_of(listed, names=["lists"])}
    assert found["lists.accuracy"].level == "unknown"
    assert "could not be measured" in found["lists.accuracy"].sentence
    assert without_lists(listed).settings.always is None
