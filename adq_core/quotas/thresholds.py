"""What would have to be otherwise for an image to be in: the exact number of images from which its bin gives it."""

from __future__ import annotations

import numpy as np

from adq_core.records import Floats, Ints

from .apportionment import turn_of_seat
from .rules import ALPHAS, QUOTA_RULES, ask, target_size


def smallest_subset_sizes(
    importance: Floats, capacity: Ints, *, rule: str, bin: int, place: int, alphas: Floats = ALPHAS
) -> Ints:
    """Return, for each alpha, the smallest number of images to keep at which this image is in, (A,) int64.

    `place` is the image's place in its bin's draw order, from 0. 1 .. M, and M + 1 where no number brings it in. Exact,
    for every rule: quotas never shrink when more is asked for, so the image is in at this number and at every larger
    one, and out at one less. For the rules that use Webster's method it is the turn at which the image's own seat is
    handed out; `published-code` rounds each bin by itself, and the number is the whole int(rho M) that it asks for,
    which is not quite what it keeps; `paper` does not know the keep ratio, so the image is in at every number (1) or
    at none. It says nothing about other images: the same number may be reached by another set at another alpha.
    """
    capacity = np.asarray(capacity, np.int64)
    images = int(capacity.sum())
    asked = ask(importance, capacity, rule, np.asarray(alphas, np.float64), 1.0)
    parts = QUOTA_RULES[rule](asked)
    if parts.weight is not None:
        turns = turn_of_seat(parts.weight, capacity, bin, place)
        return np.asarray(np.broadcast_to(turns, (len(asked.alpha),)))
    if rule in KNOWS_THE_KEEP_RATIO:
        numbers = np.arange(1, images + 1)
        given = np.rint(parts.r[:, bin, None] * numbers) > place  # (A, M), grows along each row
        return np.asarray(np.where(given.any(axis=1), given.argmax(axis=1) + 1, images + 1).astype(np.int64))
    return np.where(parts.quota[:, bin] > place, 1, images + 1).astype(np.int64)


def target_size_of(rule: str, keep_ratio: float, n_images: int) -> int:
    """Return the number of images that a rule takes a keep ratio to mean: round(rho M), or the published int(rho M)."""
    return int(keep_ratio * n_images) if rule == "published-code" else target_size(keep_ratio, n_images)


# rules without Webster's method whose quotas still follow the keep ratio
KNOWS_THE_KEEP_RATIO = ("published-code",)
