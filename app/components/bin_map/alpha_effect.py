"""The effect of alpha on the quotas, as a sentence."""

from __future__ import annotations

import numpy as np

from adq_core.records import Ints

from .protocol import QuotaSteps


def alpha_sentence(quotas: QuotaSteps, capacity: Ints, *, bin_word: str = "bin") -> str:
    """Return a sentence about the effect of alpha: bins that grow and shrink, the largest change, and the total change.

    `capacity` (n_bins,) is the size of each bin. A small effect here does not mean that alpha has no effect in general:
    with bins of equal size and a small keep ratio a quota is a few images, and it changes in steps of whole images.
    """
    table = np.asarray(quotas.quota)
    if len(table) == 1:  # a selection that does not depend on alpha
        return ""
    change = table.max(0) - table.min(0)
    if not change.any():
        return "Alpha changes nothing here: every quota is the same at every alpha."
    largest = int(np.argmax(change))
    first, last = table[0], table[-1]
    images, selected = int(np.maximum(last - first, 0).sum()), int(last.sum())
    trends = (("more", np.flatnonzero(last > first)), ("fewer", np.flatnonzero(last < first)))
    changes = ", ".join(
        f"{_bin_names(bins, bin_word)} {'gives' if len(bins) == 1 else 'give'} {trend}"
        for trend, bins in trends
        if len(bins)
    )
    low, high = table[:, largest].min(), table[:, largest].max()
    return (
        f"From alpha {quotas.alphas[0]:g} to {quotas.alphas[-1]:g}, "
        f"{changes or f'every {bin_word} has the same quota at both ends'}. "
        f"{bin_word.capitalize()} {largest} changes most, between {low:,} and {high:,} "
        f"of its {capacity[largest]:,} images. The selections at both ends differ in {images:,} of {selected:,} images."
    )


def _bin_names(bins: Ints, word: str, limit: int = 8) -> str:
    """Return the numbers of the bins, with ranges for three or more neighbours; only their count if they are many."""
    runs = [run.tolist() for run in np.split(bins, np.flatnonzero(np.diff(bins) > 1) + 1)]
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    if len(bins) == 1:
        return f"{word} {parts[0]}"
    if len(parts) > limit:
        return f"{len(bins)} {word}s"
    return f"{word}s {', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]}"
