"""Why an image is selected or not, by the strategy of the run."""

from __future__ import annotations

from adq_core import Run
from adq_core.strategies import ADQ
from app.text import explanations
from app.text import strategies as strategy_text

from .quota_steps import quotas_over_alpha


def reason_of(run: Run, row: int) -> str:
    """Return why one image is selected or not, as Markdown; for ADQ with the alphas that would select it."""
    if run.has_lists and (run.hand_lists.always[row] or run.hand_lists.never[row]):
        is_kept = bool(run.hand_lists.always[row])
        is_adq = run.settings.strategy == ADQ
        return explanations.listed_by_hand(is_kept=is_kept) if is_adq else strategy_text.listed_by_hand(is_kept=is_kept)
    if run.settings.strategy == ADQ:
        return explanations.why(row, run.bins, run.selection, quotas_over_alpha(run), run.quotas.quota)
    always = run.hand_lists.always if run.has_lists else None
    strategy = run.settings.strategy
    return strategy_text.strategy_reason(strategy, row, run.strategy_draw, run.bins, run.dataset.n_classes, always)
