"""Audit of a selection that was made elsewhere: checks, and evidence against random images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.checks import Verdict
from adq_core.evidence import Budget, Evidence, split_test_images
from adq_core.pipeline import Run
from adq_core.run_checks import checks_of
from adq_core.run_evidence import evidence_of
from adq_core.selection import ForeignSelection, compare

from .errors import InputError
from .linalg import first_of_each_group
from .records import Bools, Ints

STRATEGIES = ("balanced", "uniform-bins", "adq", "facility-location", "margin")


class Audit(NamedTuple):
    """What is known about a selection that was made elsewhere."""

    verdicts: list[Verdict]
    evidence: Evidence | None  # None: it could not be measured
    reason: str  # why the evidence could not be measured; empty: it was
    jaccard: float  # overlap with the selection of the run
    random_jaccard: float  # of two random selections of these sizes


def audit_of(run: Run, given: ForeignSelection, *, budget: Budget | None = None) -> Audit:
    """Return the checks of a given selection, its evidence against balanced random, and its overlap with the run's.

    The strategy of the run is among those that the evidence compares.
    The test images of the evidence are a fifth of each class, drawn from the images that were not selected, and random
    subsets of the same size are drawn from all others. How it misleads: if the selection left out hard images, the test
    images are harder than the set, for all strategies alike.
    """
    data = run.dataset
    verdicts = _order(given) + checks_of(run, rows=given.rows)
    pair = compare(given.rows, run.selection.indices, data.labels, run.bins.bin_of)
    try:
        evidence, reason = _evidence(run, given.rows, budget), ""
    except InputError as error:
        evidence, reason = None, str(error)
    return Audit(verdicts, evidence, reason, pair.jaccard, pair.random_jaccard)


def _order(given: ForeignSelection) -> list[Verdict]:
    """Return a verdict on the order of the files that the indices were made for."""
    if not given.by_index:
        return []
    if given.order_note:
        action = "Use ids instead of indices, or convert the indices to the order of this data set."
        return [Verdict("list.order", "bad", float("nan"), "the order of this data set", given.order_note, action)]
    sentence = "The classes do not contradict the order of this data set."
    return [Verdict("list.order", "good", float("nan"), "the order of this data set", sentence)]


def _evidence(run: Run, rows: Ints, budget: Budget | None) -> Evidence:
    test = _test_images(run, rows)
    position = np.cumsum(~test) - 1  # of each row among the candidates
    return evidence_of(
        run,
        strategies=tuple(dict.fromkeys((*STRATEGIES, run.settings.strategy))),
        keep_ratios=[len(rows) / int((~test).sum())],
        test=test,
        given=position[rows],
        budget=budget,
    )


def _test_images(run: Run, rows: Ints) -> Bools:
    """Return the test images, (M,) bool: a fifth of each class, or what is left of it, none of them selected."""
    data = run.dataset
    selected = np.zeros(len(data), np.bool_)
    selected[rows] = True
    wanted = np.bincount(data.labels[split_test_images(data.labels, seed=run.settings.seed)], minlength=data.n_classes)
    others = np.random.default_rng(run.settings.seed).permutation(np.flatnonzero(~selected))
    test = np.zeros(len(data), np.bool_)
    test[first_of_each_group(others, data.labels, wanted)] = True
    for label in np.flatnonzero(np.bincount(data.labels[~test], minlength=data.n_classes) == 0):
        test[np.flatnonzero(data.labels == label)[0]] = False  # a class needs one other image
    if not test.any():
        raise InputError("The given selection has all images, so none is left to test on.")
    return test
