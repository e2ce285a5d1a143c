from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.dependencies import DEPENDENCIES, STAGE_RECORDS
from adq_core.errors import Cancelled
from adq_core.storage.store import Store

DIGITS = Settings(dataset="digits", embeddings="pixels", projection="pca", diversity="vendi")  # no torch: quick


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("cache"))


def test_importing_the_library_is_quick_because_nothing_heavy_comes_along() -> None:
    heavy = ["torch", "torchvision", "umap", "sklearn", "skimage", "streamlit"]
    code = f"import sys, adq_core; print(sorted(set({heavy}) & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_lineage_names_existing_stations_and_every_setting() -> None:
    settings = {spec.name for spec in dataclasses.fields(Settings)}
    used = {name for _, _, names in DEPENDENCIES.values() for name in names}
    assert used == settings - {"embeddings", "weights"}, "these two count by identity: a name or a digest of a file"
    for stage, (version, before, _) in DEPENDENCIES.items():
        assert version >= 1
        assert set(before) <= set(DEPENDENCIES)
        assert hasattr(Run, stage)
    assert set(STAGE_RECORDS) <= set(DEPENDENCIES)


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"alpha": 0.2}, {"quotas", "selection"}),
        ({"keep_ratio": 0.3}, {"quotas", "selection"}),
        ({"projection": "umap"}, {"projection"}),
        ({"n_bins": 5}, {"bins", "representativeness", "head", "scores", "quotas", "draw_order", "selection"}),
        ({"diversity": "vectors"}, {"head", "scores", "quotas", "selection"}),
        ({"representativeness": "compressibility"}, {"representativeness", "scores", "quotas", "selection"}),
        ({"draw_order": "texture"}, {"draw_order", "selection"}),
        ({"patch_keep_ratio": 0.5}, {"patch_masks"}),
    ],
)
def test_a_setting_moves_the_keys_downstream_of_it_and_no_other(change: dict, moves: set[str], store: Store) -> None:
    one, other = Run(DIGITS, store), Run(dataclasses.replace(DIGITS, **change), store)
    assert {stage for stage in DEPENDENCIES if one.key(stage) != other.key(stage)} == moves


def test_a_second_run_computes_nothing(store: Store) -> None:
    first = Run(DIGITS, store)
    digests = {name: record.digest() for name, record in first.stages().items()}
    again = Run(DIGITS, Store(store.folder))  # nothing in memory: from the disk
    assert {name: record.digest() for name, record in again.stages().items()} == digests
    assert set(again.seconds) == {"dataset"}
    assert all(again.ready(stage) for stage in STAGE_RECORDS)


def test_ready_does_not_compute() -> None:
    run = Run(DIGITS, Store())
    assert not run.ready("embeddings")
    assert not run.ready("bins")
    assert set(run.seconds) == {"dataset"}


def test_cancelling_leaves_nothing_behind(tmp_path: Path) -> None:
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
    assert len(run.embeddings) == len(run.dataset)


@pytest.mark.parametrize("rule", ["budget", "uniform"])
def test_quotas_meet_the_keep_ratio_and_subsets_nest(rule: str, store: Store) -> None:
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


def test_a_run_that_computes_keeps_no_other_run_waiting() -> None:
    import threading

    from adq_core.dependencies import cached_property

    begun, go_on = threading.Event(), threading.Event()

    class Walk:
        def __init__(self, slow: bool) -> None:
            self.slow = slow

        @cached_property
        def map(self) -> str:
            if self.slow:
                begun.set()
                assert go_on.wait(10)
            return "slow" if self.slow else "quick"

    slow = Walk(True)
    thread = threading.Thread(target=lambda: slow.map)
    thread.start()
    assert begun.wait(10)
    quick: list[str] = []
    other = threading.Thread(target=lambda: quick.append(Walk(False).map))
    other.start()
    other.join(5)
    assert quick == ["quick"]
    go_on.set()
    thread.join(10)
    assert slow.__dict__["map"] == "slow"
