"""Each check finds its planted fault, and finds nothing in a sound selection."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.checks import Subject, run_checks
from adq_core.quotas import make_quotas
from adq_core.run_checks import checks_of
from adq_core.storage import Store
from tests.checks.subjects import balanced, clean_rows, some_images, sound, verdict, whole_run


@pytest.mark.parametrize("seed", range(3))
def test_a_sound_selection_has_no_bad_verdict(seed: int) -> None:
    bad = [one for one in run_checks(sound(seed)) if one.level == "bad"]
    assert [one.sentence for one in bad] == []


def test_a_sound_run_has_no_bad_verdict_on_quotas_balance_coverage_and_stability() -> None:
    names = ("arithmetic", "balance", "coverage", "stability")
    bad = [one for one in checks_of(whole_run(), names=names) if one.level == "bad"]
    assert [one.sentence for one in bad] == []


def test_copies_in_the_subset() -> None:
    rows = clean_rows()
    start = sound()
    taken = np.flatnonzero(start.selected)[:8]
    twice = np.concatenate([rows, rows[taken]])
    copied = Subject(
        some_images(twice), whole_run().embeddings.vectors[twice], np.append(start.selected, np.ones(8, np.bool_))
    )
    found = verdict(copied, "redundancy.subset")
    assert (found.level, found.value) == ("bad", 8)
    assert sorted(found.rows.tolist()) == [[row, len(rows) + place] for place, row in enumerate(taken)]
    assert verdict(start, "redundancy.subset").level == "good"
    assert (
        verdict(
            dataclasses.replace(copied, selected=np.append(start.selected, np.zeros(8, np.bool_))), "redundancy.subset"
        ).level
        == "good"
    )


def test_one_image_under_two_labels() -> None:
    rows = clean_rows()
    twice = np.append(rows, rows[5])
    labels = whole_run().dataset.labels[twice].copy()
    labels[-1] = (labels[-1] + 1) % 10
    subject = Subject(some_images(twice, labels), whole_run().embeddings.vectors[twice], balanced(labels, 200))
    found = verdict(subject, "redundancy.conflicting_labels")
    assert found.level == "bad"
    assert found.rows.tolist() == [[5, len(rows)]]


def test_a_missing_class() -> None:
    start = sound()
    selected = start.selected & (start.labels != 3)
    found = verdict(dataclasses.replace(start, selected=selected), "arithmetic.empty_classes")
    assert (found.level, found.value) == ("bad", 1)
    assert start.dataset.class_names[3] in found.sentence
    assert verdict(dataclasses.replace(start, selected=selected), "balance.subset").level == "bad"


def test_imbalance() -> None:
    start = sound()
    selected = start.selected.copy()
    selected[np.flatnonzero(start.labels == 7)[:60]] = True
    found = verdict(dataclasses.replace(start, selected=selected), "balance.subset")
    assert found.level == "bad"
    assert start.dataset.class_names[7] in found.sentence
    assert "more than its share" in found.sentence


def test_an_uneven_set() -> None:
    labels = whole_run().dataset.labels
    rows = np.concatenate([np.flatnonzero(labels == 0)[:600], np.flatnonzero(labels == 1)[:30]])
    few = some_images(rows, labels[rows])
    few = dataclasses.replace(few, class_names=few.class_names[:2])
    subject = Subject(few, whole_run().embeddings.vectors[rows], balanced(labels[rows], 100))
    assert verdict(subject, "balance.set").level == "watch"
    assert verdict(sound(), "balance.set").level == "good"


def test_test_images_in_the_subset() -> None:
    start = sound()
    inside = np.flatnonzero(start.selected)[:4]
    outside = np.flatnonzero(~start.selected)[:4]
    leaked = some_images(clean_rows()[np.concatenate([inside, outside])])
    found = verdict(dataclasses.replace(start, test=leaked), "redundancy.leakage")
    assert (found.level, found.value) == ("bad", 4)
    assert found.rows[:, 0].tolist() == inside.tolist()
    apart = some_images(clean_rows()[outside])
    assert verdict(dataclasses.replace(start, test=apart), "redundancy.leakage").level == "good"


def test_a_starved_bin() -> None:
    run = Run(dataclasses.replace(whole_run().settings, alpha=1.0), whole_run().store)
    importance = run.scores.importance.copy()
    importance[4] = 0.0
    quotas = make_quotas(importance, run.bins.capacity, rule="budget", alpha=1.0, keep_ratio=0.1)
    assert quotas.quota[4] == 0
    subject = Subject(
        run.dataset, run.embeddings.vectors, run.selection.selected, bins=run.bins,
        scores=dataclasses.replace(run.scores, importance=importance), quotas=quotas,
    )  # fmt: skip
    found = verdict(subject, "arithmetic.empty_bins")
    assert (found.level, found.value) == ("bad", 1)
    alpha = found.settings["alpha"]
    assert (make_quotas(importance, run.bins.capacity, rule="budget", alpha=alpha, keep_ratio=0.1).quota > 0).all()
    assert f"{alpha:.2f}" in found.action


def test_a_rule_that_misses_the_keep_ratio() -> None:
    run = Run(dataclasses.replace(whole_run().settings, rule="paper"), whole_run().store)
    found = {one.check: one for one in checks_of(run, names=["arithmetic"])}
    assert found["arithmetic.total"].level == "bad"
    assert found["arithmetic.total"].settings == {"rule": "budget"}
    assert found["arithmetic.literal_rule"].value == run.quotas.quota.sum()


def test_poor_coverage() -> None:
    start = sound()
    vectors = start.vectors
    order = np.argsort(vectors @ vectors.mean(axis=0))  # one end of the embedding
    selected = np.zeros(len(order), np.bool_)
    selected[order[:200]] = True
    levels = {
        name: verdict(dataclasses.replace(start, selected=selected), f"coverage.{name}").level
        for name in ("mean_distance", "energy_distance")
    }
    assert levels == {"mean_distance": "bad", "energy_distance": "bad"}


def test_wrong_labels_that_the_selection_prefers() -> None:
    rng = np.random.default_rng(0)
    start = sound()
    labels = start.labels.copy()
    vectors = (5 * np.eye(10, 20)[labels] + rng.normal(size=(len(labels), 20))).astype(np.float32)
    wrong = rng.choice(len(labels), 100, replace=False)
    labels[wrong] = (labels[wrong] + 1) % 10
    selected = balanced(labels, 200)
    selected[wrong[:80]] = True
    found = verdict(Subject(some_images(clean_rows(), labels), vectors, selected), "labels.doubts")
    assert found.level == "bad"
    assert len(set(found.rows[:100, 0]) & set(wrong)) >= 80
    fair = Subject(some_images(clean_rows(), labels), vectors, balanced(labels, 200))
    assert verdict(fair, "labels.doubts").level == "good"


def test_unusable_images_that_the_selection_prefers() -> None:
    start = sound()
    thumbnails = start.dataset.thumbnails.copy()
    bad = {
        "dark": np.arange(0, 40),
        "bright": np.arange(40, 80),
        "constant": np.arange(80, 120),
        "blurred": np.arange(120, 160),
    }
    thumbnails[bad["dark"]] //= 30
    thumbnails[bad["bright"]] = 255 - thumbnails[bad["bright"]] // 30
    thumbnails[bad["constant"]] = 128
    ramp = np.linspace(60, 190, thumbnails.shape[2]).astype(np.uint8)
    thumbnails[bad["blurred"]] = ramp[None, None, :, None]
    dataset = dataclasses.replace(start.dataset, thumbnails=thumbnails)
    selected = start.selected.copy()
    selected[160:] &= np.arange(len(selected) - 160) % 2 == 0
    selected[:160] = True
    for name, rows in bad.items():
        found = verdict(dataclasses.replace(start, dataset=dataset, selected=selected), f"quality.{name}")
        assert found.level == "bad", name
        assert set(rows) <= set(found.rows[:, 0]), name


def test_odd_sizes_and_shapes() -> None:
    start = sound()
    sizes = start.dataset.sizes.copy()
    sizes[:30], sizes[30:60] = (4, 4), (32, 200)
    dataset = dataclasses.replace(start.dataset, sizes=sizes)
    selected = start.selected.copy()
    selected[:60] = True
    subject = dataclasses.replace(start, dataset=dataset, selected=selected)
    assert verdict(subject, "quality.odd_size").rows[:, 0].tolist() == list(range(30))
    assert verdict(subject, "quality.odd_shape").rows[:, 0].tolist() == list(range(30, 60))


def test_vectors_without_images_have_unknown_verdicts_with_the_reason(tmp_path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "v.npz", vectors=rng.normal(size=(80, 6)).astype(np.float32), labels=np.arange(80) % 4)
    run = Run(Settings(dataset=str(tmp_path / "v.npz"), embeddings="own", n_bins=3), Store())
    found = {one.check: one for one in checks_of(run)}
    assert found["redundancy.subset"].level == "unknown"
    assert "no images" in found["redundancy.subset"].sentence
    assert found["coverage.mean_distance"].level == "good"
