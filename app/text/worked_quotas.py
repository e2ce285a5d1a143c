"""The quota of one bin, with the numbers of a run in the formula of its quota rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adq_core import Run
from adq_core.quotas import target_size_of
from adq_core.records import Floats


def worked_quota(run: Run, number: int) -> str:
    """Return the formula of the run's quota rule with the numbers of one bin."""
    return RULES[run.settings.rule](run, number)


def displayed(*formulas: str) -> str:
    """Return formulas at full height, one per paragraph; as inline formulas they wrap on narrow screens."""
    return "\n\n".join(rf"$\displaystyle {formula}$" for formula in formulas)


def _budget_share(run: Run, number: int, alpha: float) -> tuple[str, float]:
    """Return r_n of the bin as a formula with numbers, importance scaled to sum to 1."""
    quotas, importance = run.quotas, run.scores.importance
    capacity, images = int(quotas.capacity[number]), int(quotas.capacity.sum())
    r = alpha * quotas.importance_share[number] + (1 - alpha) * capacity / images
    of_all = (
        rf"\frac{{{importance[number]:.4f}}}{{{importance.sum():.4f}}}"
        if importance.sum() > 0
        else rf"\frac{{{capacity}}}{{{images}}}"
    )
    return (
        rf"r_{{{number}}} = {alpha:g} \cdot {of_all} + {1 - alpha:.4g} \cdot \frac{{{capacity}}}{{{images}}} = {r:.5f}",
        float(r),
    )


def _budget(run: Run, number: int) -> str:
    quotas = run.quotas
    uniform = quotas.rule == "uniform"
    formula, _ = _budget_share(run, number, 0.0 if uniform else quotas.alpha)
    total = target_size_of(quotas.rule, quotas.keep_ratio, int(quotas.capacity.sum()))
    return displayed(
        formula,
        rf"t_{{{number}}} = \mathrm{{round}}({quotas.keep_ratio:g} \cdot {int(quotas.capacity.sum())}) \cdot "
        rf"r_{{{number}}} = {total} \cdot {quotas.r[number]:.5f} = {quotas.target[number]:.3f}",
    ) + _rounding(run, number, quotas.r)


def _paper_share(run: Run, number: int) -> str:
    """Return the paper's r_n of the bin as a formula with numbers, importance unscaled."""
    quotas = run.quotas
    return (
        rf"r_{{{number}}} = {quotas.alpha:g} \cdot {run.scores.importance[number]:.4f} + {1 - quotas.alpha:.4g} \cdot "
        rf"\frac{{{quotas.capacity[number]}}}{{{quotas.capacity.sum()}}} = {quotas.r[number]:.5f}"
    )


def _paper(run: Run, number: int) -> str:
    quotas, capacity = run.quotas, int(run.quotas.capacity[number])
    return displayed(
        _paper_share(run, number),
        rf"q_{{{number}}} = \min(\lfloor {quotas.r[number]:.5f} \cdot {capacity} \rfloor, {capacity})"
        rf" = {quotas.quota[number]}",
    )


def _paper_scaled(run: Run, number: int) -> str:
    quotas = run.quotas
    weight = quotas.r * quotas.capacity
    total = target_size_of(quotas.rule, quotas.keep_ratio, int(quotas.capacity.sum()))
    return displayed(
        _paper_share(run, number),
        rf"t_{{{number}}} = {total} \cdot \frac{{{quotas.r[number]:.5f} \cdot {quotas.capacity[number]}}}"
        rf"{{{weight.sum():.4f}}} = {quotas.target[number]:.3f}",
    ) + _rounding(run, number, weight)


def _published(run: Run, number: int) -> str:
    quotas, importance = run.quotas, run.scores.importance
    weight, total = (
        importance * quotas.capacity,
        target_size_of(quotas.rule, quotas.keep_ratio, int(quotas.capacity.sum())),
    )
    return displayed(
        rf"w_{{{number}}} = {quotas.capacity[number]} \cdot {importance[number]:.4f} = {weight[number]:.4f}",
        rf"q_{{{number}}} = \mathrm{{round}}\left(\frac{{{weight[number]:.4f}}}{{{weight.sum():.4f}}} \cdot {total}"
        rf"\right) = \mathrm{{round}}({quotas.target[number]:.3f}) = {quotas.quota[number]}",
    )


def _rounding(run: Run, number: int, weight: Floats) -> str:
    """Return how Webster's method rounds the target: the priority of the bin's last image and of the next one."""
    quotas = run.quotas
    quota, capacity = int(quotas.quota[number]), int(quotas.capacity[number])
    text = ""
    if quotas.capped[number] > 0:
        text += f"The target is capped at the {capacity:,} images of the bin; "
        text += f"{quotas.capped[number]:.2f} go to bins that are not full. "
    elif quotas.reallocated[number] > 0:
        text += f"{quotas.reallocated[number]:.2f} were received from full bins. "
    nonempty = np.flatnonzero(quotas.quota > 0)
    last = float((weight[nonempty] / (2 * quotas.quota[nonempty] - 1)).min())
    text += (
        rf"Images are assigned one by one to the bin with the largest priority $w/(2q + 1)$; here "
        rf"$w = {weight[number]:.5g}$. The last image assigned had priority {last:.5g}. "
    )
    if quota:
        text += rf"The last image of this bin had priority $w/{2 * quota - 1} = {weight[number] / (2 * quota - 1):.5g}$"
        text += ", and " if quota < capacity else ", and the bin is full"
    if quota < capacity:
        text += rf"its next one would have priority $w/{2 * quota + 1} = {weight[number] / (2 * quota + 1):.5g}$"
    return "\n\n" + text + rf": $q_{{{number}}} = {quota}$."


RULES: dict[str, Callable[[Run, int], str]] = {
    "budget": _budget,
    "uniform": _budget,
    "paper": _paper,
    "paper-scaled": _paper_scaled,
    "published-code": _published,
}
