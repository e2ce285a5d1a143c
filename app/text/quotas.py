"""Sentences about quotas: images above the capacity of a bin, and the effect of alpha."""

from __future__ import annotations

import numpy as np

from adq_core.records import Ints, Quotas, QuotaTable

from .format import enumerate_first

ALPHA_STEP = 0.05  # of the sensitivity chart and of its sentence


def surplus(quotas: Quotas) -> str:
    """Return which targets were above the capacity of their bin and which bins received the surplus."""
    over = np.flatnonzero(quotas.capped > 0)
    if not len(over):
        return "No target was above the capacity of its bin, so none was capped."
    capped = ", ".join(f"bin {n} (−{quotas.capped[n]:.1f})" for n in over)
    receivers = [f"bin {n} (+{quotas.reallocated[n]:.1f})" for n in np.argsort(-quotas.reallocated, kind="stable")]
    receivers = receivers[: int((quotas.reallocated > 0).sum())]
    if not receivers:
        return f"Capped at the capacity of the bin: {capped}. This surplus is lost."
    return f"Capped at the capacity of the bin: {capped}. The surplus went to {enumerate_first(receivers, 5)}."


def changes_per_step(table: QuotaTable) -> tuple[Ints, Ints]:
    """Return the rows of the table at alpha = 0, 0.05 ... 1, and how many images change from each to the next.

    A quota q selects the first q images of its bin, so the number follows from the quotas: a bin whose quota is lower
    by k loses k images. It is the larger one of the numbers of removed and added images; the two are equal if the
    total is fixed.
    """
    alphas = np.arange(0, 1 + ALPHA_STEP / 2, ALPHA_STEP)
    rows = np.array([int(np.abs(table.alpha - alpha).argmin()) for alpha in alphas])
    return rows, _changes(np.asarray(table.quota)[rows])


def _changes(quota: Ints) -> Ints:
    step = np.diff(quota, axis=0)
    return np.asarray(np.maximum(np.maximum(step, 0).sum(axis=1), np.maximum(-step, 0).sum(axis=1)))


def alpha_effect(table: QuotaTable) -> str:
    """Return how many images depend on alpha under this rule and keep ratio, from 0 to 1 and per step of 0.05."""
    rows, changed = changes_per_step(table)
    quota = np.asarray(table.quota)[rows]
    total = int(quota.sum(axis=1).max())
    whole_range = int(_changes(quota[[0, -1]])[0])
    if not changed.any():
        return f"Alpha has no effect here: under the rule {table.rule} every alpha selects the same images."
    share, largest = whole_range / total, int(changed.argmax())
    effect = "hardly any" if share < 0.05 else "a small" if share < 0.2 else "a large"
    differ = "differs" if whole_range == 1 else "differ"
    return (
        f"Alpha has {effect} effect here: between alpha 0 and alpha 1, {whole_range:,} of {total:,} images {differ} "
        f"({share:.0%}). A step of {ALPHA_STEP} changes {changed.mean():.1f} images on average and at most "
        f"{changed.max():,} (from {largest * ALPHA_STEP:.2f} to {(largest + 1) * ALPHA_STEP:.2f})."
    )
