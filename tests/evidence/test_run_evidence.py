"""Evidence of a run: the test images have no part in what is selected."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.data import ImageDataset, open_dataset
from adq_core.errors import InputError, SettingsError
from adq_core.evidence import PROBES, Budget, content_of
from adq_core.evidence.probes import network_probe
from adq_core.probes import NetworkRecipe
from adq_core.run_evidence import candidates_of, estimate_of, evidence_key, evidence_of, usual_keep_ratios
from adq_core.run_probes import run_with_test_set
from adq_core.storage import Store
from adq_core.strategies import STRATEGIES

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


TINY = NetworkRecipe(steps=4, batch_size=16, widths=(8, 8, 8))


@pytest.fixture
def tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the network probe train a tiny network for a few steps."""
    tiny = PROBES["network"]._replace(make=lambda material: network_probe(material, TINY))
    monkeypatch.setitem(PROBES, "network", tiny)
    monkeypatch.setattr("adq_core.run_evidence.RECIPE", TINY)


@pytest.mark.usefixtures("tiny_network")
@pytest.mark.parametrize("probe", list(PROBES))
def test_every_probe_measures_and_has_cells_of_its_own(run: Run, probe: str, tmp_path: Path) -> None:
    names = ["balanced", "adq"]
    evidence = evidence_of(run, probe=probe, strategies=names, **FEW)
    assert evidence.probe == probe
    assert (evidence.accuracy > (0.05 if probe == "network" else 0.6)).all()
    assert run.store.folder is not None
    files = [path for path in (run.store.folder / "evidence").iterdir() if f'"probe": "{probe}"' in path.read_text()]
    assert len(files) >= 2
    assert all(path.read_text().count('"probe"') == path.read_text().count(f'"probe": "{probe}"') for path in files)
    before = {path: path.read_bytes() for path in files}
    again = evidence_of(run, probe=probe, strategies=names, **FEW)
    np.testing.assert_array_equal(again.accuracy, evidence.accuracy)
    assert {path: path.read_bytes() for path in files} == before
    table = PROBES[probe]
    assert table.needs in ("embeddings", "pixels")
    assert all((table.summary, table.reference, table.cost))


@pytest.mark.usefixtures("tiny_network")
def test_the_estimate_counts_the_trainings_that_are_left(tmp_path: Path) -> None:
    run = Run(SETTINGS, Store(tmp_path))
    asked = {"probe": "network", "strategies": ["balanced", "adq"], "keep_ratios": [0.1]}
    before = estimate_of(run, **asked, seeds=3)
    assert (before.n_trainings, before.n_steps) == (6, 4)
    assert 0 < before.seconds < 60
    evidence_of(run, **asked, budget=Budget(2, 2))
    after = estimate_of(run, **asked, seeds=3)
    assert after.n_trainings == 2
    evidence_of(run, **asked, budget=Budget(3, 3))
    assert estimate_of(run, **asked, seeds=3) == (0, 4, 0.0)


def test_vectors_have_no_pixels_for_the_network(tmp_path: Path) -> None:
    labels = np.arange(60) % 3
    np.savez(tmp_path / "v.npz", vectors=np.eye(3, 4)[labels].astype(np.float32), labels=labels)
    vectors = Run(Settings(dataset=str(tmp_path / "v.npz"), embeddings="own", n_bins=2), Store())
    expected = (
        "The network probe is trained on pixels, and v.npz is a set of vectors without images; use ridge or linear."
    )
    for ask in (evidence_of, estimate_of):
        with pytest.raises(SettingsError) as error:
            ask(vectors, probe="network")
        assert str(error.value) == expected
    with pytest.raises(SettingsError, match="Unknown probe 'forest'"):
        evidence_of(vectors, probe="forest")
    assert evidence_of(vectors, probe="linear", strategies=["balanced", "adq"], **FEW).mean.min() > 0.9


def digits_in_two(tmp_path: Path) -> tuple[Run, ImageDataset]:
    """Return a run on the first 900 digits, and a data set of 300 others with the classes in another order."""
    digits = open_dataset("digits")
    images, labels = np.asarray(digits.thumbnails), digits.labels
    names = np.array(digits.class_names)
    np.savez(tmp_path / "train.npz", images=images[:900], labels=labels[:900], class_names=names)
    np.savez(tmp_path / "test.npz", images=images[900:1200], labels=9 - labels[900:1200], class_names=names[::-1])
    settings = dataclasses.replace(SETTINGS, dataset=str(tmp_path / "train.npz"))
    return Run(settings, Store(tmp_path / "cache")), open_dataset(str(tmp_path / "test.npz"))


def test_a_named_test_set_is_used_and_told_and_selections_do_not_see_it(tmp_path: Path) -> None:
    run, test = digits_in_two(tmp_path)
    evidence = evidence_of(run, test_set=test, **FEW)
    assert (evidence.n_test, evidence.n_train) == (300, 900)
    assert evidence.tested_on == "the images of test"
    assert content_of(evidence)["tested_on"] == "the images of test"
    assert (evidence.mean > 0.7).all(), "classes are matched by name"
    joined = run_with_test_set(run, test)
    wrong = dataclasses.replace(joined.dataset, labels=np.where(joined.dataset.held_out, 3, joined.dataset.labels))
    for name in ("margin", "window", "ccs", "adq"):
        rows = [
            STRATEGIES[name].select(candidates_of(Run(run.settings, Store(), dataset=data), np.arange(900)), 90, 0)
            for data in (joined.dataset, wrong)
        ]
        np.testing.assert_array_equal(*rows)


def test_the_test_images_are_told(run: Run, tmp_path: Path) -> None:
    names = ["balanced", "random"]
    assert evidence_of(run, strategies=names, **FEW).tested_on == (
        "a fifth of the images of each class, drawn with seed 0"
    )
    photos = Run(Settings(dataset="photos", embeddings="pixels", diversity="vectors"), Store(tmp_path))
    assert evidence_of(photos, strategies=names, **FEW).tested_on == "the images that photos holds out"
    few, _ = digits_in_two(tmp_path)
    copies = open_dataset("digits")
    told = evidence_of(few, strategies=names, test_set=copies, **FEW).tested_on
    assert told == "the images of digits, 900 of which are also in train"


def test_a_test_set_needs_an_embedding_that_is_computed(tmp_path: Path) -> None:
    run, test = digits_in_two(tmp_path)
    np.save(tmp_path / "own.npy", np.zeros((900, 3), np.float32))
    other = Run(dataclasses.replace(run.settings, embeddings=str(tmp_path / "own.npy")), Store(), dataset=run.dataset)
    with pytest.raises(InputError, match="A test set needs an embedding that is computed from the images"):
        evidence_of(other, test_set=test, **FEW)


def test_one_class_is_refused_with_the_way_out(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
    one = Run(Settings(dataset=str(tmp_path / "vectors.npy"), embeddings="own"), Store())
    with pytest.raises(InputError, match="Give class folders or a table of labels"):
        evidence_of(one, **FEW)
