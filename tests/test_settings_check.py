"""Settings that an open data set refutes are refused before any stage, and small classes are named in a note."""

from __future__ import annotations

import numpy as np
import pytest

from adq_core import Run, Settings
from adq_core.data import ImageDataset
from adq_core.dependencies import STAGE_RECORDS
from adq_core.errors import SettingsError
from adq_core.settings_check import check, small_class_notes
from tests.fakes import fake_dataset


def dataset(*sizes: int) -> ImageDataset:
    """Return a data set with classes of these sizes, of images that differ."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (8, 8, 3), dtype=np.uint8) for _ in range(sum(sizes))]
    return fake_dataset(images, labels=np.repeat(np.arange(len(sizes)), sizes).tolist())


REFUSED = [
    ({"n_bins": 1000}, "n_bins must be between 1 and 12 (the largest class has 12 images), got 1000. Lower n_bins."),
    (
        {"n_bins": 13},
        "n_bins must be between 1 and 12 (the largest class has 12 images), got 13. Lower n_bins or set pool to all.",
    ),
    ({"n_bins": 21, "pool": "all"}, "n_bins must be between 1 and 20 (there are 20 images), got 21. Lower n_bins."),
    ({"keep_ratio": 0.01}, "keep_ratio must keep at least one of 20 images, got 0.01. Raise it."),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSED)
@pytest.mark.parametrize("stage", sorted(STAGE_RECORDS))
def test_no_stage_is_computed_with_settings_that_the_data_refute(
    changes: dict[str, object], sentence: str, stage: str
) -> None:
    data = dataset(12, 8)
    reported: list[tuple[int, int, str]] = []
    settings = Settings(**{"dataset": "made up", "embeddings": "pixels", "n_bins": 2} | changes)
    run = Run(settings, progress=lambda *report: reported.append(report), dataset=data)
    with pytest.raises(SettingsError) as refused:
        getattr(run, stage)
    assert str(refused.value) == sentence
    assert run.seconds == {}
    assert reported == []


def test_the_gradient_kernel_is_refused_for_one_class() -> None:
    settings = Settings(embeddings="pixels", kernel="gradient", n_bins=2)
    with pytest.raises(SettingsError, match=r"^kernel = gradient needs at least two classes"):
        check(settings, dataset(9))
    assert check(settings, dataset(9, 2)) == settings


def test_the_largest_numbers_that_are_possible_are_accepted() -> None:
    data = dataset(12, 8)
    check(Settings(n_bins=12, keep_ratio=0.025), data)
    check(Settings(n_bins=20, pool="all"), data)


def test_small_classes_are_named_in_a_note() -> None:
    data = dataset(12, 1, 4, 12)
    assert small_class_notes(Settings(n_bins=4), data) == (
        f"1 class has fewer images than the 4 bins: {data.class_names[1]} (1). The images of such a class are in the "
        "first bins, one in each, and the later bins have none of it. For bins that all have every class, use at "
        "most 1 bin, merge classes, or take all images as one pool.",
    )
    assert small_class_notes(Settings(n_bins=5), data)[0].startswith(
        f"2 classes have fewer images than the 5 bins: {data.class_names[1]} (1), {data.class_names[2]} (4). "
    )
    assert small_class_notes(Settings(n_bins=5, pool="all"), data) == ()
    many = small_class_notes(Settings(n_bins=9), dataset(9, *range(1, 9)))
    assert "(5) and 3 more. " in many[0]


@pytest.mark.parametrize("schedule", ["equal", "geometric"])
@pytest.mark.parametrize("rule", ["budget", "uniform", "paper", "paper-scaled"])
def test_a_set_with_small_classes_runs_to_the_end(schedule: str, rule: str) -> None:
    data = dataset(30, 3, 1, 12)
    settings = Settings(embeddings="pixels", projection="pca", n_bins=10, schedule=schedule, rule=rule, keep_ratio=0.3)
    run = Run(settings, dataset=data)
    note = small_class_notes(settings, data)[0]
    assert note in run.scores.warnings
    assert run.bins.capacity.sum() == len(data)
    assert (run.quotas.quota <= run.bins.capacity).all()
    assert note.encode() in run.export_files()["manifest.json"]
