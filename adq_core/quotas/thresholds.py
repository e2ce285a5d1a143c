"""The smallest subset that contains a given image, for every alpha."""

from __future__ import annotations

import numpy as np

from adq_core.records import Floats, Ints

from .apportionment import seat_rank
from .bounds import Bounds
from .rules import ALPHAS, QUOTA_RULES, check_request
from .targets import target_size


def smallest_subset_sizes(
    importance: Floats,
    capacity: Ints,
    *,
    rule: str,
    bin: int,
    place: int,
    alphas: Floats = ALPHAS,
    bounds: Bounds | None = None,
) -> Ints:
    """Return, for each alpha, the smallest number of kept images with which this image is selected, (A,) int64.

    `place` is the position of the image in its bin's draw order, from 0. The result is 1 .. M, or M + 1 if the image is
    never selected. It is exact for every rule: quotas never shrink when more images are kept, so the image is selected
    at this number and at every larger one, and not at any smaller one.

    For rules with Webster's method it is the rank of the image's seat. For `published-code` it is the number int(rho M)
    that the rule aims at, which can differ from the number it keeps. `paper` does not use the keep ratio, so the result
    is 1 or M + 1. How it misleads: a number says nothing about the other images; at another alpha the same number
    selects another subset. bounds: as in `make_quotas`; an image that is always kept (its place is below the lower
    bound) has the result 1, one that is never taken M + 1. Raises as `make_quotas` does.
    """
    capacity = np.asarray(capacity, np.int64)
    images = int(capacity.sum())
    request = check_request(importance, capacity, rule, np.asarray(alphas, np.float64), 1.0, bounds)
    if place < request.least[bin] or place >= request.capacity[bin]:
        return np.full(len(request.alpha), 1 if place < request.least[bin] else images + 1, np.int64)
    result = QUOTA_RULES[rule](request)
    if result.weight is not None:
        ranks = seat_rank(result.weight, request.capacity, bin, place, request.least)
        return np.asarray(np.broadcast_to(ranks, (len(request.alpha),)))
    if result.rounded:
        totals = np.arange(1, images + 1)
        selected = np.rint(result.r[:, bin, None] * totals) > place  # (A, M), once true it stays true along a row
        return np.asarray(np.where(selected.any(axis=1), selected.argmax(axis=1) + 1, images + 1).astype(np.int64))
    return np.where(result.quota[:, bin] > place, 1, images + 1).astype(np.int64)


def target_size_of(rule: str, keep_ratio: float, n_images: int) -> int:
    """Return the number of images that a rule aims at for a keep ratio: round(rho M); published code: int(rho M)."""
    return int(keep_ratio * n_images) if rule == "published-code" else target_size(keep_ratio, n_images)
