"""The quotas of a run at every step of alpha."""

from __future__ import annotations

import numpy as np

from adq_core import Run
from adq_core.quotas import ALPHAS, quota_table
from adq_core.records import QuotaTable
from adq_core.strategies import ADQ


def quotas_over_alpha(run: Run) -> QuotaTable:
    """Return the quotas for every step of alpha under the run's rule and keep ratio.

    Another strategy than ADQ has one step: its images in each bin.
    An alpha between two steps, from a link or a settings file, is added as a step: the map then shows the subset that
    is exported.
    """
    s = run.settings
    if s.strategy != ADQ:
        quotas = run.quotas
        return QuotaTable(np.array([s.alpha]), quotas.quota[None], quotas.capacity, quotas.rule, quotas.keep_ratio)
    alphas = ALPHAS if np.abs(ALPHAS - s.alpha).min() < 1e-9 else np.union1d(ALPHAS, [s.alpha])
    return quota_table(
        run.scores.importance,
        run.bins.capacity,
        rule=s.rule,
        keep_ratio=s.keep_ratio,
        alphas=alphas,
        bounds=run.bounds,
    )
