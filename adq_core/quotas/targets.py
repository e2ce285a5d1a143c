"""The number of images to keep, from the keep ratio."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from adq_core.errors import SettingsError


def target_size(keep_ratio: float, n_images: int) -> int:
    """Return keep_ratio x n_images, rounded half up, for the ratio as it is written in decimals.

    0.29 of 50 is 14.5 and becomes 15, although the float 0.29 x 50 is 14.499999999999998.
    """
    exact = Decimal(repr(float(keep_ratio))) * n_images
    return int(exact.to_integral_value(rounding=ROUND_HALF_UP))


def check_keep_ratio(keep_ratio: float, n_images: int) -> int:
    """Return the number of images to keep; raise `SettingsError` for a ratio outside (0, 1], or one that keeps none."""
    if not 0 < keep_ratio <= 1:
        raise SettingsError(f"keep_ratio must be in (0, 1], got {keep_ratio:g}.", "keep_ratio")
    total = target_size(keep_ratio, n_images)
    if total == 0:
        raise SettingsError(
            f"keep_ratio must keep at least one of {n_images} images, got {keep_ratio:g}. Raise it.", "keep_ratio"
        )
    return total
