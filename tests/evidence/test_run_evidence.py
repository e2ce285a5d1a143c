"""Evidence of a run: the test images have no part in what is selected."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.errors import InputError
from adq_core.evidence import Budget
from adq_core.run_evidence import candidates_of, evidence_key, evidence_of, usual_keep_ratios
from adq_core.storage import Store

SETTINGS = Settings(dataset="digits", embeddings="pixels", diversity="vectors", keep_ratio=0.1)
FEW = {"keep_ratios": [0.1], "budget": Budget(2, 2)}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(SETTINGS, Store(tmp_path_factory.mktemp("evidence")))


def test_candidates_have_the_bins_and_scores_of_their_own_images(run: Run) -> None:
    rows = np.flatnonzero(np.arange(len(run.dataset)) % 3 > 0)
    candidates = candidates_of(run, rows)
    assert candidates.bins is not None
    assert candidates.importance is not None
    assert candidates.bins.capacity.sum() == len(rows) == len(candidates)
    np.testing.assert_array_equal(candidates.vectors, run.embeddings.vectors[rows])
    np.testing.assert_array_equal(candidates.texture, run.texture.values[rows])
    assert candidates.importance.tolist() != run.scores.importance.tolist()


def test_all_strategies_are_compared_and_typical_or_random_images_teach_digits(run: Run) -> None:
    evidence = evidence_of(run, **FEW)
    assert set(evidence.strategies) >= {"balanced", "adq", "margin", "k-centre"}
    assert evidence.n_test == pytest.approx(0.2 * len(run.dataset), abs=10)
    assert (evidence.mean > 0.75).all()


def test_cells_are_kept_in_the_store_and_only_those_that_use_alpha_belong_to_it(run: Run) -> None:
    evidence_of(run, **FEW)
    folder = run.store.folder
    assert folder is not None
    files = {path.name: path.read_bytes() for path in (folder / "evidence").iterdir()}
    evidence_of(Run(SETTINGS, Store(folder)), **FEW)
    assert {path.name: path.read_bytes() for path in (folder / "evidence").iterdir()} == files
    evidence_of(Run(dataclasses.replace(SETTINGS, alpha=0.2), Store(folder)), **FEW)
    new = {path.name for path in (folder / "evidence").iterdir()} - set(files)
    assert {name.split("-", 1)[1] for name in new} == {"adq.jsonl", "adq+margin.jsonl"}
    evidence_of(Run(dataclasses.replace(SETTINGS, n_bins=4), Store(folder)), **FEW)
    more = {path.name for path in (folder / "evidence").iterdir()} - set(files) - new
    assert {name.split("-", 1)[1] for name in more} == {"adq.jsonl", "adq+margin.jsonl", "uniform-bins.jsonl"}


def test_the_usual_keep_ratios_contain_that_of_the_run_and_fit_the_set(run: Run) -> None:
    assert usual_keep_ratios(run) == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    other = Run(dataclasses.replace(SETTINGS, keep_ratio=0.03), run.store)
    assert 0.03 in usual_keep_ratios(other)
    assert 1.0 not in usual_keep_ratios(Run(dataclasses.replace(SETTINGS, keep_ratio=1.0), run.store))


def test_the_strategy_of_the_run_has_no_effect_on_the_evidence(run: Run) -> None:
    """A user who takes another strategy on the page sees the same evidence, without a new measurement."""
    other = Run(dataclasses.replace(SETTINGS, strategy="k-centre"), run.store)
    assert evidence_key(other) == evidence_key(run)
    folder = run.store.folder
    assert folder is not None
    first = evidence_of(run, **FEW)
    measured = {path.name for path in (folder / "evidence").iterdir()}
    np.testing.assert_array_equal(evidence_of(other, **FEW).accuracy, first.accuracy)
    assert {path.name for path in (folder / "evidence").iterdir()} == measured


def test_given_test_images_are_used_and_checked(run: Run) -> None:
    test = np.arange(len(run.dataset)) % 10 == 0
    assert evidence_of(run, test=test, **FEW).n_test == test.sum()
    for wrong in (np.zeros(len(test), np.bool_), run.dataset.labels == 3):
        with pytest.raises(InputError, match="The test images must be at least one"):
            evidence_of(run, test=wrong, **FEW)


def test_images_that_a_data_set_holds_out_are_the_test_images(tmp_path: Path) -> None:
    photos = Run(Settings(dataset="photos", embeddings="pixels", diversity="vectors"), Store(tmp_path))
    assert evidence_of(photos, **FEW).n_test == photos.dataset.held_out.sum() > 0


def test_one_class_is_refused_with_the_way_out(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
    one = Run(Settings(dataset=str(tmp_path / "vectors.npy"), embeddings="own"), Store())
    with pytest.raises(InputError, match="Give class folders or a table of labels"):
        evidence_of(one, **FEW)
