"""Each stage declares in DEPENDENCIES everything that it reads: the tests record what the code of a stage reads."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.data.arrays import dataset_from_arrays
from adq_core.data.dataset import ImageDataset
from adq_core.dependencies import DEPENDENCIES, is_needed
from adq_core.storage.store import Store
from tests import diversity_oracles, oracles
from tests.pictures import pictures

STAGES = [name for name in DEPENDENCIES if name != "dataset"]
DEFAULT = {"projection": "pca", "n_bins": 3, "diversity": "contrastive"}  # others have their defaults; needs all stages
VECTORS = {"embeddings": "own", "representativeness": "centre-closeness", "diversity": "vendi", "projection": "pca"}


@cache
def vectors_of() -> ImageDataset:
    """Return a set of vectors without images."""
    blank = dataset_from_arrays(np.zeros((40, 8, 8, 3), np.uint8), np.arange(40) % 2, name="vectors")
    vectors = np.random.default_rng(1).normal(1, 1, (40, 6)).astype(np.float32)
    return dataclasses.replace(blank, vectors=vectors, key="vectors")


# Settings that a stage reads and does not declare itself, and the part of its key that contains them.
FROM_IDENTITY = {
    ("embeddings", "embeddings"): "the identity of the embedding",
    ("embeddings", "weights"): "the identity of the embedding",
    ("embeddings", "vector_columns"): "the identity of the embedding",
    ("views", "embeddings"): "the identity of the network",
    ("views", "weights"): "the identity of the network",
    ("views", "diversity"): "the identity of the network",
    ("scores", "embeddings"): "the key of the embeddings, which scores without a head compare",
}
FROM_STAGE = {
    ("scores", "diversity"): "head",
    ("scores", "representativeness"): "representativeness",
    ("scores", "n_bins"): "bins",  # notes about small classes
    ("scores", "pool"): "bins",
    ("quotas", "strategy"): "strategy_draw",  # whether there is a draw
    ("draw_order", "strategy"): "strategy_draw",
}


class Recorder:
    """Settings that record which of them are read."""

    def __init__(self, settings: Settings, read: set[str]) -> None:
        self.__dict__["_settings"], self.__dict__["_read"] = settings, read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._settings, name)


def reads(stage: str, complete: Run) -> tuple[set[str], set[str]]:
    """Compute one stage and return the settings and the stages that it reads; earlier stages come from `complete`."""
    settings_read: set[str] = set()
    stages_read: set[str] = set()

    class Traced(Run):
        def __getattribute__(self, name: str) -> Any:
            if name in DEPENDENCIES and name != stage:
                stages_read.add(name)
                return getattr(complete, name)
            return super().__getattribute__(name)

        def key(self, stage: str) -> str:
            return "traced"

    traced = Traced(complete.settings, Store())
    traced.__dict__["effective"] = Recorder(complete.effective, settings_read)
    traced.settings = Recorder(complete.settings, settings_read)
    if stage == "patch_masks":
        traced.patch_masks([0, 1])
    else:
        getattr(traced, stage)
    return settings_read, stages_read


@cache
def complete_run(*values: tuple[str, Any]) -> Run:
    settings = Settings(**dict(values))
    return Run(settings, Store(), dataset=vectors_of() if settings.embeddings == "own" else pictures())


def stages_before(stage: str) -> set[str]:
    """Return all stages whose keys are part of the key of this one, directly or through others."""
    direct = DEPENDENCIES[stage][1]
    return set(direct).union(*(stages_before(name) for name in direct))


CASES = [
    DEFAULT,
    DEFAULT | {"diversity": "random-backbone", "representativeness": "compressibility", "draw_order": "texture"},
    DEFAULT | {"diversity": "vendi", "kernel": "gradient", "softmax": "twice", "pool": "all", "draw_order": "greedy"},
    DEFAULT | {"representativeness": "centre-closeness", "schedule": "geometric", "rule": "paper"},
    VECTORS,
    VECTORS | {"diversity": "vectors"},
    DEFAULT | {"strategy": "adq+margin", "draw_order": "texture"},
    DEFAULT | {"strategy": "k-centre"},
]


def needs(stage: str, case: dict[str, Any]) -> bool:
    """Return whether a run with these settings has this stage."""
    has_images = case.get("embeddings") != "own"
    return is_needed(stage, Settings(**case), has_images) and (has_images or stage != "patch_masks")


@pytest.mark.parametrize(
    ("number", "stage"),
    [(number, stage) for number, case in enumerate(CASES) for stage in STAGES if needs(stage, case)],
)
def test_every_stage_declares_what_it_reads(number: int, stage: str) -> None:
    settings_read, stages_read = reads(stage, complete_run(*CASES[number].items()))
    undeclared = {name for name in settings_read if name not in DEPENDENCIES[stage][2]}
    for name in sorted(undeclared):
        if (stage, name) in FROM_IDENTITY:
            continue
        from_stage = FROM_STAGE.get((stage, name))
        assert from_stage is not None, f"{stage} reads the setting {name} and does not declare it"
        assert from_stage in DEPENDENCIES[stage][1]
        assert name in DEPENDENCIES[from_stage][2], f"{stage} relies on {from_stage} to declare {name}"
    assert stages_read <= stages_before(stage), f"{stage} reads stages that its key does not contain"


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_declares_a_dependency_that_it_never_reads(stage: str) -> None:
    read: set[str] = set()
    for case in CASES:
        if needs(stage, case):
            read = read.union(*reads(stage, complete_run(*case.items())))
    _, stages, names = DEPENDENCIES[stage]
    assert {*stages, *names} <= read


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("embeddings", {"dataset"}),
        ("projection", {"embeddings"}),
        ("bins", {"dataset", "embeddings"}),
        ("texture", {"dataset"}),
        ("views", {"dataset", "bins"}),
        ("head", {"views", "bins"}),
        ("scores", {"dataset", "bins", "texture", "views", "head"}),  # the views under the head, not the embeddings
        ("quotas", {"scores", "bins"}),
        ("draw_order", {"dataset", "bins", "texture"}),
        ("selection", {"draw_order", "bins", "quotas"}),
        ("patch_masks", {"dataset"}),
    ],
)
def test_stages_read_under_default_settings(stage: str, expected: set[str]) -> None:
    assert reads(stage, complete_run(*DEFAULT.items()))[1] == expected


def test_contrastive_diversity_is_measured_on_the_output_of_the_head() -> None:
    run = complete_run(*DEFAULT.items())
    head, bins = run.head, run.bins
    assert len(head.losses) > 0, "the head is trained"
    for number in range(bins.n_bins):
        features = run.views.vectors[:, bins.bin_of == number].reshape(-1, run.views.vectors.shape[2])
        outputs = [diversity_oracles.head_output(head, row) for row in features.astype(np.float64)]
        assert run.scores.diversity[number] == pytest.approx(
            1 / oracles.all_cosines(np.array(outputs)).mean(), rel=1e-4
        )
