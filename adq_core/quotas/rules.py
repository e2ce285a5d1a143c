"""Quota rules: from importance, alpha and keep ratio to the number of images that each bin gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from adq_core.errors import InputError, SettingsError, unknown_name
from adq_core.records import Floats, Ints, Quotas, QuotaTable

from .apportionment import water_fill, webster
from .bounds import Bounds, check_bounds, notes_on_bounds, total_within
from .targets import check_keep_ratio, target_size

ALPHAS = np.linspace(0.0, 1.0, 101)


class QuotaRequest(NamedTuple):
    """Input of a quota rule, the same for every rule; A values of alpha, m bins."""

    importance: Floats  # (m,) unscaled
    share: Floats  # (m,) importance scaled to sum to 1; the shares of the bin sizes if all importance is zero
    capacity: Ints  # (m,) images that may be taken
    alpha: Floats  # (A, 1)
    keep_ratio: float
    total: int  # images to keep
    n_images: int  # all images
    least: Ints  # (m,) images that are always kept

    @property
    def size_share(self) -> Floats:
        """Return N(n)/M, (m,)."""
        return np.asarray(self.capacity / self.capacity.sum())


class QuotaResult(NamedTuple):
    """Result of a quota rule, one row per alpha.

    `smallest_subset_sizes` reads from the last two fields how quotas grow with the keep ratio: by Webster's method if
    there is a `weight`, as round(r x total) if `rounded` is true, not at all otherwise.
    """

    r: Floats  # (A, m) mixing ratio
    target: Floats  # (A, m) before capping
    allocation: Floats  # (A, m) after capping and reallocation, before rounding
    quota: Ints  # (A, m)
    weight: Floats | None = None  # (A, m) weights given to Webster's method
    rounded: bool = False  # every target is rounded by itself


def make_quotas(
    importance: Floats,
    capacity: Ints,
    *,
    rule: str,
    alpha: float,
    keep_ratio: float,
    bounds: Bounds | None = None,
    key: str = "",
) -> Quotas:
    """Return the number of images that each bin gives under the named rule, with the intermediate results and notes.

    importance: (m,) >= 0, unscaled (normalised Rep + normalised Div); capacity: (m,) >= 1. bounds: how many images each
    bin must and may give. Then N(n) in the rule is the number that it may give, a bin whose quota would be smaller than
    the lower bound gives that many, and the others share the rest. Raises `SettingsError` for
    an unknown rule, alpha outside [0, 1], a keep ratio outside (0, 1] or so small that it keeps no image, or where
    `published-code` would give more images than a bin has; `InputError` for an empty bin, or an importance that is
    negative or not finite.
    """
    request = check_request(importance, capacity, rule, np.array([alpha], np.float64), keep_ratio, bounds)
    result = QUOTA_RULES[rule](request)
    r, target, allocation, quota = result.r[0], result.target[0], result.allocation[0], result.quota[0]
    if rule == "published-code":
        _refuse_as_published(quota, request.capacity)
    capped = np.maximum(target - request.capacity, 0)
    reallocated = allocation - np.minimum(target, request.capacity)
    notes = _notes(rule, request, capped, quota)
    if bounds is not None:
        natural = QUOTA_RULES[rule](request._replace(least=np.zeros_like(request.least))).quota[0]
        notes += notes_on_bounds(bounds, np.asarray(capacity), natural, target_size(keep_ratio, request.n_images))
    return Quotas(
        quota=quota,
        capacity=np.asarray(capacity, np.int64),
        target=target,
        importance_share=request.share,
        r=r,
        capped=capped,
        reallocated=np.where((reallocated if bounds is None else np.abs(reallocated)) > 1e-9, reallocated, 0.0),
        rule=rule,
        alpha=float(alpha),
        keep_ratio=float(keep_ratio),
        notes=tuple(notes),
        key=key,
    )


def quota_table(
    importance: Floats,
    capacity: Ints,
    *,
    rule: str,
    keep_ratio: float,
    alphas: Floats = ALPHAS,
    bounds: Bounds | None = None,
) -> QuotaTable:
    """Return the quotas for many values of alpha in one call; row a equals `make_quotas` at alphas[a].

    Where `make_quotas` refuses the rule `published-code`, the row is capped at the capacities. Raises as `make_quotas`
    in all other cases.
    """
    request = check_request(importance, capacity, rule, np.asarray(alphas, np.float64), keep_ratio, bounds)
    quota = np.minimum(QUOTA_RULES[rule](request).quota, request.capacity)
    return QuotaTable(
        alpha=request.alpha[:, 0],
        quota=quota,
        capacity=np.asarray(capacity, np.int64),
        rule=rule,
        keep_ratio=float(keep_ratio),
    )


def check_request(
    importance: Floats, capacity: Ints, rule: str, alphas: Floats, keep_ratio: float, bounds: Bounds | None = None
) -> QuotaRequest:
    """Return the checked input of a quota rule; raises `SettingsError` and `InputError` as `make_quotas` does."""
    importance, capacity = np.asarray(importance, np.float64), np.asarray(capacity, np.int64)
    if rule not in QUOTA_RULES:
        raise unknown_name("quota rule", rule, QUOTA_RULES)
    for alpha in alphas.tolist():
        if not 0 <= alpha <= 1:
            raise SettingsError(f"alpha must be in [0, 1], got {alpha:g}.", "alpha")
    total = check_keep_ratio(keep_ratio, int(capacity.sum()))
    if not (np.isfinite(importance) & (importance >= 0)).all():
        values = ", ".join(f"{value:g}" for value in importance)
        raise InputError(
            f"The importance of every bin must be a number of 0 or more, got {values}. Choose another normalisation."
        )
    if (capacity < 1).any():
        empty = ", ".join(str(number) for number in np.flatnonzero(capacity < 1))
        raise InputError(f"Every bin must hold at least one image, but bin {empty} is empty. Lower n_bins.")
    n_images, least = int(capacity.sum()), np.zeros_like(capacity)
    if bounds is not None:
        check_bounds(bounds, capacity)
        total = total_within(bounds, total if rule != "paper" else n_images)  # the paper's rule has no target
        least, capacity = bounds
        importance = np.where(capacity > 0, importance, 0.0)
    share = importance_share(importance, capacity)
    return QuotaRequest(importance, share, capacity, alphas[:, None], keep_ratio, total, n_images, least)


def importance_share(importance: Floats, capacity: Ints) -> Floats:
    """Return importance scaled to sum to 1, (m,); the shares of the bin sizes if all importance is zero."""
    total = importance.sum()
    return np.asarray(importance / total if total > 0 else capacity / capacity.sum())


def budget(request: QuotaRequest) -> QuotaResult:
    """Return quotas that sum to round(rho M), with r_n = alpha I_n / sum I + (1 - alpha) N(n) / sum N.

    Target: t_n = round(rho M) r_n. It is capped at N(n), the surplus goes to the other bins in proportion to r_n, and
    Webster's method rounds to whole images. r_n is the paper's (arXiv 2412.16895) with two changes: both terms sum to 1
    over the bins, so that alpha mixes two distributions, and the keep ratio enters, which the paper's equation lacks.
    """
    r = request.alpha * request.share + (1 - request.alpha) * request.size_share
    return _within_budget(r, r, request)


def paper(request: QuotaRequest) -> QuotaResult:
    """Return the paper's equation literally: q_n = floor(r_n N(n)) with r_n = alpha I_n + (1 - alpha) N(n) / sum N.

    The equation does not contain the keep ratio: with the published importances it keeps 68 % of CIFAR-10 at alpha =
    0.60 for every keep ratio. Where r_n > 1, the target is larger than the bin; the quota is capped at N(n).
    """
    r = request.alpha * request.importance + (1 - request.alpha) * request.size_share
    target = r * request.capacity
    allocation = np.clip(target, request.least, request.capacity)
    return QuotaResult(r, target, allocation, np.floor(allocation).astype(np.int64))


def paper_scaled(request: QuotaRequest) -> QuotaResult:
    """Return quotas in proportion to the paper's r_n N(n), scaled to sum to round(rho M).

    The bin size enters twice: at alpha = 0 quotas are proportional to N(n)^2.
    """
    r = request.alpha * request.importance + (1 - request.alpha) * request.size_share
    return _within_budget(r, r * request.capacity, request)


def published_code(request: QuotaRequest) -> QuotaResult:
    """Return round(w_n / sum w x int(rho M)) with w_n = N(n) I_n, the formula of the published code; alpha is unused.

    Each quota is rounded by itself (half to even), so the sum can differ from int(rho M), and a quota can exceed its
    bin.
    """
    weight = request.importance * request.capacity
    if not weight.sum() > 0:
        weight = request.capacity.astype(np.float64)
    ratio = np.broadcast_to(weight / weight.sum(), (len(request.alpha), len(weight)))
    target = ratio * int(request.keep_ratio * request.n_images)
    allocation = np.clip(target, request.least, request.capacity)
    quota = np.maximum(np.rint(target).astype(np.int64), request.least)
    return QuotaResult(ratio, target, allocation, quota, rounded=True)


def uniform(request: QuotaRequest) -> QuotaResult:
    """Return rho N(n), rounded by Webster's method: every bin gives the same share, as in Dataset Quantization."""
    return budget(request._replace(alpha=np.zeros_like(request.alpha)))


