"""The formulas of docs/method.md filled in with one run's numbers: a bin to check by hand. No Streamlit in here."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adq_core import Run
from adq_core.patches import n_kept_patches
from adq_core.quotas import target_size_of
from adq_core.records import Floats, Ints
from adq_core.scores import unit_rows

BLOCK = 4096  # rows that are looked at together
DOCUMENT = Path(__file__).parents[2] / "docs" / "method.md"


class Section(NamedTuple):
    """A part of the document: its heading, what comes before its notes (the table of formulas), its notes."""

    heading: str
    formulas: str
    notes: str


def sections(text: str) -> tuple[str, list[Section]]:
    """Return the document's opening without its title, and its sections; stars after numbers are kept as stars.

    A star marks a number as ours, and between signs of punctuation Markdown would take two of them for emphasis.
    """
    opening, *parts = re.split(r"^## ", _stars_kept(text), flags=re.MULTILINE)
    found = []
    for part in parts:
        heading, body = part.split("\n", 1)
        formulas, bullet, notes = body.partition("\n- ")
        found.append(Section(heading.strip(), formulas.strip(), f"- {notes}".strip() if bullet else ""))
    return re.sub(r"^# .*\n", "", opening).strip(), found


def _stars_kept(text: str) -> str:
    return re.sub(r"(?<=[\w%])\*(?=[\s.,;:)]|$)", r"\\*", text, flags=re.MULTILINE)


def _shown(*formulas: str) -> str:
    """Return formulas, each a paragraph of its own, at full height but in the line's flow, so that they wrap."""
    return "\n\n".join(rf"$\displaystyle {formula}$" for formula in formulas)


def bins(run: Run, number: int) -> str:
    """Return the gain of the first pick of a pool in the bin, under the cosine added up anew, and the bin's size."""
    made, data = run.bins, run.dataset
    rows = np.flatnonzero(made.bin_of == number)
    row = int(rows[np.argmin(made.rank[rows])])
    pooled = run.settings.pool == "all"
    whose = "the set" if pooled else f"class {data.class_names[data.labels[row]]}"
    told = (
        f"The first image that went to bin {number} from {whose} was pick {made.rank[row] + 1:,}, `{data.ids[row]}`, "
        f"at a gain of {made.gain[row]:.4g}. "
    )
    if run.settings.kernel == "cosine":
        left = np.flatnonzero((made.bin_of >= number) & (pooled | (data.labels == data.labels[row])))
        inner = _inner_with_sum(run.embeddings.vectors, left, row)
        gain = rf"\frac{{{len(left)}}}{{2}} - 0 + \frac{{{inner:.4f}}}{{2}} = {len(left) / 2 + inner / 2:.4f}"
        told += f"The bin began with $|P| = {len(left):,}$ images and no picks:\n\n{_shown(gain)}\n\n"
    return told + f"The bin has $N({number}) = {made.capacity[number]:,}$ of $M = {len(data):,}$ images."


def _inner_with_sum(vectors: Floats, rows: Ints, row: int) -> float:
    """Return <u, T>: a row's unit vector with the sum of all these rows' unit vectors, block by block."""
    one, inner = unit_rows(vectors[[row]])[0], 0.0
    for start in range(0, len(rows), BLOCK):
        inner += float((unit_rows(vectors[rows[start : start + BLOCK]]) @ one).sum())
    return inner


def representativeness(run: Run, number: int) -> str:
    """Return Rep of the bin as the mean that it is, with its interval."""
    made, count = run.scores, int(run.bins.capacity[number])
    low, high = made.representativeness_interval[number]
    value = made.representativeness[number]
    values = run.representativeness.values if run.uses("representativeness") else run.texture.values
    total = float(values[run.bins.bin_of == number].sum())
    return (
        rf"$\displaystyle \mathrm{{Rep}}_{{{number}}} = \frac{{1}}{{N({number})}}"
        rf"\sum_{{x \in S_{{{number}}}}} \mathrm{{Rep}}(x) = \frac{{{total:.4f}}}{{{count}}} = {value:.5f}$"
        f"\n\n95% interval {low:.5f} to {high:.5f}, measured by *{made.representativeness_name}*."
    )


