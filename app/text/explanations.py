"""Why an image is in or out, and what a lasso holds, in words and as a table. No Streamlit."""

from __future__ import annotations

import io

import numpy as np

from adq_core.data import ImageDataset
from adq_core.records import Bins, Bools, Floats, Ints, QuotaTable, Selection

from .summaries import class_word


def why(row: int, bins: Bins, selection: Selection, table: QuotaTable, quota: Ints) -> str:
    """Return why one image is in or out, and for which alphas it would be in under this rule and keep ratio.

    An image is in when its draw position is below its bin's quota. The alphas are those of the table's steps; between
    two steps the quota may differ for a moment.
    """
    number, place = int(bins.bin_of[row]), int(selection.draw_position[row])
    gives, holds = int(quota[number]), int(table.capacity[number])
    short = place + 1 - gives
    first = f"Bin {number} gives {gives:,} of its {holds:,} images, and this one is number {place + 1:,} in its order"
    verdict = ": it is in." if short <= 0 else f": it is out, and would be in with {short:,} more for its bin."
    spans = spans_of(table.alpha, np.asarray(table.quota)[:, number] > place)
    if not spans:
        return f"{first}{verdict} No alpha brings it in at this keep ratio."
    if len(spans) == 1 and spans[0] == (table.alpha[0], table.alpha[-1]):
        return f"{first}{verdict} It is in for every alpha."
    told = " and ".join(f"from {low:.2f} to {high:.2f}" if low < high else f"at {low:.2f}" for low, high in spans)
    return f"{first}{verdict} It is in for alpha {told}."


def from_which_count(counts: Ints, alpha: Floats, now: int, asked: int, images: int, rule: str) -> str:
    """Return from which number of images on one image is in, at this alpha and at its best one.

    `counts` (A,) are those of `counterfactuals.entry_counts` at `alpha`, `now` is the step that is set, `asked` what
    the present keep ratio asks for. Exact: at one image less it is out, at this many and at all larger ones it is in.
    """
    count, best = int(counts[now]), int(np.argmin(counts))
    if rule == "paper":
        always = "it takes this image whatever is asked for" if count <= images else "it never takes this image"
        return f"The paper's equation does not know the keep ratio: at alpha {alpha[now]:.2f} {always}."
    if count > images:
        return f"At alpha {alpha[now]:.2f} no keep ratio brings it in."
    gap = count - asked
    told = f"At alpha {alpha[now]:.2f} it is in from {_ratio(count, images)} on: "
    if gap > 0:
        told += f"{gap:,} more than the {asked:,} that are asked for now."
    else:
        told += f"{1 - gap:,} fewer than the {asked:,} asked for now would leave it out."
    if counts[best] < count:
        told += f" It comes in soonest at alpha {alpha[best]:.2f}, from {_ratio(int(counts[best]), images)} on."
    elif counts.min() == counts.max():
        told += " That number is the same at every alpha."
    return told


def duplicates(twins: Ints, possible: Ints, selected: Bools, limit: float) -> str:
    """Return how many images have the same pixels, how many are nearly as near, and how many of them are kept."""
    near = len(possible) - len(twins)
    if not len(possible):
        return f"None: no other image has the same pixels or a cosine of {limit:.4f} or more."
    same = f"{len(twins):,} with the very same pixels" if len(twins) else "None with the same pixels"
    also = f"{near:,} with a cosine of {limit:.4f} or more" if near else "no other that is nearly as near"
    return f"{same}, {also}; {int(selected[possible].sum()):,} of them kept."


def _ratio(count: int, images: int) -> str:
    return f"{count:,} image{'s' if count > 1 else ''} (keep ratio {count / images:.2%})"


def spans_of(alpha: Floats, there: Bools) -> list[tuple[float, float]]:
    """Return the runs of steps at which something is so, each as its first and last alpha."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return [(float(alpha[low]), float(alpha[high - 1])) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def inside(rows: Ints, data: ImageDataset, bins: Bins, most: int = 4) -> str:
    """Return the classes and bins of these images in a sentence, the most frequent first."""
    classes = np.bincount(data.labels[rows], minlength=data.n_classes)
    taken = np.bincount(bins.bin_of[rows], minlength=bins.n_bins)
    names = [
        f"{class_word(data.class_names[c])} ({classes[c]:,})" for c in np.argsort(-classes, kind="stable") if classes[c]
    ]
    numbers = [f"bin {n} ({taken[n]:,})" for n in np.argsort(-taken, kind="stable") if taken[n]]
    return f"Classes: {_few(names, most)}. Bins: {_few(numbers, most)}."


def _few(names: list[str], most: int) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def listed(rows: Ints, data: ImageDataset, bins: Bins, selection: Selection) -> bytes:
    """Return these images as CSV, one line each: id, class_name, bin, draw_position, selected."""
    import pandas as pd

    table = pd.DataFrame(
        {
            "id": [data.ids[row] for row in rows],
            "class_name": [data.class_names[data.labels[row]] for row in rows],
            "bin": bins.bin_of[rows],
            "draw_position": selection.draw_position[rows],
            "selected": selection.selected[rows],
        }
    )
    out = io.StringIO()
    table.to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode()