def _within_budget(r: Floats, weight: Floats, request: QuotaRequest) -> QuotaResult:
    """Return the result of a rule that distributes all images to keep in proportion to `weight`, (A, m)."""
    if not (weight.sum(axis=1) > 0).all():  # all importance is zero and alpha = 1: use the bin sizes
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, request.size_share)
    target = request.total * (weight / weight.sum(axis=1, keepdims=True))
    allocation = water_fill(weight, request.capacity, request.total, request.least)
    quota = webster(weight, request.capacity, request.total, request.least)
    return QuotaResult(r, target, allocation, quota, weight)


def _refuse_as_published(quota: Ints, capacity: Ints) -> None:
    """Raise `SettingsError` where the published code fails: it samples more images than a bin has."""
    over = np.flatnonzero(quota > capacity)
    if len(over):
        n = int(over[0])
        raise SettingsError(
            f"The published code stops with an error here: it takes {quota[n]} images from bin {n}, which has "
            f"{capacity[n]}. Lower keep_ratio, or use the rule budget, which moves the surplus to other bins.",
            "keep_ratio",
        )


def _notes(rule: str, request: QuotaRequest, capped: Floats, quota: Ints) -> list[str]:
    """Return notes on these quotas for the user, one or two sentences each."""
    notes = []
    images = request.n_images
    if not request.importance.any() and rule != "uniform":
        notes.append("Rep and Div are equal in all bins, so the importance is zero and the bin sizes replace it.")
    kept = int(quota.sum())
    if rule == "paper":
        notes.append(
            f"The paper's equation does not contain the keep ratio: it keeps {kept / images:.1%} ({kept} of {images} "
            f"images) instead of {request.keep_ratio:.1%}."
        )
    if rule == "published-code":
        notes.append("The published code does not use alpha: changing it has no effect.")
        notes.append(
            "The published code runs once per bin and splits each bin again by position, so it does not compare bins. "
            "Here its formula is applied to the bins themselves."
        )
        if kept != request.total:
            notes.append(f"Each bin is rounded by itself, so {kept} images are kept instead of {request.total}.")
    over = np.flatnonzero(capped > 0)
    if len(over):
        surplus = f"The surplus of {capped.sum():.0f} images"
        destination = "is not kept" if rule == "paper" else "moves to bins with free capacity"
        which = ", ".join(str(n) for n in over)
        notes.append(
            f"The target of {len(over)} of {len(quota)} bins (bin {which}) is larger than the bin. "
            f"{surplus} {destination}."
        )
    empty = np.flatnonzero(quota == 0)
    if len(empty):
        notes.append(f"No image of bin {', '.join(str(n) for n in empty)} is kept.")
    return notes


# A new rule needs:
# - a function above and an entry here,
# - its name in the choices of `Settings.rule` (adq_core/settings.py),
# - its formula with the numbers of a run in `RULES` of app/text/worked_quotas.py,
# - a row in the table of rules in docs/method.md, section "Quotas",
# - quotas computed by hand in `CONTRACT` of tests/quotas/test_rules.py.
# Tests fail while one of these is missing.
QUOTA_RULES: dict[str, Callable[[QuotaRequest], QuotaResult]] = {
    "budget": budget,
    "uniform": uniform,
    "paper": paper,
    "paper-scaled": paper_scaled,
    "published-code": published_code,
}