def diversity(run: Run, number: int) -> str:
    """Return Div of the bin, and the mean cosine that follows from it."""
    made = run.scores
    value, cosine = float(made.diversity[number]), float(made.mean_cosine[number])
    if made.diversity_name == "vendi":
        return (
            rf"$\displaystyle \mathrm{{Div}}_{{{number}}} = e^{{H}} = {value:.4f}, \qquad H = {math.log(value):.4f}$"
            f"\n\nMean cosine of different vectors: {cosine:.5f}."
        )
    told = (
        rf"$\displaystyle \mathrm{{Div}}_{{{number}}} = \frac{{1}}{{|\bar u|^2}}"
        rf" = \frac{{1}}{{{1 / value:.6f}}} = {value:.5f}$"
        f"\n\nMeasured by *{made.diversity_name}*."
    )
    if not run.ready("views") and run.uses("views"):
        return told
    views = len(run.views.vectors) if run.uses("views") else 1
    vectors = views * int(run.bins.capacity[number])
    return told + (
        f" The bin has {vectors:,} vectors, {views} for each image, so the mean cosine of different ones is"
        rf" $\displaystyle \frac{{{vectors} \cdot {1 / value:.6f} - 1}}{{{vectors} - 1}} = {cosine:.5f}$"
    )


def importance(run: Run, number: int) -> str:
    """Return IS of the bin as the sum of both scores, each normalised with this run's numbers."""
    made = run.scores
    how = NORMALISED[made.normalisation]
    rep = how(made.representativeness, made.representativeness_norm, number)
    div = how(made.diversity, made.diversity_norm, number)
    total = made.importance[number]
    return _shown(
        rf"\widehat{{\mathrm{{Rep}}}}_{{{number}}} = {rep}",
        rf"\widehat{{\mathrm{{Div}}}}_{{{number}}} = {div}",
        rf"I_{{{number}}} = {made.representativeness_norm[number]:.4f} + {made.diversity_norm[number]:.4f}"
        rf" = {total:.4f}",
    )


def quotas(run: Run, number: int) -> str:
    """Return the line of the run's quota rule, filled in for the bin."""
    return RULES[run.settings.rule](run, number)


def _share(run: Run, number: int, alpha: float) -> tuple[str, float]:
    """Return r_n of the bin as a formula with numbers, importance scaled to sum to 1."""
    made, s = run.quotas, run.scores.importance
    capacity, images = int(made.capacity[number]), int(made.capacity.sum())
    r = alpha * made.importance_share[number] + (1 - alpha) * capacity / images
    of_all = rf"\frac{{{s[number]:.4f}}}{{{s.sum():.4f}}}" if s.sum() > 0 else rf"\frac{{{capacity}}}{{{images}}}"
    return (
        rf"r_{{{number}}} = {alpha:g} \cdot {of_all} + {1 - alpha:.4g} \cdot \frac{{{capacity}}}{{{images}}} = {r:.5f}",
        float(r),
    )


def _budget(run: Run, number: int) -> str:
    made = run.quotas
    uniform = made.rule == "uniform"
    formula, _ = _share(run, number, 0.0 if uniform else made.alpha)
    total = target_size_of(made.rule, made.keep_ratio, int(made.capacity.sum()))
    return _shown(
        formula,
        rf"t_{{{number}}} = \mathrm{{round}}({made.keep_ratio:g} \cdot {int(made.capacity.sum())}) \cdot "
        rf"r_{{{number}}} = {total} \cdot {made.r[number]:.5f} = {made.target[number]:.3f}",
    ) + _made_whole(run, number, made.r)


def _ratio_of_the_paper(run: Run, number: int) -> str:
    """Return the paper's r_n of the bin as a formula with numbers, importance unscaled."""
    made = run.quotas
    return (
        rf"r_{{{number}}} = {made.alpha:g} \cdot {run.scores.importance[number]:.4f} + {1 - made.alpha:.4g} \cdot "
        rf"\frac{{{made.capacity[number]}}}{{{made.capacity.sum()}}} = {made.r[number]:.5f}"
    )


def _paper(run: Run, number: int) -> str:
    made, capacity = run.quotas, int(run.quotas.capacity[number])
    return _shown(
        _ratio_of_the_paper(run, number),
        rf"q_{{{number}}} = \min(\lfloor {made.r[number]:.5f} \cdot {capacity} \rfloor, {capacity})"
        rf" = {made.quota[number]}",
    )


def _paper_scaled(run: Run, number: int) -> str:
    made = run.quotas
    weight = made.r * made.capacity
    total = target_size_of(made.rule, made.keep_ratio, int(made.capacity.sum()))
    return _shown(
        _ratio_of_the_paper(run, number),
        rf"t_{{{number}}} = {total} \cdot \frac{{{made.r[number]:.5f} \cdot {made.capacity[number]}}}"
        rf"{{{weight.sum():.4f}}} = {made.target[number]:.3f}",
    ) + _made_whole(run, number, weight)


def _published(run: Run, number: int) -> str:
    made, s = run.quotas, run.scores.importance
    weight, total = s * made.capacity, target_size_of(made.rule, made.keep_ratio, int(made.capacity.sum()))
    return _shown(
        rf"w_{{{number}}} = {made.capacity[number]} \cdot {s[number]:.4f} = {weight[number]:.4f}",
        rf"q_{{{number}}} = \mathrm{{round}}\left(\frac{{{weight[number]:.4f}}}{{{weight.sum():.4f}}} \cdot {total}"
        rf"\right) = \mathrm{{round}}({made.target[number]:.3f}) = {made.quota[number]}",
    )


