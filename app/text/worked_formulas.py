"""The formulas of docs/method.md with the numbers of one bin of a run, so that a reader can check them by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from adq_core import Run
from adq_core.linalg import unit_rows
from adq_core.patches import n_kept_patches
from adq_core.records import Floats, Ints
from adq_core.selection import rows_of_bin

from .format import MAX_NAME, shorten
from .markdown import code, escape
from .worked_quotas import displayed, worked_quota

BLOCK = 4096  # rows per block, so that no copy of all unit vectors is needed


def bins(run: Run, number: int) -> str:
    """Return the gain of the bin's first image, recomputed under the cosine kernel, and the size of the bin."""
    bins, data = run.bins, run.dataset
    rows = np.flatnonzero(bins.bin_of == number)
    row = int(rows[np.argmin(bins.rank[rows])])
    pooled = run.settings.pool == "all"
    group = "the whole set" if pooled else f"class {escape(shorten(data.class_names[data.labels[row]], MAX_NAME))}"
    text = (
        f"The first image of bin {number} from {group} is {code(data.ids[row])}. The greedy took it at position "
        f"{bins.rank[row] + 1:,} with a gain of {bins.gain[row]:.4g}. "
    )
    if run.settings.kernel == "cosine":
        remaining = np.flatnonzero((bins.bin_of >= number) & (pooled | (data.labels == data.labels[row])))
        inner = _inner_with_sum(run.embeddings.vectors, remaining, row)
        gain = rf"\frac{{{len(remaining)}}}{{2}} - 0 + \frac{{{inner:.4f}}}{{2}} = {len(remaining) / 2 + inner / 2:.4f}"
        text += f"When the bin began, $|P| = {len(remaining):,}$ images were left and $S$ was empty:"
        text += f"\n\n{displayed(gain)}\n\n"
    return text + f"The bin has $N({number}) = {bins.capacity[number]:,}$ of $M = {len(data):,}$ images."


def _inner_with_sum(vectors: Floats, rows: Ints, row: int) -> float:
    """Return <u, T>: the inner product of one row's unit vector and the sum of the unit vectors of `rows`."""
    unit, inner = unit_rows(vectors[[row]])[0], 0.0
    for start in range(0, len(rows), BLOCK):
        inner += float((unit_rows(vectors[rows[start : start + BLOCK]]) @ unit).sum())
    return inner


def representativeness(run: Run, number: int) -> str:
    """Return Rep of the bin as a mean over its images, with its 95% interval."""
    scores, count = run.scores, int(run.bins.capacity[number])
    low, high = scores.representativeness_interval[number]
    value = scores.representativeness[number]
    values = run.representativeness.values if run.uses("representativeness") else run.texture.values
    total = float(values[run.bins.bin_of == number].sum())
    return (
        rf"$\displaystyle \mathrm{{Rep}}_{{{number}}} = \frac{{1}}{{N({number})}}"
        rf"\sum_{{x \in S_{{{number}}}}} \mathrm{{Rep}}(x) = \frac{{{total:.4f}}}{{{count}}} = {value:.5f}$"
        f"\n\n95% interval: {low:.5f} to {high:.5f}. Measure: *{scores.representativeness_name}*."
    )


def diversity(run: Run, number: int) -> str:
    """Return Div of the bin, and the mean cosine of different vectors that follows from it."""
    scores = run.scores
    value, cosine = float(scores.diversity[number]), float(scores.mean_cosine[number])
    if scores.diversity_name == "vendi":
        return (
            rf"$\displaystyle \mathrm{{Div}}_{{{number}}} = e^{{H}} = {value:.4f}, \qquad H = {math.log(value):.4f}$"
            f"\n\nMean cosine of different vectors: {cosine:.5f}."
        )
    text = (
        rf"$\displaystyle \mathrm{{Div}}_{{{number}}} = \frac{{1}}{{|\bar u|^2}}"
        rf" = \frac{{1}}{{{1 / value:.6f}}} = {value:.5f}$"
        f"\n\nMeasure: *{scores.diversity_name}*."
    )
    if not run.ready("views") and run.uses("views"):
        return text
    per_image = len(run.views.vectors) if run.uses("views") else 1
    size, measured = int(run.bins.capacity[number]), int(scores.diversity_images[number])
    vectors = per_image * size
    if measured < size:
        text += rf" $|\bar u|^2$ of all {size:,} images of the bin is estimated from {measured:,} of them."
    return text + (
        f" The bin has {vectors:,} vectors ({per_image} per image), so the mean cosine of different vectors is"
        rf" $\displaystyle \frac{{{vectors} \cdot {1 / value:.6f} - 1}}{{{vectors} - 1}} = {cosine:.5f}$"
    )


