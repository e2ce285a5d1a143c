"""What the numbers say, in a sentence. Records in, plain text out; no Streamlit in here."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

import numpy as np

from adq_core.data import ImageDataset
from adq_core.models import weights_path
from adq_core.projection import EXACT_KNN_MAX, RECALL_SAMPLE
from adq_core.records import Bins, BinScores, Floats, ImageScores, Projection, Quotas, Texture

COLOURED = 5_000  # images up to which the map can be coloured by its honesty: a second's work
PLAIN_FILL = "mean of harmonic and biharmonic"  # the best painter without a network, in the cards


def short(name: str, most: int) -> str:
    """Return a name of at most so many characters; it loses its middle, for names often differ at their ends alone."""
    kept = most - 1
    return name if len(name) <= most else f"{name[: kept - kept // 2]}…{name[len(name) - kept // 2 :]}"


def class_word(name: str) -> str:
    """Return a class's name as it stands among other words: "class 8" where it is a number, which could be any."""
    return f"class {name}" if name.isdecimal() else name


def plain(text: str) -> str:
    """Return a text in which Markdown finds nothing to draw."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$~:-])", r"\\\1", text)


def signed(value: Any) -> str:
    """Return a difference with its sign; none is 0."""
    return f"{value:+,d}".replace("-", "−") if value else "0"


def relative_range(values: Floats) -> float:
    """Return (max - min) / |mean|: by how much values differ, as a share of their size; 0 where the mean is 0."""
    mean = abs(float(np.mean(values)))
    return float(np.ptp(values)) / mean if mean > 0 else 0.0


def measure_of(measured: Texture | ImageScores) -> str:
    """Return the name of what was measured of every image, as the settings call it."""
    return measured.name if isinstance(measured, ImageScores) else "texture"


def measure_name(measured: Texture | ImageScores) -> str:
    """Return what was measured of every image, as a person calls it."""
    return MEASURES[measure_of(measured)][0]


def spread_within(bins: Bins, texture: Texture | ImageScores) -> float:
    """Return the mean over the bins of standard deviation / mean of the measure inside a bin."""
    parts = [texture.values[bins.bin_of == number] for number in range(bins.n_bins)]
    shares = [float(part.std() / part.mean()) for part in parts if part.size and part.mean() > 0]
    return float(np.mean(shares)) if shares else 0.0


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal below 100; more where next to nothing would read 0, or 100."""
    value = round(100 * share, 6)
    if value >= 100:
        return f"{value:.0f}%"
    gap = min(abs(value), 100 - value)
    return f"{value:.{1 if gap == 0 or gap >= 0.05 else math.ceil(-math.log10(gap))}f}%"


def texture_by_bin(bins: Bins, texture: Texture | ImageScores) -> str:
    """Return how much texture, or what stands in for it, tells the bins apart, beside how it varies inside them."""
    means = np.bincount(bins.bin_of, weights=texture.values, minlength=bins.n_bins) / np.maximum(bins.capacity, 1)
    between = relative_range(means[bins.capacity > 0])
    within, name = spread_within(bins, texture), measure_name(texture)
    if bins.n_bins == 1:
        return f"With one bin there is nothing to compare; {name} varies by {percent(within)} inside it."
    sentence = (
        f"Mean {name} differs by {percent(between)} between the lowest and the highest bin, "
        f"but by {percent(within)} from image to image inside a bin"
    )
    if between < within / 2:
        return sentence + ": as a property of a bin it says little."
    return sentence + "."


def texture_by_class(dataset: ImageDataset, texture: Texture | ImageScores) -> str:
    """Return which classes have the most and the least texture, or what stands in for it."""
    if dataset.n_classes < 2:
        return "There is one class only, so all differences are between images of it."
    counts = dataset.class_counts
    means = np.bincount(dataset.labels, weights=texture.values, minlength=dataset.n_classes) / np.maximum(counts, 1)
    means = np.where(counts > 0, means, np.nan)
    low, high = int(np.nanargmin(means)), int(np.nanargmax(means))
    told = (
        f"By class it runs from {means[low]:.3f} ({class_word(dataset.class_names[low])}) to {means[high]:.3f} "
        f"({class_word(dataset.class_names[high])})"
    )
    return f"{told}, {means[high] / means[low]:.1f} times as much." if means[low] > 0 else f"{told}."


def amplification(scores: BinScores) -> list[str]:
    """Return, for Rep and Div, how a small difference between bins becomes a large one on the common scale."""
    sentences = []
    for name, raw, norm in (
        ("Rep", scores.representativeness, scores.representativeness_norm),
        ("Div", scores.diversity, scores.diversity_norm),
    ):
        if np.ptp(raw) == 0:
            sentences.append(f"{name} is the same in every bin and so says nothing.")
        else:
            sentences.append(
                f"{name} differs by {percent(relative_range(raw))} between bins; "
                f"{scores.normalisation} makes {norm.min():.2g} to {norm.max():.2g} of it."
            )
    return sentences


