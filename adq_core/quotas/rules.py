"""From importance to quotas: alpha, keep ratio and a rule by name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np

from adq_core.errors import InputError, SettingsError, unknown_name
from adq_core.records import Floats, Ints, Quotas, QuotaTable

from .apportionment import share_out, webster

ALPHAS = np.linspace(0.0, 1.0, 101)


class Parts(NamedTuple):
    """What a rule hands back, a row an alpha: the ratio it used, targets, what was allotted of them, whole quotas."""

    r: Floats  # (A, m)
    target: Floats  # (A, m) before capping
    allotted: Floats  # (A, m) after capping and moving, before rounding
    quota: Ints  # (A, m)
    weight: Floats | None = None  # (A, m) what Webster's method shared seats out by; None: the rule does without it


class Asked(NamedTuple):
    """What a rule is asked, the same for every rule."""

    importance: Floats  # (m,) unscaled
    share: Floats  # (m,) importance scaled to sum to 1, or the bins' sizes where there is none
    capacity: Ints  # (m,)
    alpha: Floats  # (A, 1)
    keep_ratio: float
    total: int  # images to keep

    @property
    def size_share(self) -> Floats:
        """Return N(n)/M, (m,)."""
        return np.asarray(self.capacity / self.capacity.sum())


def make_quotas(
    importance: Floats, capacity: Ints, *, rule: str, alpha: float, keep_ratio: float, key: str = ""
) -> Quotas:
    """Return how many images each bin gives under the rule of this name, with how that came about and what to know.

    importance: (m,) >= 0, unscaled (normalised Rep + normalised Div); capacity: (m,) >= 1. Raises `SettingsError` for
    an unknown rule, alpha outside [0, 1], a keep ratio outside (0, 1] or at which not one image would be kept, and
    `InputError` for an empty bin or an importance that is no number of 0 or more.
    """
    asked = ask(importance, capacity, rule, np.array([alpha], np.float64), keep_ratio)
    parts = QUOTA_RULES[rule](asked)
    r, target, allotted, quota = parts.r[0], parts.target[0], parts.allotted[0], parts.quota[0]
    if rule == "published-code":
        _refuse_as_published(quota, asked.capacity)
    capped = np.maximum(target - asked.capacity, 0)
    moved = allotted - np.minimum(target, asked.capacity)
    return Quotas(
        quota=quota,
        capacity=asked.capacity,
        target=target,
        importance_share=asked.share,
        r=r,
        capped=capped,
        moved=np.where(moved > 1e-9, moved, 0.0),
        rule=rule,
        alpha=float(alpha),
        keep_ratio=float(keep_ratio),
        notes=tuple(_notes(rule, asked, capped, quota)),
        key=key,
    )


def quota_table(
    importance: Floats, capacity: Ints, *, rule: str, keep_ratio: float, alphas: Floats = ALPHAS
) -> QuotaTable:
    """Return the quotas for many alphas in one call; row a equals `make_quotas` at alphas[a].

    Where `published-code` would refuse, its row is capped at the capacities.
    """
    asked = ask(importance, capacity, rule, np.asarray(alphas, np.float64), keep_ratio)
    quota = np.minimum(QUOTA_RULES[rule](asked).quota, asked.capacity)
    return QuotaTable(
        alpha=asked.alpha[:, 0], quota=quota, capacity=asked.capacity, rule=rule, keep_ratio=float(keep_ratio)
    )


def target_size(keep_ratio: float, n_images: int) -> int:
    """Return keep_ratio x n_images, halves rounded up, of the ratio as it is written in decimals.

    0.29 of 50 is 14.5 and becomes 15, although the float 0.29 x 50 is 14.499999999999998.
    """
    exact = Decimal(repr(float(keep_ratio))) * n_images
    return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


def ask(importance: Floats, capacity: Ints, rule: str, alphas: Floats, keep_ratio: float) -> Asked:
    """Return what a rule is asked, checked; raises as `make_quotas` does."""
    importance, capacity = np.asarray(importance, np.float64), np.asarray(capacity, np.int64)
    if rule not in QUOTA_RULES:
        raise unknown_name("quota rule", rule, QUOTA_RULES)
    for alpha in alphas.tolist():
        if not 0 <= alpha <= 1:
            raise SettingsError(f"alpha must be in [0, 1], got {alpha:g}.", "alpha")
    if not 0 < keep_ratio <= 1:
        raise SettingsError(f"keep_ratio must be in (0, 1], got {keep_ratio:g}.", "keep_ratio")
    if not (np.isfinite(importance) & (importance >= 0)).all():
        raise InputError(
            f"The importance of every bin must be a number of 0 or more, got {_list(importance)}. "
            "Choose another normalisation."
        )
    if (capacity < 1).any():
        empty = ", ".join(str(number) for number in np.flatnonzero(capacity < 1))
        raise InputError(f"Every bin must hold at least one image, but bin {empty} is empty. Lower n_bins.")
    images = int(capacity.sum())
    total = target_size(keep_ratio, images)
    if total == 0:
        raise SettingsError(
            f"keep_ratio must keep at least one of {images} images, got {keep_ratio:g}. Raise it.", "keep_ratio"
        )
    share = importance_share(importance, capacity)
    return Asked(importance, share, capacity, alphas[:, None], keep_ratio, total)


def importance_share(importance: Floats, capacity: Ints) -> Floats:
    """Return importance scaled to sum to 1; where all of it is zero it says nothing, and bin sizes stand in."""
    total = importance.sum()
    return np.asarray(importance / total if total > 0 else capacity / capacity.sum())


def budget(asked: Asked) -> Parts:
    """Return quotas that keep what was asked for, shared out by r_n = alpha I_n / sum I + (1 - alpha) N(n)/sum N.

    t_n = round(rho M) r_n, capped at N(n), the surplus spread over the bins with room in proportion to r_n, made whole
    by Webster's method: the quotas sum to round(rho M), always. The paper's r_n with both terms as distributions,
    so that alpha mixes them evenly, and with the keep ratio, which the paper's equation lacks.
    """
    r = asked.alpha * asked.share + (1 - asked.alpha) * asked.size_share
    return _within_budget(r, r, asked)


def paper(asked: Asked) -> Parts:
    """Return the paper's equation to the letter, q_n = floor(r_n N(n)), r_n = alpha I_n + (1 - alpha) N(n)/sum N.

    It does not know the keep ratio: with the published importances it keeps 68 % of CIFAR-10 at alpha = 0.60 whatever
    was asked for, and where r_n > 1 it wants more than the bin has. The targets show that; quotas stop at the capacity.
    """
    r = asked.alpha * asked.importance + (1 - asked.alpha) * asked.size_share
    target = r * asked.capacity
    allotted = np.minimum(target, asked.capacity)
    return Parts(r, target, allotted, np.floor(allotted).astype(np.int64))


def paper_scaled(asked: Asked) -> Parts:
    """Return quotas in proportion to the paper's r_n N(n), scaled to what was asked for and made whole by Webster.

    Unequal bins count twice: at alpha = 0 quotas go with N(n)^2.
    """
    r = asked.alpha * asked.importance + (1 - asked.alpha) * asked.size_share
    return _within_budget(r, r * asked.capacity, asked)


def published_code(asked: Asked) -> Parts:
    """Return round(w_n / sum w x int(rho M)), w_n = N(n) I_n, as the published code has it: there is no alpha in it.

    Rounding (halves to even) misses the total by one here and there, and nothing holds a quota to its bin.
    """
    weight = asked.importance * asked.capacity
    if not weight.sum() > 0:
        weight = asked.capacity.astype(np.float64)
    ratio = np.broadcast_to(weight / weight.sum(), (len(asked.alpha), len(weight)))
    target = ratio * int(asked.keep_ratio * int(asked.capacity.sum()))
    return Parts(ratio, target, np.minimum(target, asked.capacity), np.rint(target).astype(np.int64))


def uniform(asked: Asked) -> Parts:
    """Return rho N(n), made whole by Webster's method: every bin gives the same share, as in Dataset Quantization."""
    return budget(asked._replace(alpha=np.zeros_like(asked.alpha)))


