"""From importance to quotas: alpha, keep ratio and a rule by name."""

from __future__ import annotations

import numpy as np

from .errors import SettingsError, unknown_name
from .records import Floats, Ints, Quotas


def make_quotas(
    importance: Floats, capacity: Ints, *, rule: str, alpha: float, keep_ratio: float, key: str = ""
) -> Quotas:
    """Return how many images each bin gives under the rule of this name."""
    if rule not in QUOTA_RULES:
        raise unknown_name("quota rule", rule, QUOTA_RULES)
    total = int(np.floor(keep_ratio * capacity.sum() + 0.5))
    if total == 0:
        raise SettingsError(
            f"keep_ratio must keep at least one of {capacity.sum()} images, got {keep_ratio:g}. Raise it."
        )
    share = importance_share(importance, capacity)
    r, target = QUOTA_RULES[rule](share, capacity, alpha, keep_ratio)
    quota = webster(target, capacity, total)
    capped = np.maximum(target - capacity, 0)
    return Quotas(
        quota=quota,
        capacity=capacity,
        target=target,
        importance_share=share,
        r=r,
        capped=capped,
        rule=rule,
        alpha=float(alpha),
        keep_ratio=float(keep_ratio),
        notes=(),
        key=key,
    )


def importance_share(importance: Floats, capacity: Ints) -> Floats:
    """Return importance scaled to sum to 1; where all of it is zero it says nothing, and bin sizes stand in."""
    total = importance.sum()
    share: Floats = importance / total if total > 0 else capacity / capacity.sum()
    return share


def budget(share: Floats, capacity: Ints, alpha: float, keep_ratio: float) -> tuple[Floats, Floats]:
    """Return r_n = alpha share_n + (1 - alpha) N(n)/M and the target rho M r_n."""
    r = alpha * share + (1 - alpha) * capacity / capacity.sum()
    return r, keep_ratio * capacity.sum() * r / r.sum()


def uniform(share: Floats, capacity: Ints, alpha: float, keep_ratio: float) -> tuple[Floats, Floats]:
    """Return N(n)/M and rho N(n): every bin gives the same share (DQ)."""
    return capacity / capacity.sum(), keep_ratio * capacity


def webster(weight: Floats, capacity: Ints, total: int) -> Ints:
    """Return `total` seats handed out one by one to the largest weight/(2 q + 1), full bins skipped.

    Sums exactly, never exceeds a capacity, and never takes a seat from a bin when `total` grows.
    """
    quota = np.zeros(len(weight), np.int64)
    for _ in range(total):
        open_ = quota < capacity
        quota[int(np.argmax(np.where(open_, weight / (2 * quota + 1), -1.0)))] += 1
    return quota


QUOTA_RULES = {"budget": budget, "uniform": uniform}
