"""Coverage: how far is an image from the nearest selected one, compared with random subsets?"""

from __future__ import annotations

import numpy as np

from adq_core.linalg import first_of_each_group, unit_rows
from adq_core.records import Floats, Ints

from .subject import Subject
from .verdict import Verdict

N_RANDOM = 50  # random subsets of the same size and class balance
MAX_IMAGES = 10_000  # whose distances are computed; a larger set is sampled
MAX_SELECTED = 2_000  # selected images in the comparison of a sampled set
ENERGY_IMAGES = 1_500
BLOCK = 2048


def check_coverage(subject: Subject) -> list[Verdict]:
    """Return verdicts on the mean, 95th percentile and largest distance, and on the energy distance.

    Distances are Euclidean between unit vectors. Each number stands beside the same number of 50 random subsets with
    the same images per class. Sets of more than 10,000 images are compared on a seeded sample, and the sentence says
    so. How it misleads: coverage of the embedding is not accuracy; a subset of outliers covers well and teaches badly.
    """
    rows, chosen = _sample(subject)
    unit = unit_rows(subject.vectors[rows], np.float32)
    labels = subject.labels[rows]
    rng = np.random.default_rng(subject.seed)
    own = _numbers(unit, chosen, rng)
    random = []
    for number in range(N_RANDOM):
        subject.progress(number, N_RANDOM, "coverage of random subsets")
        random.append(_numbers(unit, _like(chosen, labels, rng), rng))
    subject.progress(N_RANDOM, N_RANDOM, "coverage of random subsets")
    note = "" if len(rows) == len(subject.dataset) else f" On a sample of {len(rows):,} images."
    return [_verdict(name, own[name], np.array([one[name] for one in random]), note) for name in NAMES]


NAMES = {
    "mean_distance": "The mean distance to the nearest selected image",
    "distance_95": "The distance that 95 % of the images do not exceed",
    "largest_distance": "The largest distance to a selected image",
    "energy_distance": "The energy distance between subset and set",
}


def _sample(subject: Subject) -> tuple[Ints, Ints]:
    """Return the rows to compare and the positions of the selected ones among them."""
    m = len(subject.dataset)
    rng = np.random.default_rng(subject.seed)
    if m <= MAX_IMAGES:
        return np.arange(m), np.flatnonzero(subject.selected)
    selected = np.flatnonzero(subject.selected)
    others = np.flatnonzero(~subject.selected)
    share = min(MAX_IMAGES / m, MAX_SELECTED / max(1, len(selected)))
    rows = np.sort(
        np.concatenate(
            [rng.permutation(part)[: max(1, round(share * len(part)))] for part in (selected, others) if len(part)]
        )
    )
    return rows, np.flatnonzero(subject.selected[rows])


def _like(chosen: Ints, labels: Ints, rng: np.random.Generator) -> Ints:
    """Return a random subset with as many images of each class as `chosen`."""
    wanted = np.bincount(labels[chosen], minlength=int(labels.max()) + 1)
    return np.sort(first_of_each_group(rng.permutation(len(labels)), labels, wanted))


def _numbers(unit: Floats, chosen: Ints, rng: np.random.Generator) -> dict[str, float]:
    nearest = nearest_distances(unit, unit[chosen])
    return {
        "mean_distance": float(nearest.mean()),
        "distance_95": float(np.quantile(nearest, 0.95)),
        "largest_distance": float(nearest.max()),
        "energy_distance": energy_distance(_some(unit[chosen], rng), _some(unit, rng)),
    }


def _some(unit: Floats, rng: np.random.Generator) -> Floats:
    return unit if len(unit) <= ENERGY_IMAGES else unit[rng.permutation(len(unit))[:ENERGY_IMAGES]]


def nearest_distances(unit: Floats, chosen: Floats) -> Floats:
    """Return the Euclidean distance of each unit row (M, d) to the nearest row of `chosen` (n, d), (M,) float32."""
    best = np.empty(len(unit), np.float32)
    for start in range(0, len(unit), BLOCK):
        part = slice(start, start + BLOCK)
        best[part] = (unit[part] @ chosen.T).max(axis=1)
    return np.sqrt(np.maximum(2 - 2 * best, 0))


def energy_distance(x: Floats, y: Floats) -> float:
    """Return 2 E|X - Y| - E|X - X'| - E|Y - Y'| for unit rows; 0 if both have the same distribution.

    Reference: Szekely and Rizzo 2013, "Energy statistics".
    """
    between, within_x, within_y = (_mean_distance(a, b) for a, b in ((x, y), (x, x), (y, y)))
    return 2 * between - within_x - within_y


def _mean_distance(x: Floats, y: Floats) -> float:
    return float(np.sqrt(np.maximum(2 - 2 * (x @ y.T), 0)).mean())


def _verdict(name: str, value: float, random: Floats, note: str) -> Verdict:
    """A value above all random ones is bad coverage; among random subsets that happens to 2 %."""
    percentile = 100 * float(np.mean(random < value) + np.mean(random == value) / 2)
    sentence = (
        f"{NAMES[name]} is {value:.3f}; random subsets of the same size and classes have {random.min():.3f} to "
        f"{random.max():.3f} (percentile {percentile:.0f}).{note}"
    )
    reference = f"{random.min():.3f} to {random.max():.3f}"
    if value > random.max() and value > random.mean() + 4 * random.std():
        action = "The subset leaves out parts of the set: compare with the strategies balanced and facility-location."
        return Verdict(f"coverage.{name}", "bad", value, reference, sentence, action)
    return Verdict(f"coverage.{name}", "good", value, reference, sentence)
