"""No change of the code may change a result unnoticed: digests of every stage and exported file, as recorded once.

A float32 network differs in the last digit between processors and library versions, so the default settings are
compared on the recorded machine and versions only. `pixels`, texture and the bins are exact everywhere.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adq_core import Run, Settings
from adq_core.storage.store import Store

from . import record

RECORDED = json.loads(record.RECORDED.read_text(encoding="utf-8"))
EXACT = {"embeddings": "pixels", "projection": "pca", "diversity": "vectors"}


@pytest.fixture
def same_machine() -> None:
    if record.machine_facts() != RECORDED["machine"]:
        pytest.skip("the digests of networks were recorded with another processor or other library versions")


def compare(case: str, tmp_path: Path, **values: str) -> None:
    assert record.golden_digests(Run(Settings(**values), Store(tmp_path))) == RECORDED["digests"][case]


@pytest.mark.parametrize("name", ["digits", "shapes"])
@pytest.mark.usefixtures("same_machine")
def test_built_in_sets_give_the_recorded_results(name: str, tmp_path: Path) -> None:
    compare(name, tmp_path, dataset=name)


@pytest.mark.slow
@pytest.mark.usefixtures("same_machine")
@pytest.mark.parametrize(
    ("name", "path"), [("photos", None), ("clothing", "clothing/train"), ("cifar10", "cifar10/train_0.npz")]
)
def test_larger_sets_give_the_recorded_results(
    name: str, path: str | None, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    dataset = name if path is None else str(request.getfixturevalue("shared_data") / path)
    compare(name, tmp_path, dataset=dataset)


def test_results_without_a_network_are_the_same_on_every_machine(tmp_path: Path) -> None:
    stages = ("embeddings", "bins", "texture", "quotas", "draw_order", "selection", "patch_masks")
    found = record.golden_digests(Run(Settings(dataset="digits", **EXACT), Store(tmp_path)))
    assert {name: found[name] for name in stages} == RECORDED["digests"]["digits, exact"]
