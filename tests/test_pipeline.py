from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings, dependencies
from adq_core.dependencies import DEPENDENCIES, STAGE_RECORDS, WITHOUT_EFFECT
from adq_core.errors import Cancelled
from adq_core.storage.store import Store

DIGITS = Settings(dataset="digits", embeddings="pixels", projection="pca", diversity="vendi")  # imports no torch


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("cache"))


def test_importing_the_library_imports_no_heavy_package() -> None:
    heavy = ["torch", "torchvision", "umap", "sklearn", "skimage", "streamlit"]
    code = f"import sys; from adq_core import Run, Settings; print(sorted(set({heavy}) & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_dependencies_name_existing_stages_and_every_setting() -> None:
    settings = {spec.name for spec in dataclasses.fields(Settings)}
    used = {name for _, _, names in DEPENDENCIES.values() for name in names}
    assert used == settings - {"embeddings", "weights"}, "keys contain the identity of the embedding instead"
    for stage, (version, before, _) in DEPENDENCIES.items():
        assert version >= 1
        assert set(before) <= set(DEPENDENCIES)
        assert hasattr(Run, stage)
    assert set(STAGE_RECORDS) <= set(DEPENDENCIES)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"alpha": 0.2}, {"quotas", "selection"}),
        ({"keep_ratio": 0.3}, {"quotas", "selection"}),
        ({"projection": "umap"}, {"projection"}),
        ({"n_bins": 5}, {"bins", "representativeness", "views", "head", "scores", "quotas", "draw_order", "selection"}),
        ({"diversity": "vectors"}, {"head", "scores", "quotas", "selection"}),
        ({"representativeness": "compressibility"}, {"representativeness", "scores", "quotas", "selection"}),
        ({"draw_order": "texture"}, {"draw_order", "selection"}),
        ({"patch_keep_ratio": 0.5}, {"patch_masks"}),
    ],
)
def test_a_setting_changes_the_keys_of_the_stages_that_depend_on_it_and_no_other(
    change: dict, changed: set[str], store: Store
) -> None:
    one, other = Run(DIGITS, store), Run(dataclasses.replace(DIGITS, **change), store)
    stages = set(DEPENDENCIES) - {"strategy_draw"}  # of other strategies than ADQ: tests/strategies/test_runs.py
    assert {stage for stage in stages if one.key(stage) != other.key(stage)} == changed


# Stores on disk and manifests hold these keys: they change only together with a stage's version or that of a library.
DEFAULT_KEYS = {  # with the version 1.0 of every library
    "dataset": "0aafba63703caf57a6bdb5ee2f61199d",
    "embeddings": "ddb596b0710c253026a5d8b195abbe2b",
    "projection": "3cc4bb58f83b8e9392adf48a8cf13bc5",
    "bins": "4078b8d9b30f486288f555a4320ee737",
    "texture": "d51cfb10f55cb2a36f9440d73575878a",
    "representativeness": "8d5692c8f1764bb67e9b8c02e688d7ba",
    "views": "9a9a25b83b6dc64ebd377cac35214c83",
    "head": "bcbab57cc1b90aa6ad6a7a090695d8d2",
    "scores": "2d85464b29364b697bf90c37c2521c7f",
    "quotas": "366fd1adcf21ce7d71c56f251fdc766a",
    "draw_order": "0a70a1394cd15661af93eb81b88da0e9",
    "selection": "4e6e6492d8c95303e34c8da6c5b2c1b3",
    "patch_masks": "190f04f1d2aedd931f96fe2b9a45abc9",
}


def test_keys_of_a_run_are_the_recorded_ones(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "library_versions", lambda names: dict.fromkeys(sorted(names), "1.0"))
    run = Run(Settings(dataset="digits", embeddings="small"), store)  # keys of lite0 depend on the processor
    assert {stage: run.key(stage) for stage in DEPENDENCIES if stage != "strategy_draw"} == DEFAULT_KEYS


