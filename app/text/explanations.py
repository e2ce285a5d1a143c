"""Why an image is selected or not, and the content of a lasso, as sentences and as a table."""

from __future__ import annotations

import numpy as np

from adq_core.data import ImageDataset
from adq_core.export import csv_bytes
from adq_core.records import Bins, Bools, Floats, Ints, QuotaTable, Selection

from .format import class_label, enumerate_first
from .markdown import escape


def why(row: int, bins: Bins, selection: Selection, table: QuotaTable, quota: Ints) -> str:
    """Return why one image is selected or not, and for which alphas it is selected under this rule and keep ratio.

    An image is selected if its draw position is below the quota of its bin. The alphas are the steps of the table;
    values between two steps are not checked.
    """
    number, position = int(bins.bin_of[row]), int(selection.draw_position[row])
    bin_quota, capacity = int(quota[number]), int(table.capacity[number])
    missing = position + 1 - bin_quota
    reason = (
        f"The quota of bin {number} is {bin_quota:,} of its {capacity:,} images. This image has draw position "
        f"{position + 1:,}, so it is "
    )
    verdict = "selected." if missing <= 0 else f"not selected; it would be if the quota were {missing:,} higher."
    ranges = true_ranges(table.alpha, np.asarray(table.quota)[:, number] > position)
    if not ranges:
        return f"{reason}{verdict} No alpha selects it at this keep ratio."
    if len(ranges) == 1 and ranges[0] == (table.alpha[0], table.alpha[-1]):
        return f"{reason}{verdict} Every alpha selects it."
    alphas = " and ".join(f"from {low:.2f} to {high:.2f}" if low < high else f"{low:.2f}" for low, high in ranges)
    return f"{reason}{verdict} It is selected for alpha {alphas}."


def listed_by_hand(*, is_kept: bool) -> str:
    """Return why an image is selected or not that is on one of the lists of the user."""
    if is_kept:
        return (
            "**Pinned by hand**: it is on your list *Always keep*, so it is selected at every alpha. It counts within "
            "the quota of its bin."
        )
    return "**Left out by hand**: it is on your list *Never take*, so no alpha and no keep ratio selects it."


def smallest_subset(counts: Ints, alpha: Floats, step: int, target: int, n_images: int, rule: str) -> str:
    """Return the smallest number of selected images at which one image is selected, at this alpha and at the best one.

    `counts` (A,) is the result of `smallest_subset_sizes` at `alpha`, `step` the present step of alpha, `target` the
    number of images for the present keep ratio. Exact: with one image fewer it is not selected, with this number and
    every larger one it is.
    """
    count, best = int(counts[step]), int(np.argmin(counts))
    if rule == "paper":
        always = "always selected" if count <= n_images else "never selected"
        return (
            "The paper's equation does not contain the keep ratio. "
            f"At alpha {alpha[step]:.2f} this image is {always}, whatever the keep ratio is."
        )
    if count > n_images:
        return f"At alpha {alpha[step]:.2f} this image is not selected at any keep ratio."
    verb = "is" if count == 1 else "are"
    text = f"At alpha {alpha[step]:.2f} it is selected if at least {_count_and_ratio(count, n_images)} {verb} selected"
    if count > target:
        text += f": {count - target:,} more than the present {target:,}."
    elif count == target:
        text += ", which is the present number."
    else:
        text += f": the present {target:,} could be reduced by {target - count:,}."
    if counts[best] < count:
        text += (
            f" The smallest such number is at alpha {alpha[best]:.2f}: {_count_and_ratio(int(counts[best]), n_images)}."
        )
    elif counts.min() == counts.max():
        text += " This number is the same at every alpha."
    return text


def duplicates(identical: Ints, possible: Ints, selected: Bools, threshold: float) -> str:
    """Return how many images have the same pixels, how many others are very similar, and how many are selected."""
    n_similar = len(possible) - len(identical)
    if not len(possible):
        return f"None: no other image has the same pixels or a cosine of {threshold:.4f} or more."
    same = f"{len(identical):,} with the same pixels" if len(identical) else "None with the same pixels"
    similar = f"{n_similar:,} other{'s' if n_similar > 1 else ''}" if n_similar else "no other"
    n_selected = int(selected[possible].sum())
    return f"{same}, {similar} with a cosine of {threshold:.4f} or more. {n_selected:,} of these are selected."


def _count_and_ratio(count: int, n_images: int) -> str:
    return f"{count:,} image{'s' if count > 1 else ''} (keep ratio {count / n_images:.2%})"


def true_ranges(alpha: Floats, is_true: Bools) -> list[tuple[float, float]]:
    """Return the ranges of consecutive steps at which `is_true` holds, each as its first and last alpha."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_true, [False]]).astype(np.int8)))
    return [(float(alpha[low]), float(alpha[high - 1])) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def class_and_bin_summary(rows: Ints, data: ImageDataset, bins: Bins, max_names: int = 4) -> str:
    """Return the classes and bins of these images with their counts, the most frequent first."""
    by_class = np.bincount(data.labels[rows], minlength=data.n_classes)
    by_bin = np.bincount(bins.bin_of[rows], minlength=bins.n_bins)
    classes = [
        f"{escape(class_label(data.class_names[c]))} ({by_class[c]:,})"
        for c in np.argsort(-by_class, kind="stable")
        if by_class[c]
    ]
    numbers = [f"bin {n} ({by_bin[n]:,})" for n in np.argsort(-by_bin, kind="stable") if by_bin[n]]
    return f"Classes: {enumerate_first(classes, max_names)}. Bins: {enumerate_first(numbers, max_names)}."


def to_csv(rows: Ints, data: ImageDataset, bins: Bins, selection: Selection) -> bytes:
    """Return these images as CSV, one row per image: id, class_name, bin, draw_position, selected.

    Ids and class names that a spreadsheet would read as a formula begin with an apostrophe (see `csv_bytes`).
    """
    import pandas as pd

    return csv_bytes(
        pd.DataFrame(
            {
                "id": [data.ids[row] for row in rows],
                "class_name": [data.class_names[data.labels[row]] for row in rows],
                "bin": bins.bin_of[rows],
                "draw_position": selection.draw_position[rows],
                "selected": selection.selected[rows],
            }
        )
    )
