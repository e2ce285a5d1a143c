"""Lower and upper bounds of quotas, for images that were put on the lists "always keep" and "never take"."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from adq_core.errors import InputError, SettingsError
from adq_core.records import Bools, Ints


class Bounds(NamedTuple):
    """How many images each bin must and may give."""

    least: Ints  # (m,) images of the bin that are always kept
    most: Ints  # (m,) images of the bin that may be taken: its size without those that are never taken


def bounds_of(bin_of: Ints, always: Bools, never: Bools, n_bins: int) -> Bounds | None:
    """Return the bounds of the quotas that two lists of images give; None if both are empty.

    always, never: (M,) the images that are always kept, and those that are never taken; none is in both.
    """
    if not always.any() and not never.any():
        return None
    least = np.bincount(bin_of[always], minlength=n_bins)
    most = np.bincount(bin_of[~never], minlength=n_bins)
    return Bounds(least.astype(np.int64), most.astype(np.int64))


def total_within(bounds: Bounds, target: int) -> int:
    """Return the number of images to keep: the target, or all that may be taken if they are fewer.

    Raises `SettingsError` if more images are always kept than the target, or none may be taken.
    """
    available, pinned = int(bounds.most.sum()), int(bounds.least.sum())
    if available == 0:
        raise SettingsError("never must leave at least one image that may be taken. Remove images from it.", "never")
    if pinned > target:
        raise SettingsError(
            f"always must have at most as many images as are kept, {target:,}, got {pinned:,}. Raise keep_ratio, or "
            "remove images from it.",
            "always",
            "keep_ratio",
        )
    return min(target, available)


def check_bounds(bounds: Bounds, capacity: Ints) -> None:
    """Raise `InputError` unless 0 <= least <= most <= capacity holds for every bin."""
    least, most = bounds
    if least.shape != capacity.shape or most.shape != capacity.shape:
        raise InputError(f"Bounds must have one value for each of {len(capacity)} bins, got {least.shape}.")
    if (least < 0).any() or (least > most).any() or (most > capacity).any():
        raise InputError("The bounds of every bin must be 0 <= least <= most <= capacity.")


def notes_on_bounds(bounds: Bounds, capacity: Ints, natural: Ints, target: int) -> list[str]:
    """Return sentences for the user: the sizes of both lists, and where they change what the rule would give.

    natural: (m,) the quotas without a lower bound.
    """
    notes = []
    pinned, excluded = int(bounds.least.sum()), int((capacity - bounds.most).sum())
    if pinned:
        notes.append(f"{pinned:,} {'image is' if pinned == 1 else 'images are'} always kept.")
        more = np.flatnonzero(bounds.least > natural)
        if len(more):
            which, verb = ", ".join(map(str, more.tolist())), "gives" if len(more) == 1 else "give"
            notes.append(f"Bin {which} {verb} more images than the rule asks for, because these are always kept.")
    if excluded:
        notes.append(f"{excluded:,} {'image is' if excluded == 1 else 'images are'} never taken.")
    available = int(bounds.most.sum())
    if target > available:
        notes.append(f"Only {available:,} images may be taken, fewer than the {target:,} to keep.")
    return notes
