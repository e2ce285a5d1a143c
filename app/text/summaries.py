"""One-sentence summaries of results. Functions take records and return Markdown."""

from __future__ import annotations

import numpy as np

from adq_core.data import ImageDataset
from adq_core.patches import NetworkScores
from adq_core.projection import EXACT_KNN_MAX, RECALL_SAMPLE
from adq_core.records import Bins, BinScores, Floats, ImageScores, Ints, Projection, Quotas, Texture

from .format import class_label, enumerate_first, percent
from .markdown import escape
from .setting_names import LABELS

MAX_COLOURED_BY_RECALL = 5_000  # images up to which the map is coloured by its quality; takes about a second


def relative_range(values: Floats) -> float:
    """Return (max - min) / |mean|, the range as a share of the mean; 0 if the mean is 0."""
    mean = abs(float(np.mean(values)))
    return float(np.ptp(values)) / mean if mean > 0 else 0.0


def measure_of(scores: Texture | ImageScores) -> str:
    """Return the name of the measure of every image, as the settings spell it."""
    return scores.name if isinstance(scores, ImageScores) else "texture"


def measure_name(scores: Texture | ImageScores) -> str:
    """Return the name of the measure of every image, as the pages show it."""
    return MEASURES[measure_of(scores)][0]


def spread_within(bins: Bins, scores: Texture | ImageScores) -> float:
    """Return the mean over all bins of standard deviation / mean of the measure inside a bin."""
    parts = [scores.values[bins.bin_of == number] for number in range(bins.n_bins)]
    shares = [float(part.std() / part.mean()) for part in parts if part.size and part.mean() > 0]
    return float(np.mean(shares)) if shares else 0.0


def texture_by_bin(bins: Bins, scores: Texture | ImageScores) -> str:
    """Return how much texture, or the measure that replaces it, differs between bins and inside a bin."""
    means = np.bincount(bins.bin_of, weights=scores.values, minlength=bins.n_bins) / np.maximum(bins.capacity, 1)
    between = relative_range(means[bins.capacity > 0])
    within, name = spread_within(bins, scores), measure_name(scores)
    if bins.n_bins == 1:
        return f"There is only one bin. Inside it, {name} varies by {percent(within)} (standard deviation / mean)."
    sentence = (
        f"The mean {name} of the bins differs by {percent(between)} (range / mean). "
        f"Inside a bin, {name} varies by {percent(within)} (standard deviation / mean)"
    )
    if between < within / 2:
        return sentence + ": the difference between bins is small compared with the spread inside a bin."
    return sentence + "."


def texture_by_class(dataset: ImageDataset, scores: Texture | ImageScores) -> str:
    """Return the classes with the lowest and the highest mean texture, or of the measure that replaces it."""
    if dataset.n_classes < 2:
        return "There is only one class, so classes cannot be compared."
    counts = dataset.class_counts
    means = np.bincount(dataset.labels, weights=scores.values, minlength=dataset.n_classes) / np.maximum(counts, 1)
    means = np.where(counts > 0, means, np.nan)
    low, high = int(np.nanargmin(means)), int(np.nanargmax(means))
    lowest, highest = (escape(class_label(dataset.class_names[number])) for number in (low, high))
    sentence = (
        f"The mean {measure_name(scores)} of a class ranges from {means[low]:.3f} ({lowest}) to {means[high]:.3f} "
        f"({highest})"
    )
    return f"{sentence}, {means[high] / means[low]:.1f} times as much." if means[low] > 0 else f"{sentence}."


def amplification(scores: BinScores) -> list[str]:
    """Return one sentence each for Rep and Div: its range between bins before and after normalisation."""
    sentences = []
    for name, raw, norm in (
        ("Rep", scores.representativeness, scores.representativeness_norm),
        ("Div", scores.diversity, scores.diversity_norm),
    ):
        if np.ptp(raw) == 0:
            sentences.append(f"{name} is the same in every bin, so it does not distinguish the bins.")
        else:
            sentences.append(
                f"{name} differs by {percent(relative_range(raw))} between bins (range / mean); after normalisation "
                f"by {scores.normalisation} it ranges from {norm.min():.2g} to {norm.max():.2g}."
            )
    return sentences


