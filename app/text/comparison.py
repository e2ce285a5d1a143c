"""Sentences about two selections A and B: their overlap compared with chance, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adq_core.records import Ints
from adq_core.selection import ONLY_A, ONLY_B, Comparison

from .format import enumerate_first, percent
from .markdown import escape


def overlap_sentence(c: Comparison) -> str:
    """Return the overlap of A and B, and the overlap of two random selections of the same sizes."""
    low, high = c.random_interval
    if not c.both.size and not c.only_a.size and not c.only_b.size:
        return "Both selections are empty."
    if not c.only_a.size and not c.only_b.size:
        return (
            f"A and B are the same {c.size_a:,} images. Two random selections of this size would have an overlap of "
            f"{percent(c.random_jaccard)}."
        )
    text = (
        f"A has {c.size_a:,} images, B has {c.size_b:,}. Of all images in A or B, **{percent(c.jaccard)} are in both** "
        f"(Jaccard {c.jaccard:.3f}). "
    )
    if low == high:
        return text + f"Any two selections of these sizes have an overlap of {percent(low)}."
    text += (
        f"Two random selections of these sizes would have an overlap of {percent(c.random_jaccard)} (95% interval: "
        f"{percent(low)} to {percent(high)}), so the overlap of A and B is "
    )
    if c.jaccard > high:
        text += "larger than by chance."
    elif c.jaccard < low:
        text += "smaller than by chance."
    else:
        text += "as expected by chance."
    small, large = sorted((c.size_a, c.size_b))
    if small < large:
        text += f" For these sizes, Jaccard is at most {small / large:.3f}."
        if len(c.both) == small:
            text += f" {'B contains all of A' if c.size_a == small else 'A contains all of B'}."
    return text


def difference_sentence(counts: Ints, names: Sequence[str], max_names: int = 3) -> str:
    """Return the bins or classes of which A has more and fewer images than B, the largest differences first.

    counts: (n, 3) images in both, only in A, only in B, for each of the n bins or classes.
    """
    net = counts[:, ONLY_A] - counts[:, ONLY_B]
    if not net.any():
        if not counts[:, ONLY_A].any():
            return "There is no difference."
        return "A and B have the same number of images in each, but different images."
    parts = []
    for word, sign in (("more", 1), ("fewer", -1)):
        order = [n for n in np.argsort(-sign * net, kind="stable") if sign * net[n] > 0]
        if order:
            named = [f"{escape(names[n])} ({'+' if sign > 0 else '−'}{abs(net[n]):,})" for n in order]
            parts.append(f"{word} images of {enumerate_first(named, max_names)}")
    return f"A has {' and '.join(parts)} than B."
