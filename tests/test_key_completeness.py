"""A key contains every setting that changes the result: each setting is changed, and results and keys are compared."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.data.arrays import dataset_from_arrays
from adq_core.dependencies import DEPENDENCIES
from adq_core.scores import augmentations as views
from adq_core.storage.store import Store
from adq_core.strategies import STRATEGIES
from tests.pictures import pictures

STAGES = [name for name in DEPENDENCIES if name != "dataset"]
# All other settings have their defaults.
DEFAULT = {"embeddings": "small", "projection": "pca", "n_bins": 3, "diversity": "contrastive"}


def other_weights(folder: Path) -> str:
    """Write the weights of an encoder that differs slightly from the bundled one, and return the path."""
    from adq_core.models.weights import load_network, save_network

    network = load_network("small", ("encoder",))
    with_other = {name: value * 1.05 if value.ndim > 1 else value for name, value in network.state_dict().items()}
    network.load_state_dict(with_other)
    path = folder / "other.safetensors"
    save_network(network, path, architecture="encoder", config={"width": 64, "depth": 1})
    return str(path)


BEHIND_BINS = {"bins", "representativeness", "views", "head", "scores", "quotas", "draw_order", "selection"}
BY_STRATEGY = {"strategy_draw", "quotas", "draw_order", "selection"}
BEHIND_SCORES = {"scores", "quotas", "selection"}
LISTED = json.dumps([f"{number}" for number in range(3)])  # ids of `pictures`
GEOMETRIC = {"schedule": "geometric"}
GRADIENT = {"kernel": "gradient"}
MOVES: list[
    tuple[dict[str, Any], dict[str, Any], set[str]]
] = [  # other settings, the change, the stages whose keys change
    ({}, {"embeddings": "pixels"}, {"embeddings", "projection", *BEHIND_BINS}),
    ({}, {"weights": "other"}, {"embeddings", "projection", *BEHIND_BINS}),
    ({}, {"projection": "umap"}, {"projection"}),
    ({"projection": "umap"}, {"map_seed": 1}, {"projection"}),
    ({}, {"pool": "all"}, BEHIND_BINS),
    ({}, {"n_bins": 4}, BEHIND_BINS),
    ({}, GEOMETRIC, BEHIND_BINS),
    (GEOMETRIC, {"fraction": 0.6}, BEHIND_BINS),
    ({}, {"kernel": "euclidean"}, BEHIND_BINS),
    (GRADIENT, {"softmax": "twice"}, BEHIND_BINS),
    ({}, {"representativeness": "compressibility"}, {"representativeness", *BEHIND_SCORES}),
    ({}, {"diversity": "vendi"}, {"views", "head", *BEHIND_SCORES}),
    ({}, {"diversity": "random-backbone"}, {"views", "head", *BEHIND_SCORES}),
    ({"diversity": "vendi"}, {"diversity": "vectors"}, {"head", *BEHIND_SCORES}),
    ({"n_bins": 1}, {"diversity_images": 40}, {"views", "head", *BEHIND_SCORES}),  # one bin of 45 images
    ({}, {"normalisation": "rank"}, BEHIND_SCORES),
    ({}, {"rule": "uniform"}, {"quotas", "selection"}),
    ({}, {"alpha": 0.1}, {"quotas", "selection"}),
    ({}, {"keep_ratio": 0.4}, {"quotas", "selection"}),
    ({}, {"draw_order": "greedy"}, {"draw_order", "selection"}),
    ({}, {"draw_order": "texture"}, {"draw_order", "selection"}),
    ({}, {"seed": 1}, {"views", "head", "draw_order", *BEHIND_SCORES}),
    *[({}, {"strategy": name}, BY_STRATEGY) for name in STRATEGIES if name != "adq"],
    ({"strategy": "random"}, {"keep_ratio": 0.4}, BY_STRATEGY),
    ({"strategy": "random"}, {"seed": 1}, {"views", "head", "scores", *BY_STRATEGY}),
    ({"strategy": "adq+margin", "n_bins": 1}, {"draw_order": "greedy"}, BY_STRATEGY),
    ({"strategy": "adq+margin", "keep_ratio": 0.2}, {"alpha": 0.0}, BY_STRATEGY),
    ({"strategy": "adq+margin", "keep_ratio": 0.2}, {"rule": "uniform"}, BY_STRATEGY),
    ({"strategy": "k-centre"}, {"embeddings": "pixels"}, {"embeddings", "projection", "strategy_draw", *BEHIND_BINS}),
    ({}, {"always": LISTED}, {"quotas", "draw_order", "selection"}),
    ({}, {"never": LISTED}, {"quotas", "draw_order", "selection"}),
    ({"strategy": "random"}, {"never": LISTED}, BY_STRATEGY),
    ({"patch_size": 16}, {"patch_size": 8}, {"patch_masks"}),
    ({}, {"patch_image_size": 32}, {"patch_masks"}),
    ({}, {"patch_keep_ratio": 0.5}, {"patch_masks"}),
]
ONE_CHOICE = {"patch_ranking"}  # settings with one possible value
BY_CONTENT = {
    "dataset",
    "labels",
    "unlabelled",
    "vector_columns",
}  # settings that enter keys by the key of the data set that they open


def test_every_setting_is_changed_once() -> None:
    changed = {name for _, change, _ in MOVES for name in change}
    assert changed | ONE_CHOICE | BY_CONTENT == {spec.name for spec in dataclasses.fields(Settings)}


@cache
def keys_and_digests(*values: tuple[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Compute every stage in an empty store and return its key and its digest by name."""
    run = Run(Settings(**dict(values)), Store(), dataset=pictures())
    records = run.stages() | {"patch_masks": run.patch_masks(range(5))}
    keys = {stage: run.key(stage) for stage in STAGES if stage != "strategy_draw" or run.uses(stage)}
    return keys, {name: record.digest() for name, record in records.items()}


