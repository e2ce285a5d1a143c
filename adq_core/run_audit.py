"""Audit of a selection that was made elsewhere: checks, and evidence against random images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.checks import Verdict
from adq_core.evidence import GIVEN, Budget, Difference, Evidence, compare_with_baseline, split_test_images
from adq_core.pipeline import Run
from adq_core.run_checks import checks_of
from adq_core.run_evidence import evidence_of
from adq_core.selection import ORDERS, ForeignSelection, compare

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
    """
    data = run.dataset
    verdicts = checks_of_given(run, given)
    pair = compare(given.rows, run.selection.indices, data.labels, run.bins.bin_of)
    try:
        evidence, reason = evidence_of_given(run, given.rows, budget=budget), ""
    except InputError as error:
        evidence, reason = None, str(error)
    return Audit(verdicts, evidence, reason, pair.jaccard, pair.random_jaccard)


def checks_of_given(run: Run, given: ForeignSelection) -> list[Verdict]:
    """Return the verdicts on a given selection: the order of the files it was made for, and the checks of its images.

    Checks of quotas and of the draw do not apply to it. Needs the embeddings of the run, and no bins.
    """
    return _order(given) + checks_of(run, rows=given.rows)


def evidence_of_given(run: Run, rows: Ints, *, budget: Budget | None = None) -> Evidence:
    """Return the evidence of a given selection, under the name "given", against balanced random and other strategies.

    The test images are a fifth of each class, drawn from the images that were not selected, and random subsets of the
    same size are drawn from all others. How it misleads: if the selection left out hard images, the test images are
    harder than the set, for all strategies alike. Raises `InputError` for one class, or if all images are selected.
    """
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


def difference_to_strategy(evidence: Evidence, strategy: str) -> Difference:
    """Return how much better the given selection is than a strategy, from evidence with both.

    The differences are paired by seed. Of the test images, the two standard errors to balanced random are added, which
    is at least the standard error of the difference: the interval is a little too wide rather than too narrow.
    """
    given, own = (evidence.strategies.index(name) for name in (GIVEN, strategy))
    test_error = float(evidence.test_error[given, 0] + evidence.test_error[own, 0])
    pair = evidence.accuracy[[own, given], 0]
    return compare_with_baseline(pair, 0, evidence.n_test, np.array([0.0, test_error]))[1]


def _order(given: ForeignSelection) -> list[Verdict]:
    """Return a verdict on the order of the files that the indices were made for."""
    if not given.by_index:
        return []
    if given.order_note:
        action = f"Read the list in that order (order: {given.other_order}), or use ids instead of indices."
        return [Verdict("list.order", "bad", float("nan"), "the order of this data set", given.order_note, action)]
    if given.read_in:
        sentence = f"The list was read in another order, as asked for: {ORDERS[given.read_in]}."
        return [Verdict("list.order", "good", float("nan"), "the order that was asked for", sentence)]
    sentence = "The classes do not contradict the order of this data set."
    return [Verdict("list.order", "good", float("nan"), "the order of this data set", sentence)]


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