def diversity_sample(scores: BinScores, capacity: Ints) -> str:
    """Return on how many images Div is measured, and how to use all; empty if all images are used."""
    measured = scores.diversity_images
    if (measured == capacity).all():
        return ""
    return (
        f"Div is estimated from {measured.sum():,} of the {capacity.sum():,} images: {measured.max():,} images of each "
        "larger bin, drawn at random in proportion to its classes. To measure all images, set "
        f"*{LABELS['diversity_images']}* to 0 in the sidebar, under Scores."
    )


def departure_of_diversity(scores: BinScores) -> str:
    """Return how the measure of Div departs from the paper; empty if the paper does the same."""
    return DIV_DEPARTURES.get(scores.diversity_name, "")


def overlapping_intervals(scores: BinScores) -> str:
    """Return for how many pairs of bins the intervals of Rep and of Div overlap; empty if there are no pairs.

    Bins without an interval count as overlapping with every bin: how far chance moves them is unknown.
    """
    m = len(scores.importance)
    pairs = m * (m - 1) // 2
    if not pairs:
        return ""
    counts = []
    for interval in (scores.representativeness_interval, scores.diversity_interval):
        apart = interval[:, None, 0] > interval[None, :, 1]  # False where an end is unknown
        counts.append(pairs - int(apart.sum()))
    return (
        f"The 95% intervals overlap, or are unknown, for {counts[0]:,} of {pairs:,} pairs of bins in Rep and for "
        f"{counts[1]:,} in Div: between such bins, a difference in IS may be noise."
    )


def unbounded_intervals(scores: BinScores) -> str:
    """Return of how many bins the interval of Div has no upper end; empty if all intervals have one."""
    count = int(np.isinf(scores.diversity_interval[:, 1]).sum())
    if not count:
        return ""
    bins = "1 bin" if count == 1 else f"{count:,} bins"
    return (
        f"The 95% interval of Div has no upper end in {bins}: the mean cosine there may be zero, and Div is 1 / mean "
        "cosine. The chart shows only the lower end of these intervals."
    )


def compare_quotas(quotas: Quotas, other: Quotas) -> str:
    """Return which bins give more images and which give fewer than under another quota rule."""
    difference = quotas.quota - other.quota
    if not difference.any():
        if other.rule == "uniform":
            return "Every bin gives the same share of its images, as under the uniform rule."
        return f"The rule {other.rule} gives the same quotas."
    more = [f"bin {n} (+{difference[n]})" for n in np.argsort(-difference, kind="stable") if difference[n] > 0]
    fewer = [f"bin {n} (−{-difference[n]})" for n in np.argsort(difference, kind="stable") if difference[n] < 0]
    changed = max(int(difference[difference > 0].sum()), int(-difference[difference < 0].sum()))
    images = "image differs" if changed == 1 else "images differ"
    where = ", ".join(
        f"{word} from {enumerate_first(bins, 3)}" for word, bins in (("more", more), ("fewer", fewer)) if bins
    )
    sentence = f"Compared with the {other.rule} rule, {changed:,} {images}: {where}."
    total = int(other.quota.sum())
    return sentence if total == quotas.quota.sum() else f"{sentence} That rule selects {total:,} images in total."


def map_quality(projection: Projection, recall: float, n_images: int) -> str:
    """Return how well the map preserves neighbours. `recall` is the mean share of the ten nearest that are preserved.

    The value says nothing about large distances: a map can preserve neighbours and still place groups anywhere.
    """
    chance = min(1.0, 10 / max(1, n_images - 1))
    sampled = "" if n_images <= EXACT_KNN_MAX else f" (estimated from {RECALL_SAMPLE:,} images)"
    advice = next(advice for least, advice in MAP_ADVICE if recall >= least)
    sentence = (
        f"Projection: **{projection.method.upper()}**. On average, {recall:.0%} of the ten nearest neighbours of an "
        f"image in the embedding are also among its ten nearest on the map{sampled}; a random map would reach "
        f"{percent(chance)}. {advice}"
    )
    where = " Colour the points by *Neighbours preserved* to see where." if n_images <= MAX_COLOURED_BY_RECALL else ""
    return " ".join(part for part in (sentence + where, escape(projection.note)) if part)


