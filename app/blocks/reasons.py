"""Why an image is selected or not, by the strategy of the run."""

from __future__ import annotations

from adq_core import Run
from adq_core.strategies import ADQ
from app.text import explanations
from app.text import strategies as strategy_text

from .quota_steps import quotas_over_alpha


def why(run: Run, row: int) -> str:
    """Return why one image is selected or not, as Markdown; for ADQ with the alphas that would select it."""
    if run.has_lists and (run.hand_lists.always[row] or run.hand_lists.never[row]):
        return explanations.listed(is_kept=bool(run.hand_lists.always[row]))
    if run.settings.strategy == ADQ:
        return explanations.why(row, run.bins, run.selection, quotas_over_alpha(run), run.quotas.quota)
    return strategy_text.why(run.settings.strategy, row, run.strategy_draw, run.bins, run.dataset.n_classes)