def case_name(value: object) -> str:
    """Return the same name in every process; the order of a set differs between processes."""
    return str(sorted(value) if isinstance(value, set) else value) if value else "-"


@pytest.mark.parametrize(("beside", "change", "moves"), MOVES, ids=case_name)
def test_a_setting_changes_the_keys_of_all_stages_that_it_changes(
    beside: dict[str, Any], change: dict[str, Any], moves: set[str], tmp_path: Path
) -> None:
    change = {name: other_weights(tmp_path) if value == "other" else value for name, value in change.items()}
    before_keys, before = keys_and_digests(*(DEFAULT | beside).items())
    after_keys, after = keys_and_digests(*(DEFAULT | beside | change).items())
    assert {stage for stage in STAGES if before_keys.get(stage) != after_keys.get(stage)} == moves
    changed = {stage for stage in STAGES if before.get(stage) != after.get(stage)}
    assert changed, "the change must have an effect"
    assert changed <= moves, "a result changed and its key did not: the store would return the old result"


def test_other_images_and_other_labels_change_every_key() -> None:
    data = pictures()
    relabelled = dataset_from_arrays(np.stack([data.read(row) for row in range(len(data))]), np.arange(45) % 5)
    for other in (pictures(44), relabelled):
        one, two = (Run(Settings(**DEFAULT), Store(), dataset=each) for each in (data, other))
        assert {stage for stage in DEPENDENCIES if one.key(stage) != two.key(stage)} == set(DEPENDENCIES)


def test_views_have_one_key_per_network_and_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[tuple[str, int, str | None]] = []

    def record(name: str, *, seed: int, weights: str | None, progress: object) -> views.ViewEncoder:
        opened.append((name, seed, weights))
        return views.ViewEncoder(lambda images: images.mean((2, 3)), 8)

    monkeypatch.setattr("adq_core.pipeline.load_view_encoder", record)
    own, resnet = other_weights(tmp_path), tmp_path / "resnet.pth"
    resnet.write_bytes(b"weights of a network")
    cases: list[dict[str, Any]] = [
        {},
        {"weights": own},
        {"embeddings": "pixels"},
        {"diversity": "published"},
        {"diversity": "random-backbone"},
        {"embeddings": "resnet18"},
        {"embeddings": "resnet18", "weights": str(resnet)},
        {"embeddings": "resnet18", "diversity": "published"},
        {"embeddings": "resnet50"},
        {"embeddings": "lite0"},
    ]
    keys = []
    bins = Run(Settings(**DEFAULT), Store(), dataset=pictures()).bins
    for case in cases:
        for seed in (0, 1):
            run = Run(Settings(**DEFAULT | case, seed=seed), Store(), dataset=pictures())
            run.__dict__["bins"] = bins  # the real ones need the weights
            monkeypatch.setitem(run._keys, "bins", bins.key)
            keys.append(run.key("views"))
            assert run.views.name == opened[-1][0]
    assert len(opened) == len(keys)
    assert len(set(opened)) == 2 * 8, "pixels falls back to the encoder, and published ignores the embedding"
    for one in range(len(keys)):
        for two in range(one):
            assert (keys[one] == keys[two]) == (opened[one] == opened[two]), (opened[one], opened[two])


def test_a_limit_above_the_largest_bin_gives_the_results_of_all_images() -> None:
    _, every_image = keys_and_digests(*(DEFAULT | {"diversity_images": 0}).items())
    _, limited = keys_and_digests(*(DEFAULT | {"diversity_images": 32}).items())
    assert limited == every_image, "the bins have 15 images"


def test_keys_depend_on_the_bytes_of_weights_and_not_on_their_name(tmp_path: Path) -> None:
    one = Path(other_weights(tmp_path))
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(one.read_bytes())
    runs = [Run(Settings(**DEFAULT, weights=path), Store(), dataset=pictures()) for path in (str(one), str(copy), None)]
    for stage in ("embeddings", "views"):
        first, second, bundled = (run.key(stage) for run in runs)
        assert first == second != bundled
