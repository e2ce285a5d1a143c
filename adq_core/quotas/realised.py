"""Images per bin of a subset that was not made by quotas."""

from __future__ import annotations

import numpy as np

from adq_core.records import Bools, Ints, Quotas

from .targets import target_size


def realised_quotas(
    selected: Bools, bin_of: Ints, n_bins: int, *, strategy: str, keep_ratio: float, key: str = ""
) -> Quotas:
    """Return the number of selected images of each bin as quotas, so that every page and file shows them alike.

    No rule computed them: `rule` is the name of the strategy, `alpha`, the mixing ratio and the share of importance are
    nan. A note says where the strategy selects another number of images than the keep ratio asks for.
    """
    quota = np.bincount(bin_of[selected], minlength=n_bins).astype(np.int64)
    kept, target = int(quota.sum()), target_size(keep_ratio, len(bin_of))
    note = f"The strategy {strategy} selects {kept:,} images instead of the {target:,} that the keep ratio asks for."
    unknown, zero = np.full(n_bins, np.nan), np.zeros(n_bins)
    return Quotas(
        quota=quota,
        capacity=np.bincount(bin_of, minlength=n_bins).astype(np.int64),
        target=quota.astype(np.float64),
        importance_share=unknown,
        r=unknown,
        capped=zero,
        reallocated=zero,
        rule=strategy,
        alpha=float("nan"),
        keep_ratio=float(keep_ratio),
        notes=() if kept == target else (note,),
        key=key,
    )
