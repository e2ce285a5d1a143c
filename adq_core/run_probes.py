"""What the probes need of a run: the test images, the pixels, and the time that a training takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adq_core.data import ImageDataset, check_test_images, count_copies, with_test_images
from adq_core.embeddings import EMBEDDINGS
from adq_core.evidence import Material
from adq_core.models import is_backbone
from adq_core.pipeline import Run
from adq_core.probes import NetworkRecipe, network_images, seconds_per_training
from adq_core.strategies import Candidates

from .errors import InputError
from .records import Bools

BATCH = 1024  # thumbnails at a time


def run_with_test_set(run: Run, test_set: ImageDataset) -> Run:
    """Return a run with the same settings on the data set with the images of `test_set`, which are held out.

    The embedding is computed for all images together: its principal axes have seen the test images, without labels.
    Raises `InputError` as `with_test_images` does, and for an embedding from a file.
    """
    check_test_set(run, test_set)
    joined = with_test_images(run.dataset, test_set, run.store.folder)
    return Run(run.settings, run.store, run.progress, dataset=joined)


def check_test_set(run: Run, test_set: ImageDataset) -> None:
    """Raise `InputError` as `run_with_test_set` does; computes nothing."""
    name = run.settings.embeddings
    if not (name in EMBEDDINGS or is_backbone(name)):
        raise InputError(
            f"A test set needs an embedding that is computed from the images, and {name} is a file of vectors. Choose "
            "another embedding, or leave out the test set."
        )
    check_test_images(run.dataset, test_set)


def describe_test(run: Run, test: Bools, test_set: ImageDataset | None) -> str:
    """Return which images are the test images, as a phrase: these rows, or those of another data set."""
    data = run.dataset
    if test_set is None:
        if np.array_equal(test, data.held_out):
            return f"the {data.kind} that {data.name} holds out"
        return f"a fifth of the {data.kind} of each class, drawn with seed {run.settings.seed}"
    text = f"the {test_set.kind} of {test_set.name}"
    copies = count_copies(data, test_set)
    return f"{text}, {copies:,} of which are also in {data.name}" if copies else text


def material_of(run: Run, candidates: Candidates, test: Bools) -> Material:
    """Return what the probes of a run are made of; pixels are read when a probe needs them."""
    return Material(
        candidates,
        run.embeddings.vectors[test],
        run.dataset.labels[test],
        lambda: (probe_images(run.dataset, ~test), probe_images(run.dataset, test)),
    )


def probe_images(dataset: ImageDataset, rows: Bools) -> NDArray[np.uint8]:
    """Return the images of these rows as the network probe takes them, (., 32, 32, 3)."""
    dataset.need_images()
    batches = dataset.thumbnail_batches(BATCH, np.flatnonzero(rows))
    return np.concatenate([network_images(batch) for batch in batches])


def training_seconds(run: Run, n_test: int, recipe: NetworkRecipe) -> float:
    """Return the seconds per training of the network probe on this machine, measured on a few steps.

    Trainings on different cores at the same time count as one after the other: `n` trainings take n times this.
    """
    data = run.dataset
    rows = np.arange(len(data)) < BATCH
    return seconds_per_training(probe_images(data, rows), data.labels[rows], data.n_classes, n_test, recipe)