def _within_budget(r: Floats, weight: Floats, asked: Asked) -> Parts:
    """Return the parts of a rule that shares out the whole budget in proportion to `weight`, (A, m)."""
    if not (weight.sum(axis=1) > 0).all():  # no importance and alpha = 1: sizes stand in
        weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, asked.size_share)
    target = asked.total * (weight / weight.sum(axis=1, keepdims=True))
    allotted = share_out(weight, asked.capacity, asked.total)
    return Parts(r, target, allotted, webster(weight, asked.capacity, asked.total), weight)


def _refuse_as_published(quota: Ints, capacity: Ints) -> None:
    """Raise where the published code stops: it draws without replacement more images than a bin has."""
    over = np.flatnonzero(quota > capacity)
    if len(over):
        n = int(over[0])
        raise SettingsError(
            f"The published code wants {quota[n]} of the {capacity[n]} images of bin {n} and stops there. "
            "Lower keep_ratio, or take the rule budget, which spreads the surplus over the other bins.",
            "keep_ratio",
        )


def _notes(rule: str, asked: Asked, capped: Floats, quota: Ints) -> list[str]:
    """Return what a person should know about these quotas, a sentence each."""
    notes = []
    images = int(asked.capacity.sum())
    if not asked.importance.any() and rule != "uniform":
        notes.append("Rep and Div are the same in every bin, so importance says nothing and bin sizes stand in for it.")
    kept = int(quota.sum())
    if rule == "paper":
        notes.append(
            f"The paper's equation does not contain the keep ratio: asked for {asked.keep_ratio:.1%}, it keeps "
            f"{kept / images:.1%} ({kept} of {images} images)."
        )
    if rule == "published-code":
        notes.append("The published code has no alpha: moving it changes nothing.")
        notes.append(
            "It is called once per bin and splits each bin again by position, so across bins it adapts nothing; here "
            "its formula is applied to the bins themselves."
        )
        if kept != asked.total:
            notes.append(f"Rounding each bin by itself keeps {kept} images where {asked.total} were asked for.")
    over = np.flatnonzero(capped > 0)
    if len(over):
        where = "is lost" if rule == "paper" else "goes to bins with room"
        which = ", ".join(str(n) for n in over)
        notes.append(
            f"{len(over)} of {len(quota)} bins (bin {which}) would give more than they have; "
            f"the surplus of {capped.sum():.0f} images {where}."
        )
    none = np.flatnonzero(quota == 0)
    if len(none):
        notes.append(f"Bin {', '.join(str(n) for n in none)} gives no image at all.")
    return notes


def _list(values: Floats) -> str:
    return ", ".join(f"{value:g}" for value in values)


QUOTA_RULES: dict[str, Callable[[Asked], Parts]] = {
    "budget": budget,
    "uniform": uniform,
    "paper": paper,
    "paper-scaled": paper_scaled,
    "published-code": published_code,
}