# (stage, setting): (settings under which it has no effect, another value, settings under which it has one)
NO_EFFECT: dict[tuple[str, str], tuple[dict, object, dict]] = {
    ("projection", "map_seed"): ({"projection": "pca"}, 5, {"projection": "umap"}),
    ("bins", "fraction"): ({"schedule": "equal"}, 0.3, {"schedule": "geometric"}),
    ("bins", "softmax"): ({"kernel": "cosine"}, "twice", {"kernel": "gradient"}),
    ("draw_order", "seed"): ({"draw_order": "greedy"}, 5, {"draw_order": "random"}),
    ("views", "diversity_images"): ({"diversity": "vendi"}, 40, {"diversity": "contrastive"}),
    ("strategy_draw", "alpha"): ({"strategy": "random"}, 0.1, {"strategy": "adq+margin"}),
    ("strategy_draw", "rule"): ({"strategy": "uniform-bins"}, "paper", {"strategy": "adq+margin"}),
    ("strategy_draw", "draw_order"): ({"strategy": "margin"}, "greedy", {"strategy": "uniform-bins"}),
    ("strategy_draw", "seed"): ({"strategy": "k-centre"}, 5, {"strategy": "window"}),
    ("quotas", "alpha"): ({"strategy": "random"}, 0.1, {}),
    ("quotas", "rule"): ({"strategy": "random"}, "uniform", {}),
    ("draw_order", "draw_order"): ({"strategy": "random"}, "greedy", {}),
}
RESULT = {"views": "scores"}  # stage: the stage whose result is compared instead; nothing needs views for vendi


@pytest.mark.parametrize(("stage", "setting"), sorted(WITHOUT_EFFECT))
def test_a_setting_without_effect_changes_neither_key_nor_result(stage: str, setting: str, store: Store) -> None:
    without, value, with_effect = NO_EFFECT[stage, setting]
    for changes, same in ((without, True), (with_effect, False)):
        one = dataclasses.replace(DIGITS, **changes)
        other = dataclasses.replace(one, **{setting: value})
        assert (Run(one, store).key(stage) == Run(other, store).key(stage)) is same
    one = dataclasses.replace(DIGITS, **without)
    other = dataclasses.replace(one, **{setting: value})
    result = RESULT.get(stage, stage)
    separate = [getattr(Run(settings, Store()), result).digest() for settings in (one, other)]  # both are computed
    assert separate[0] == separate[1]


def test_a_second_run_computes_nothing(store: Store) -> None:
    first = Run(DIGITS, store)
    digests = {name: record.digest() for name, record in first.stages().items()}
    again = Run(DIGITS, Store(store.folder))  # a new store reads from the disk
    assert {name: record.digest() for name, record in again.stages().items()} == digests
    assert set(again.seconds) == {"dataset"}
    assert all(again.ready(stage) for stage in STAGE_RECORDS)


def test_ready_computes_nothing() -> None:
    run = Run(DIGITS, Store())
    assert not run.ready("embeddings")
    assert not run.ready("bins")
    assert set(run.seconds) == {"dataset"}


def test_a_cancelled_stage_stores_no_result(tmp_path: Path) -> None:
    def stop(done: int, total: int, what: str) -> None:
        raise Cancelled("stopped")

    store = Store(tmp_path)
    run = Run(DIGITS, store)
    assert len(run.dataset) > 0
    run.progress = stop
    with pytest.raises(Cancelled):
        _ = run.embeddings
    assert not run.ready("embeddings")
    assert not [path for path in tmp_path.rglob("*embeddings*") if path.is_dir() and any(path.iterdir())]
    run.progress = lambda done, total, what: None
    assert len(run.embeddings.vectors) == len(run.dataset)


@pytest.mark.parametrize("rule", ["budget", "uniform"])
def test_quotas_meet_the_keep_ratio_and_smaller_subsets_lie_in_larger_ones(rule: str, store: Store) -> None:
    smaller: set[int] = set()
    for keep_ratio in (0.01, 0.1, 0.35, 0.8, 1.0):
        run = Run(dataclasses.replace(DIGITS, rule=rule, keep_ratio=keep_ratio), store)
        chosen = set(run.selection.indices.tolist())
        assert run.quotas.quota.sum() == len(chosen) == np.floor(keep_ratio * len(run.dataset) + 0.5)
        assert (run.quotas.quota <= run.bins.capacity).all()
        per_bin = np.bincount(run.bins.bin_of[run.selection.indices], minlength=run.bins.n_bins)
        assert per_bin.tolist() == run.quotas.quota.tolist()
        assert smaller <= chosen
        smaller = chosen


def test_a_run_does_not_wait_for_the_same_stage_of_another_run() -> None:
    import threading

    from adq_core.stage_results import cached_property

    begun, go_on = threading.Event(), threading.Event()

    class FakeRun:
        def __init__(self, slow: bool) -> None:
            self.slow = slow

        @cached_property
        def map(self) -> str:
            if self.slow:
                begun.set()
                assert go_on.wait(10)
            return "slow" if self.slow else "quick"

    slow = FakeRun(True)
    thread = threading.Thread(target=lambda: slow.map)
    thread.start()
    assert begun.wait(10)
    quick: list[str] = []
    other = threading.Thread(target=lambda: quick.append(FakeRun(False).map))
    other.start()
    other.join(5)
    assert quick == ["quick"]
    go_on.set()
    thread.join(10)
    assert slow.__dict__["map"] == "slow"