def against(quotas: Quotas, other: Quotas) -> str:
    """Return which bins give more and which give fewer than under another rule, the uniform one above all."""
    moved = quotas.quota - other.quota
    uniform = other.rule == "uniform"
    if not moved.any():
        same = "Every bin gives the same share of its images: this is the uniform choice."
        return same if uniform else f"The rule {other.rule} gives the very same quotas."
    more = [f"bin {n} (+{moved[n]})" for n in np.argsort(-moved, kind="stable") if moved[n] > 0]
    fewer = [f"bin {n} (−{-moved[n]})" for n in np.argsort(moved, kind="stable") if moved[n] < 0]
    total = max(int(moved[moved > 0].sum()), int(-moved[moved < 0].sum()))
    images = "image moves" if total == 1 else "images move"
    where = ", ".join(f"{word} from {_few(bins)}" for word, bins in (("more", more), ("fewer", fewer)) if bins)
    what = "the same share of every bin" if uniform else f"the rule {other.rule}"
    told = f"Against {what}, {total:,} {images}: {where}."
    kept = int(other.quota.sum())
    return told if kept == quotas.quota.sum() else f"{told} That rule keeps {kept:,} in all."


def map_honesty(projection: Projection, kept: float, n_images: int) -> str:
    """Return how far the map can be trusted: the mean share of each image's ten nearest that are near it there too."""
    chance = min(1.0, 10 / max(1, n_images - 1))
    drawn = "" if n_images <= EXACT_KNN_MAX else f" (judged on {RECALL_SAMPLE:,} images drawn by a fixed seed)"
    word = next(word for least, word in TRUST if kept >= least)
    sentence = (
        f"Drawn by **{projection.method.upper()}**: of an image's ten nearest in the embedding, {kept:.0%} are among "
        f"its ten nearest on the map{drawn}; chance would give {percent(chance)}. {word}"
    )
    where = " The colour *Neighbours kept* shows where." if n_images <= COLOURED else ""
    return " ".join(part for part in (sentence + where, projection.note) if part)


def _few(names: list[str], most: int = 3) -> str:
    shown = names[:most]
    rest = len(names) - len(shown)
    text = ", ".join(shown)
    return text + (f" and {rest} other{'s' if rest > 1 else ''}" if rest else "")


@lru_cache
def painters() -> str:
    """Return which shipped painter paints better, and how much better than the best plain fill, by their cards."""
    scores = card_scores(weights_path("unet").with_suffix(".md").read_text(encoding="utf-8"))
    return which_paints_better(scores)


def best_painter(found: dict[str, float], fill: str) -> str:
    """Return which painter is best on the images shown, in a sentence with a space behind it; found: painter -> dB."""
    if not np.isfinite(list(found.values())).all():
        return ""
    best = max(found, key=lambda name: found[name])
    if best == fill:
        return "On these images **no network paints better than the plain fill**: where all is flat, a net adds noise. "
    return f"On these images **{best}** is best, {found[best] - found[fill]:.1f} dB above the plain fill. "


def which_paints_better(scores: dict[str, list[float]]) -> str:
    """Return in words who wins among `unet`, `mae` and the plain fill; scores: painter -> dB by way of dropping."""
    unet, mae, fill = (np.asarray(scores[name]) for name in ("unet", "mae", PLAIN_FILL))
    lead = unet - mae
    better, worse = ("unet", "mae") if lead.mean() >= 0 else ("mae", "unet")
    low, high = sorted(abs(value) for value in (lead.min(), lead.max()))
    ways = f"in all {len(lead)} ways of dropping patches" if (lead > 0).all() or (lead < 0).all() else "on average"
    least = min((unet - fill).min(), (mae - fill).min())
    beaten = f", and both beat the best fill without a network by {least:.2f} dB or more" if least > 0 else ""
    return (
        f"By their cards, on 2,000 test images of CIFAR-10, **{better}** paints better than **{worse}** {ways}, by "
        f"{low:.2f} to {high:.2f} dB{beaten}."
    )


def card_scores(card: str) -> dict[str, list[float]]:
    """Return the scores in a weights card: the first table under "Scores", a name and its numbers a row."""
    _, _, scores = card.partition("## Scores")
    table = scores[scores.index("\n|") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return {name: [float(cell) for cell in cells] for name, *cells in rows}


MEASURES = {  # what may be measured of every image: its name on screen, how to read it
    "texture": ("texture", "Mean gradient of the grey image."),
    "centre-closeness": ("closeness to the bin's centre", "Cosine to the mean vector of the bin."),
    "compressibility": ("compressed size", "Bits a pixel as lossless WebP."),
}
TRUST = (  # share of neighbours kept, what to do with such a map
    (0.6, "What lies near is alike."),
    (0.25, "Trust regions, not single points."),
    (0.0, "Do not read much into what lies near what."),
)
REP_NOTES = {  # how Rep misleads
    "texture": "Texture is half the absolute Sobel gradients of the grey image, far more a property of classes and "
    "single images than of bins.",
    "centre-closeness": "It is the cosine of a vector and the mean unit vector of its bin: prototypes count, odd ones "
    "do not, which is the opposite of diversity, so that the sum of both may cancel out.",
    "compressibility": "Noise costs the most bits, and in small images a file's header counts as well.",
}
DIV_NOTES = {  # what Div is
    "contrastive": "1 / mean cosine of all pairs of random views of a bin's images under a trained head",
    "published": "1 / mean cosine of all pairs of random views of a bin's images under a head that was never trained",
    "random-backbone": "1 / mean cosine of all pairs of random views of a bin's images under a network of chance",
    "vectors": "1 / mean cosine of all pairs of vectors in a bin",
    "vendi": "the Vendi score, the effective number of different vectors in a bin",
}
