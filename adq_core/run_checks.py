"""Checks of a run's own selection, or of a selection that was made elsewhere."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from adq_core.checks import Subject, Verdict, run_checks
from adq_core.data import ImageDataset
from adq_core.pipeline import Run
from adq_core.quotas import target_size
from adq_core.strategies import ADQ, STRATEGIES

from .progress import Progress
from .records import Ints
from .run_lists import list_effect

N_SEEDS = 20  # of the draw, compared with the run's own


def checks_of(
    run: Run,
    *,
    rows: Ints | None = None,
    test: ImageDataset | None = None,
    names: Collection[str] | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Return the verdicts on a run's selection, or on other rows of its data set.

    rows: a selection made elsewhere; checks of quotas and of the draw do not apply to it. test: images that must not be
    in the selection. Raises `SettingsError` for an unknown check.
    """
    progress, seed = progress or run.progress, run.settings.seed
    if rows is not None:
        selected = np.zeros(len(run.dataset), np.bool_)
        selected[rows] = True
        subject = Subject(run.dataset, run.embeddings.vectors, selected, test=test, seed=seed, progress=progress)
        return run_checks(subject, names)
    if run.settings.strategy != ADQ:
        return run_checks(_subject_of_strategy(run, test, progress, names), names)
    lists = list_effect(run, progress=progress) if names is None or "lists" in names else None
    subject = Subject(
        run.dataset,
        run.embeddings.vectors,
        run.selection.selected,
        bounds=run.bounds,
        lists=lists,
        bins=run.bins,
        scores=run.scores,
        quotas=run.quotas,
        draw_positions=tuple(run.draw_order_of(seed + 1 + other).draw_position for other in range(N_SEEDS)),
        test=test,
        seed=seed,
        progress=progress,
    )
    return run_checks(subject, names)


def _subject_of_strategy(
    run: Run, test: ImageDataset | None, progress: Progress, names: Collection[str] | None
) -> Subject:
    """Return the selection of a strategy without quotas, with those of other seeds where it draws at random."""
    s = run.settings
    seeds = range(s.seed + 1, s.seed + 1 + N_SEEDS) if STRATEGIES[s.strategy].seeded else ()
    return Subject(
        run.dataset,
        run.embeddings.vectors,
        run.selection.selected,
        lists=list_effect(run, progress=progress) if names is None or "lists" in names else None,
        bins=run.bins,
        strategy=s.strategy,
        target=target_size(s.keep_ratio, len(run.dataset)),
        other_selections=tuple(run.strategy_draw_of(seed).selected for seed in seeds),
        test=test,
        seed=s.seed,
        progress=progress,
    )
