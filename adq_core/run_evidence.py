"""Evidence for a run: its strategies on a part of the data set, measured on the other part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adq_core.data import part_of
from adq_core.evidence import (
    KEEP_RATIOS,
    Budget,
    CellFile,
    Evidence,
    Probe,
    measure_evidence,
    ridge_probe,
    split_test_images,
)
from adq_core.pipeline import Run
from adq_core.strategies import Candidates, strategy_names

from .digests import content_digest, derive_key
from .errors import InputError
from .progress import Progress
from .records import Bools, Embeddings, Ints, Record, Texture

VERSION = 1  # of the protocol, the strategies and the probe


def evidence_of(
    run: Run,
    *,
    strategies: Sequence[str] | None = None,
    keep_ratios: Sequence[float] = KEEP_RATIOS,
    test: Bools | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Evidence:
    """Return the evidence for a run: its alpha, rule and scores on a training part, against rivals, on test images.

    strategies: names (default: all that the classes allow). test: (M,) the test images (default: those that the data
    set holds out, or a fifth of each class, drawn with the seed of the run). Bins, scores, margins and chosen shares
    are computed on the other images only. The embedding is that of the run: its principal axes have seen the test
    images, without their labels. Measured cells are kept in the folder of the store, so that a stopped measurement goes
    on.

    Raises `InputError` for one class or too few images, `SettingsError` for unknown names.
    """
    data = run.dataset
    test = _test_images(run) if test is None else _checked_test(test, data.labels)
    names = strategy_names(list(strategies) if strategies else None, data.n_classes)
    rows = np.flatnonzero(~test)
    candidates = candidates_of(run, rows)
    probe: Probe = ridge_probe(candidates, run.embeddings.vectors[test], data.labels[test])
    return measure_evidence(
        candidates,
        probe,
        n_test=int(test.sum()),
        strategies=names,
        keep_ratios=keep_ratios,
        budget=budget,
        cells=CellFile(_cell_file(run, test)),
        progress=progress or run.progress,
    )


def candidates_of(run: Run, rows: Ints) -> Candidates:
    """Return these rows of a run as candidates, with bins and scores computed on them alone."""
    part = run_on(run, rows)
    s = part.effective
    return Candidates(
        vectors=part.embeddings.vectors,
        labels=part.dataset.labels,
        n_classes=part.dataset.n_classes,
        bins=part.bins,
        importance=part.scores.importance,
        texture=part.texture.values if part.uses("texture") else np.zeros(len(rows)),
        rule=s.rule,
        alpha=s.alpha,
        draw_order=s.draw_order,
        seed=s.seed,
    )


def run_on(run: Run, rows: Ints) -> Run:
    """Return a run with the same settings on some rows; embeddings and textures are those of the whole run."""
    part = Run(run.settings, run.store, run.progress, dataset=part_of(run.dataset, rows))
    whole = run.embeddings
    given: dict[str, Record] = {"embeddings": Embeddings(whole.vectors[rows], whole.name, part.key("embeddings"))}
    if part.uses("texture"):
        given |= {"texture": Texture(run.texture.values[rows], part.key("texture"))}
    part.__dict__.update(given)
    return part


def _cell_file(run: Run, test: Bools) -> Path | None:
    """Return the path of the measured cells: everything that determines them is in its name."""
    if run.store.folder is None:
        return None
    key = derive_key(
        "evidence", VERSION, run.key("scores"), run.key("draw_order"), run.settings.rule, run.settings.alpha,
        content_digest(test),
    )  # fmt: skip
    return run.store.folder / "evidence" / f"{key}.jsonl"


def _test_images(run: Run) -> Bools:
    """Return the test images of a data set: those that it holds out, or a random fifth of each class."""
    data = run.dataset
    if data.held_out.any() and len(np.unique(data.labels[~data.held_out])) == data.n_classes > 1:
        return data.held_out
    return split_test_images(data.labels, seed=run.settings.seed)


def _checked_test(test: Bools, labels: Ints) -> Bools:
    left = np.bincount(labels[~test], minlength=int(labels.max()) + 1)
    if not test.any() or (left == 0).any():
        raise InputError("The test images must be at least one, and leave at least one other image of each class.")
    return test
