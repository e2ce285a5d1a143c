"""The effect of the lists "always keep" and "never take" of a run: its selection and its accuracy without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adq_core.checks import ListEffect
from adq_core.evidence import compare_with_baseline
from adq_core.id_lists import list_text
from adq_core.pipeline import Run
from adq_core.probes import RidgeFit, choose_penalty, correct_predictions, probe_features
from adq_core.quotas import target_size
from adq_core.run_evidence import run_on, usual_test_images
from adq_core.strategies import ADQ

from .errors import AdqError
from .progress import Progress
from .records import Bools

N_SEEDS = 20


def list_effect(run: Run, *, progress: Progress | None = None) -> ListEffect | None:
    """Return what the lists of a run change; None if no image is on a list.

    Accuracy: on a fifth of each class (or the images that the data set holds out) as test images, of a ridge probe on
    the embedding that is trained on selections from the other images, with and without the lists, 20 seeds, paired.
    Bins and scores are computed without the test images. Images on the lists that are test images do not take part.
    """
    if not run.has_lists:
        return None
    lists, plain = run.hand_lists, without_lists(run)
    base = (lists.always, lists.never, plain.selection.selected)
    try:
        gain, half_width = _gain(run, progress or run.progress)
        return ListEffect(*base, gain, half_width, N_SEEDS)
    except AdqError as error:
        return ListEffect(*base, float("nan"), float("nan"), 0, f"The accuracy could not be measured: {error}")


def without_lists(run: Run) -> Run:
    """Return the run with the same settings and empty lists."""
    settings = replace(run.settings, always=None, never=None)
    return Run(settings, run.store, run.progress, dataset=run.dataset)


def _gain(run: Run, progress: Progress) -> tuple[float, float]:
    """Return the gain in accuracy by the lists, and the half width of its 95 % interval."""
    data, test = run.dataset, usual_test_images(run)
    rows = np.flatnonzero(~test)
    plain = run_on(without_lists(run), rows)
    listed = _with_part_of_lists(run, plain, rows)
    features = probe_features(run.embeddings.vectors, rows)
    train, labels = features[rows], data.labels[rows]
    penalty = choose_penalty(
        train, labels, data.n_classes, target_size(run.settings.keep_ratio, len(rows)), run.settings.seed
    )
    accuracy = np.empty((2, N_SEEDS))
    correct = np.empty((2, N_SEEDS, int(test.sum())))
    for seed in range(N_SEEDS):
        progress(seed, N_SEEDS, "accuracy with and without the lists")
        for number, part in enumerate((plain, listed)):
            chosen = _selected(part, seed)
            fit = RidgeFit.fit(train[chosen], labels[chosen], data.n_classes, penalty)
            correct[number, seed] = correct_predictions(fit, features[test], data.labels[test])
            accuracy[number, seed] = correct[number, seed].mean()
    change = (correct[1] - correct[0]).mean(axis=0)
    error = float(change.std(ddof=1) / np.sqrt(len(change))) if len(change) > 1 else np.inf
    found = compare_with_baseline(accuracy, 0, len(change), np.array([0.0, error]))[1]
    return found.mean, found.half_width


def _with_part_of_lists(run: Run, plain: Run, rows: np.ndarray) -> Run:
    """Return the run on these rows with the lists, as far as their images are among the rows."""
    ids, lists = plain.dataset.ids, run.hand_lists
    kept = {
        name: list_text(ids[place] for place in np.flatnonzero(mask[rows]).tolist())
        for name, mask in (("always", lists.always), ("never", lists.never))
    }
    settings = replace(plain.settings, always=kept["always"], never=kept["never"])
    listed = Run(settings, plain.store, plain.progress, dataset=plain.dataset)
    shared = ("embeddings", "texture", "bins", "scores")
    listed.__dict__.update({name: getattr(plain, name) for name in shared if plain.uses(name)})
    return listed


def _selected(run: Run, seed: int) -> Bools:
    """Return the selection of a run with another seed of the draw."""
    if run.settings.strategy != ADQ:
        return run.strategy_draw_of(seed).selected
    return np.asarray(run.draw_order_of(seed).draw_position < run.quotas.quota[run.bins.bin_of])