def best_inpainter(psnr: dict[str, float], fill: str) -> str:
    """Return the best inpainting method on the images shown, as a sentence that ends in a space; psnr: method -> dB."""
    if not np.isfinite(list(psnr.values())).all():
        return ""
    best = max(psnr, key=lambda name: psnr[name])
    if best == fill:
        return (
            "On these images **no network is better than the smooth fill**; this is usual for flat patches, where a "
            "network adds noise. "
        )
    return f"On these images **{escape(best)}** is best, {psnr[best] - psnr[fill]:.1f} dB above the smooth fill. "


def compare_networks(scores: NetworkScores) -> str:
    """Return which bundled network is better, and how far both are above the best fill without a network."""
    lead = scores.unet - scores.mae
    better, worse = ("unet", "mae") if lead.mean() >= 0 else ("mae", "unet")
    low, high = sorted(abs(value) for value in (lead.min(), lead.max()))
    ways = f"in all {len(lead)} ways of dropping patches" if (lead > 0).all() or (lead < 0).all() else "on average"
    least = min((scores.unet - scores.fill).min(), (scores.mae - scores.fill).min())
    both = f"; both are at least {least:.2f} dB better than the best fill without a network" if least > 0 else ""
    return (
        f"On {scores.n_images:,} test images of CIFAR-10 (see the model cards), **{better}** is better than "
        f"**{worse}** {ways}, by {low:.2f} to {high:.2f} dB{both}."
    )


MEASURES = {  # measure of an image: its name on the pages, its description
    "texture": ("texture", "Mean gradient of the grey image."),
    "centre-closeness": ("closeness to the bin's centre", "Cosine to the mean vector of the bin."),
    "compressibility": ("compressed size", "Bits per pixel as lossless WebP."),
}
MAP_ADVICE = (  # least share of neighbours preserved, how to read such a map
    (0.6, "Nearby points are similar images."),
    (0.25, "Interpret regions of the map, not single points."),
    (0.0, "Do not interpret distances on this map."),
)
REP_NOTES = {  # how Rep misleads
    "texture": "Texture is half the sum of the absolute Sobel gradients of the grey image. It differs far more between "
    "classes and between single images than between bins.",
    "centre-closeness": "It is the cosine between a vector and the mean unit vector of its bin. It is high for typical "
    "images and low for unusual ones, the opposite of diversity, so Rep and Div may cancel out in the sum.",
    "compressibility": "Noise needs the most bits, and in small images the header of the file counts as well.",
}
DIV_NOTES = {  # definition of Div
    "contrastive": "1 / mean cosine of all pairs of augmented images of a bin, encoded with a trained head",
    "published": "1 / mean cosine of all pairs of augmented images of a bin, encoded with an untrained head",
    "random-backbone": "1 / mean cosine of all pairs of augmented images of a bin, encoded with a random network",
    "vectors": "1 / mean cosine of all pairs of vectors in a bin",
    "vendi": "the Vendi score, the effective number of different vectors in a bin",
}
DIV_DEPARTURES = {  # measure: how it departs from the paper
    "vendi": "Div is the Vendi score of the embeddings, the default here. The paper trains a contrastive network "
    "instead. Its published form, 1 / mean cosine, orders the bins differently with every seed on the default "
    "embedding; to compute it, set *Diversity* to contrastive in the sidebar, under Scores.",
    "vectors": "Div is computed from the embeddings themselves. The paper trains a contrastive network instead.",
    "contrastive": "Div follows the paper: a contrastive head is trained. With most embeddings another seed orders the "
    "bins differently, and the intervals do not show this: compare several seeds, or use vendi.",
}
