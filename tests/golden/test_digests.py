"""No change of the code may change a result unnoticed: digests of every stage and exported file, as recorded once.

A float32 network differs in the last digit between processors and library versions, so the default settings are
compared on the recorded machine and versions only. `pixels`, texture and the bins are exact everywhere.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adq_core import Run
from adq_core.storage.store import Store

from . import record

RECORDED = json.loads(record.RECORDED.read_text(encoding="utf-8"))


@pytest.fixture
def same_machine() -> None:
    if record.machine_facts() != RECORDED["machine"]:
        pytest.skip("the digests of networks were recorded with another processor or other library versions")


def compare(case: str, tmp_path: Path, shared: Path | None = None) -> None:
    run = Run(record.settings_of(case, shared), Store(tmp_path))
    assert record.golden_digests(run) == RECORDED["digests"][case]


@pytest.mark.parametrize("case", ["digits", "shapes", "digits, lite0"])
@pytest.mark.usefixtures("same_machine")
def test_built_in_sets_give_the_recorded_results(case: str, tmp_path: Path) -> None:
    compare(case, tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("same_machine")
@pytest.mark.parametrize("case", ["photos", "clothing", "cifar10", "photos, lite0", "clothing, lite0"])
def test_larger_sets_give_the_recorded_results(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    needs_files = case.split(",")[0] in record.DATA
    compare(case, tmp_path, request.getfixturevalue("shared_data") if needs_files else None)


def test_results_without_a_network_are_the_same_on_every_machine(tmp_path: Path) -> None:
    stages = ("embeddings", "bins", "texture", "quotas", "draw_order", "selection", "patch_masks")
    found = record.golden_digests(Run(record.settings_of("digits, exact", None), Store(tmp_path)))
    recorded = RECORDED["digests"]["digits, exact"]
    assert {name: found[name] for name in stages} == {name: recorded[name] for name in stages}