def _made_whole(run: Run, number: int, weight: Floats) -> str:
    """Return how Webster's method makes the target whole: what the bin's last seat was worth, and the next would be."""
    made = run.quotas
    quota, capacity = int(made.quota[number]), int(made.capacity[number])
    told = ""
    if made.capped[number] > 0:
        told += f"It is capped at the {capacity:,} images of the bin; {made.capped[number]:.2f} go to bins with room. "
    elif made.moved[number] > 0:
        told += f"{made.moved[number]:.2f} came here from bins that are full. "
    given = np.flatnonzero(made.quota > 0)
    last = float((weight[given] / (2 * made.quota[given] - 1)).min())
    told += (
        rf"Seats go one by one to the largest $w/(2q + 1)$, here $w = {weight[number]:.5g}$; the last one of all was "
        f"worth {last:.5g}. "
    )
    if quota:
        told += rf"This bin's last one was worth $w/{2 * quota - 1} = {weight[number] / (2 * quota - 1):.5g}$"
        told += ", and " if quota < capacity else ", and the bin is full"
    if quota < capacity:
        told += rf"its next would be worth $w/{2 * quota + 1} = {weight[number] / (2 * quota + 1):.5g}$"
    return "\n\n" + told + rf": $q_{{{number}}} = {quota}$."


def draw_order(run: Run, number: int) -> str:
    """Return the first images of the bin's draw order, as far as the quota takes them."""
    quota, data = int(run.quotas.quota[number]), run.dataset
    rows = np.flatnonzero(run.bins.bin_of == number)
    rows = rows[np.argsort(run.draw_order.draw_position[rows], kind="stable")]
    first = ", ".join(f"`{data.ids[row]}`" for row in rows[:quota][:5].tolist())
    classes = len(np.unique(data.labels[rows[:quota]]))
    if not quota:
        return f"Bin {number} gives no image at all; the first in its order would be `{data.ids[rows[0]]}`."
    more = f" and {quota - 5:,} more" if quota > 5 else ""
    return (
        f"Bin {number} gives the first {quota:,} of its {len(rows):,} images in the order *{run.settings.draw_order}*: "
        f"{first}{more}. They are of {classes:,} of the {len(np.unique(data.labels[rows])):,} classes in the bin."
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
    below, m = int((raw < raw[number]).sum()), len(raw)
    equal = int((raw == raw[number]).sum()) - 1
    if not np.ptp(raw):
        return "0"
    return rf"\frac{{{below + equal / 2:g}}}{{{m} - 1}} = {norm[number]:.4f}"


def _as_it_is(raw: Floats, norm: Floats, number: int) -> str:
    return f"{norm[number]:.4f}"


NORMALISED: dict[str, Callable[[Floats, Floats, int], str]] = {
    "minmax": _by_minmax,
    "sum": _by_sum,
    "rank": _by_rank,
    "none": _as_it_is,
}
RULES: dict[str, Callable[[Run, int], str]] = {
    "budget": _budget,
    "uniform": _budget,
    "paper": _paper,
    "paper-scaled": _paper_scaled,
    "published-code": _published,
}


def patches(run: Run, number: int) -> str:
    """Return how many patches of an image are kept, and what that makes of the bin's pixels."""
    made, quota = run.settings, int(run.quotas.quota[number])
    total = (made.patch_image_size // made.patch_size) ** 2
    kept, ratio = n_kept_patches(total, made.patch_keep_ratio), made.patch_keep_ratio
    size = int(run.bins.capacity[number])
    return _shown(
        rf"L = \left(\frac{{{made.patch_image_size}}}{{{made.patch_size}}}\right)^2 = {total}",
        rf"\max(1, \lfloor {total} \cdot {ratio:g} + \tfrac12 \rfloor) = {kept}",
        rf"\text{{of the bin's pixels}} \quad \frac{{{quota}}}{{{size}}} \cdot \frac{{{kept}}}{{{total}}} = "
        rf"{100 * quota / size * kept / total:.2f}\,\%",
    )


FILLED: dict[str, Callable[[Run, int], str]] = {  # first words of a heading: what stands beside its formulas
    "Bins": bins,
    "Representativeness": representativeness,
    "Diversity": diversity,
    "Importance": importance,
    "Quotas": quotas,
    "Which images": draw_order,
    "Patches": patches,
}


def filled(heading: str, run: Run, number: int) -> str | None:
    """Return the formulas under this heading filled in for one bin, or None where there are none."""
    found = next((fill for name, fill in FILLED.items() if heading.startswith(name)), None)
    return found(run, number) if found is not None else None