def importance(run: Run, number: int) -> str:
    """Return IS of the bin as the sum of the normalised Rep and the normalised Div."""
    scores = run.scores
    normalise = NORMALISED[scores.normalisation]
    rep = normalise(scores.representativeness, scores.representativeness_norm, number)
    div = normalise(scores.diversity, scores.diversity_norm, number)
    total = scores.importance[number]
    return displayed(
        rf"\widehat{{\mathrm{{Rep}}}}_{{{number}}} = {rep}",
        rf"\widehat{{\mathrm{{Div}}}}_{{{number}}} = {div}",
        rf"I_{{{number}}} = {scores.representativeness_norm[number]:.4f} + {scores.diversity_norm[number]:.4f}"
        rf" = {total:.4f}",
    )


def draw_order(run: Run, number: int) -> str:
    """Return the first images of the bin's draw order, as far as the quota selects them."""
    quota, data = int(run.quotas.quota[number]), run.dataset
    rows = rows_of_bin(run.bins.bin_of, run.draw_order.draw_position, number)
    if not quota:
        return f"The quota of bin {number} is 0. The first image of its draw order is {code(data.ids[rows[0]])}."
    first = ", ".join(code(data.ids[row]) for row in rows[:quota][:5].tolist())
    n_classes, all_classes = (len(np.unique(data.labels[part])) for part in (rows[:quota], rows))
    more = f" and {quota - 5:,} more" if quota > 5 else ""
    return (
        f"Bin {number} gives the first {quota:,} of its {len(rows):,} images in the draw order "
        f"*{run.settings.draw_order}*: {first}{more}. They belong to {n_classes:,} of the {all_classes:,} classes in "
        "the bin."
    )


def _by_minmax(raw: Floats, norm: Floats, number: int) -> str:
    low, high = float(raw.min()), float(raw.max())
    if not high > low:
        return "0"
    return (
        rf"\frac{{{raw[number]:.5f} - {low:.5f}}}{{{high:.5f} - {low:.5f}}} = {norm[number]:.4f}"
        if math.isfinite(high)
        else f"{norm[number]:.4f}"
    )


def _by_sum(raw: Floats, norm: Floats, number: int) -> str:
    return rf"\frac{{{raw[number]:.5f}}}{{{raw.sum():.5f}}} = {norm[number]:.4f}" if np.ptp(raw) else "0"


def _by_rank(raw: Floats, norm: Floats, number: int) -> str:
    smaller, m = int((raw < raw[number]).sum()), len(raw)
    equal = int((raw == raw[number]).sum()) - 1
    if not np.ptp(raw):
        return "0"
    return rf"\frac{{{smaller + equal / 2:g}}}{{{m} - 1}} = {norm[number]:.4f}"


def _unchanged(raw: Floats, norm: Floats, number: int) -> str:
    return f"{norm[number]:.4f}"


NORMALISED: dict[str, Callable[[Floats, Floats, int], str]] = {
    "minmax": _by_minmax,
    "sum": _by_sum,
    "rank": _by_rank,
    "none": _unchanged,
}


def patches(run: Run, number: int) -> str:
    """Return the number of kept patches per image, and the share of the bin's pixels that is kept."""
    settings, quota = run.settings, int(run.quotas.quota[number])
    total = (settings.patch_image_size // settings.patch_size) ** 2
    kept, ratio = n_kept_patches(total, settings.patch_keep_ratio), settings.patch_keep_ratio
    size = int(run.bins.capacity[number])
    return displayed(
        rf"L = \left(\frac{{{settings.patch_image_size}}}{{{settings.patch_size}}}\right)^2 = {total}",
        rf"\max(1, \lfloor {total} \cdot {ratio:g} + \tfrac12 \rfloor) = {kept}",
        rf"\text{{share of the bin's pixels:}} \quad \frac{{{quota}}}{{{size}}} \cdot \frac{{{kept}}}{{{total}}} = "
        rf"{100 * quota / size * kept / total:.2f}\,\%",
    )


FORMULAS: dict[str, Callable[[Run, int], str]] = {  # first words of a heading of docs/method.md
    "Bins": bins,
    "Representativeness": representativeness,
    "Diversity": diversity,
    "Importance": importance,
    "Quotas": worked_quota,
    "Which images": draw_order,
    "Patches": patches,
}


def worked_formula(heading: str, run: Run, number: int) -> str | None:
    """Return the formulas under this heading with the numbers of one bin, or None if the section has no formula."""
    formula = next((formula for name, formula in FORMULAS.items() if heading.startswith(name)), None)
    return formula(run, number) if formula is not None else None
